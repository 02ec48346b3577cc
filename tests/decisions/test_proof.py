"""What is claimed of a table before it is used, held against using it."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.decisions import engine
from loket.decisions.proof import Cover, coverage
from loket.decisions.tables import compile_table
from loket.decisions.types import FaultCode
from tests.decisions.samples import CONTEXT, decisions, table

_DOMAINS: dict[str, tuple[Any, ...]] = {"colour": ("red", "blue", None), "old": (True, False)}
_CONDITIONS = st.sampled_from(
    [
        None,
        "old",
        "!old",
        "colour == 'red'",
        "colour != 'red'",
        "colour == 'blue' && old",
        "colour == null",
        "has(colour)",
        "colour in ['red', 'blue'] || !old",
    ]
)


@given(st.lists(_CONDITIONS, min_size=1, max_size=5), st.sampled_from(["first", "collect"]))
def test_what_is_proved_holds_in_every_case(conditions: list[str | None], hit: str) -> None:
    rules = [{"when": when, "gives": {"n": str(number)}} for number, when in enumerate(conditions)]
    made = table(*rules, hit=hit)
    found = coverage(compile_table("t", made), _DOMAINS)
    assert found.cover is not Cover.UNKNOWN
    decided = set()
    gaps = []
    for colour, old in product(_DOMAINS["colour"], _DOMAINS["old"]):
        case = {"colour": colour, "old": old}
        facts = engine.facts(decisions({"t": made}), case, CONTEXT)
        fitting = [tried.number for tried in facts.traces[0].tried if tried.fits]
        decided.update(fitting)
        gaps += [] if fitting else [case]
        if hit == "first":
            missed = any(fault.code is FaultCode.NO_RULE for fault in facts.faults)
            assert missed is not bool(fitting)
    assert (found.cover is Cover.GAP) == bool(gaps)
    assert found.dead == frozenset(range(len(conditions))) - decided
    assert not gaps or any(found.example.items() <= case.items() for case in gaps)


@pytest.mark.parametrize(
    "when", ["income > 1", "today() > date('2026-01-01')", "born == null", "help.share > 0"]
)
def test_nothing_is_claimed_where_the_cases_can_not_be_counted(when: str) -> None:
    made = table({"when": when, "gives": {"n": "1"}})
    assert coverage(compile_table("t", made), _DOMAINS).cover is Cover.UNKNOWN


def test_a_last_rule_without_a_condition_always_fits_and_hides_what_follows() -> None:
    made = table({"when": "income > 1", "gives": {"n": "1"}}, {"gives": {"n": "2"}}, {"gives": {"n": "3"}})
    found = coverage(compile_table("t", made), {})
    assert (found.cover, found.dead) == (Cover.WHOLE, frozenset({2}))
