"""Tables, fees and waivers for the tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from loket.decisions import engine
from loket.decisions.definition import Fee, Table, Waiver
from loket.decisions.engine import Decisions
from loket.decisions.types import Assessment
from loket.expressions import Context

CONTEXT = Context(now=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


def text(words: str) -> dict[str, str]:
    return {"en": words}


def table(*rules: Mapping[str, Any], hit: str = "first") -> Table:
    return Table.model_validate(
        {"hit": hit, "rules": [{"because": text("Because."), **rule} for rule in rules]}
    )


def fee(name: str = "permit", amount: str = "'100'", **more: Any) -> Fee:
    return Fee.model_validate({"id": name, "label": text(name), "currency": "KES", "amount": amount, **more})


def waiver(name: str = "poor", share: str = "1", **more: Any) -> Waiver:
    return Waiver.model_validate({"id": name, "label": text(name), "share": share, **more})


HELP = table(
    {"when": "income < 10000", "gives": {"share": "1"}},
    {"when": "income < 20000", "gives": {"share": "'0.5'"}},
    {"gives": {"share": "0"}},
)


def decisions(
    tables: Mapping[str, Table] | None = None, fees: tuple[Fee, ...] = (), waivers: tuple[Waiver, ...] = ()
) -> Decisions:
    return engine.compile_decisions(tables or {}, fees, waivers)


def assessed(made: Decisions, **values: Any) -> Assessment:
    return engine.assess(made, engine.facts(made, values, CONTEXT), CONTEXT)
