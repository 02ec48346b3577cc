import pytest
from pydantic import ValidationError

from loket.decisions import engine
from loket.decisions.types import DecisionFault, FaultCode, TableTrace, Tried
from tests.decisions.samples import CONTEXT, HELP, decisions, table


def test_the_first_rule_that_fits_gives_the_outputs_and_the_rest_is_not_looked_at() -> None:
    found = engine.facts(decisions({"help": HELP}), {"income": 12_000}, CONTEXT)
    assert found.values["help"] == {"share": "0.5"}
    assert found.values["income"] == 12_000
    assert found.traces == (TableTrace("help", (Tried(0, False), Tried(1, True))),)
    assert found.faults == ()


def test_a_comparison_with_what_was_not_answered_does_not_fit() -> None:
    assert engine.facts(decisions({"help": HELP}), {"income": None}, CONTEXT).values["help"] == {"share": 0}


def test_collecting_gives_what_every_fitting_rule_gives() -> None:
    extras = table(
        {"when": "income > 1", "gives": {"what": "'a'"}},
        {"when": "income > 1000", "gives": {"what": "'b'"}},
        {"gives": {"what": "'c'"}},
        hit="collect",
    )
    found = engine.facts(decisions({"extras": extras}), {"income": 5}, CONTEXT)
    assert found.values["extras"] == {"what": ("a", "c")}
    assert found.traces[0].tried == (Tried(0, True), Tried(1, False), Tried(2, True))


def test_collecting_nothing_is_no_fault() -> None:
    extras = table({"when": "income > 1000", "gives": {"what": "'b'"}}, hit="collect")
    found = engine.facts(decisions({"extras": extras}), {"income": 5}, CONTEXT)
    assert (found.values["extras"], found.faults) == ({"what": ()}, ())


def test_a_table_may_use_those_before_it() -> None:
    second = table({"when": "help.share == 0", "gives": {"due": "true"}}, {"gives": {"due": "false"}})
    made = decisions({"help": HELP, "second": second})
    assert engine.facts(made, {"income": 90_000}, CONTEXT).values["second"] == {"due": True}


def test_a_table_in_which_no_rule_fits_is_reported() -> None:
    gap = table({"when": "income < 0", "gives": {"share": "1"}})
    found = engine.facts(decisions({"gap": gap}), {"income": 5}, CONTEXT)
    assert found.values["gap"] == {"share": None}
    assert found.faults == (DecisionFault("tables.gap", FaultCode.NO_RULE),)


@pytest.mark.parametrize(
    ("rule", "share"),
    [({"when": "1 / income > 0", "gives": {"share": "1"}}, 2), ({"gives": {"share": "1 / income"}}, None)],
)
def test_a_cell_that_can_not_be_worked_out_is_reported(rule: dict[str, object], share: object) -> None:
    made = decisions({"odd": table(rule, {"gives": {"share": "2"}})})
    found = engine.facts(made, {"income": 0}, CONTEXT)
    assert found.values["odd"] == {"share": share}
    assert found.faults == (DecisionFault("tables.odd", FaultCode.EXPRESSION, "division_by_zero"),)


def test_every_rule_gives_the_same_outputs() -> None:
    with pytest.raises(ValidationError, match="same outputs"):
        table({"gives": {"share": "1"}}, {"gives": {"part": "1"}})
