"""Whatever is written and answered: sums agree, nobody is charged a wrong one, nothing raises."""

from decimal import Decimal, localcontext
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loket.decisions import amounts, engine
from loket.decisions.definition import Fee, Waiver
from loket.decisions.types import Assessment, Line
from loket.expressions import SyntaxProblem
from loket.kernel.money import Money
from tests.decisions.samples import CONTEXT, assessed, decisions, fee, table, waiver
from tests.expressions.strategies import bindings, sources

_AMOUNTS = st.one_of(
    st.decimals(0, 10_000, places=2).map(lambda number: f"'{number}'"),
    st.integers(0, 10_000).map(str),
    st.sampled_from(["'0.005'", "'0.004'", "null", "-1", "9999999999999", "1 / 0", "money('5', 'IDR')"]),
)
_SHARES = st.one_of(
    st.decimals(0, 1, places=3).map(str), st.sampled_from(["0", "1", "1.1", "-1", "null", "'0.5'", "1 / 0"])
)
_FEES = st.lists(st.tuples(_AMOUNTS, st.sampled_from([None, "0.05", "50"])), max_size=4).map(
    lambda rows: tuple(fee(f"f{n}", amount, round=step) for n, (amount, step) in enumerate(rows))
)
_WAIVERS = st.lists(
    st.tuples(
        _SHARES, st.sampled_from([None, "there", "absent"]), st.sets(st.sampled_from(["f0", "f1", "f2"]))
    ),
    max_size=4,
).map(
    lambda rows: tuple(
        waiver(f"w{n}", share, proof=proof, of=sorted(of)) for n, (share, proof, of) in enumerate(rows)
    )
)
_FILES: dict[str, Any] = {"there": ("a.pdf",), "absent": None}


def _sums_agree(found: Assessment) -> None:
    """The oracle: what must hold of every assessment."""
    if found.faults or found.total is None:
        assert (found.lines, found.total, found.waived, found.unproved) == ((), None, (), ())
        return
    charged = [line for line in found.lines if line.id.startswith("f")]
    taken_off = [line for line in found.lines if line.id.startswith("w")]
    assert found.total.amount == sum(line.amount.amount for line in found.lines)
    assert {line.amount.currency for line in found.lines} == {found.total.currency}
    assert 0 <= found.total.amount <= sum(line.amount.amount for line in charged)
    assert all(line.amount.amount >= 0 for line in charged)
    assert [-line.amount.amount for line in taken_off] == [given.amount.amount for given in found.waived]
    assert all(line.amount == line.amount.rounded() for line in found.lines)
    assert all(0 < given.share <= 1 for given in (*found.waived, *found.unproved))
    assert not {given.id for given in found.waived} & {refused.id for refused in found.unproved}


@given(_FEES, _WAIVERS)
def test_sums_agree(fees: tuple[Fee, ...], waivers: tuple[Waiver, ...]) -> None:
    _sums_agree(assessed(decisions(fees=fees, waivers=waivers), **_FILES))


@given(_FEES, _WAIVERS, st.randoms(use_true_random=False))
def test_the_order_of_fees_and_waivers_changes_no_sum(
    fees: tuple[Fee, ...], waivers: tuple[Waiver, ...], shuffled: Any
) -> None:
    before = assessed(decisions(fees=fees, waivers=waivers), **_FILES)
    mixed_fees, mixed_waivers = list(fees), list(waivers)
    shuffled.shuffle(mixed_fees)
    shuffled.shuffle(mixed_waivers)
    after = assessed(decisions(fees=tuple(mixed_fees), waivers=tuple(mixed_waivers)), **_FILES)
    assert after.total == before.total
    assert {given.id for given in after.waived} == {given.id for given in before.waived}
    assert bool(after.faults) == bool(before.faults)


@given(_FEES, _WAIVERS)
def test_whoever_waives_more_never_pays_more(fees: tuple[Fee, ...], waivers: tuple[Waiver, ...]) -> None:
    without = assessed(decisions(fees=fees), **_FILES)
    with_them = assessed(decisions(fees=fees, waivers=waivers), **_FILES)
    if with_them.total is not None and without.total is not None:
        assert with_them.total <= without.total


@given(sources(), sources(), sources(), bindings())
def test_no_expression_and_no_answers_make_it_raise(
    when: str, cell: str, amount: str, values: dict[str, Any]
) -> None:
    odd = table({"when": when, "gives": {"cell": cell}}, {"gives": {"cell": "income"}})
    try:
        made = decisions(
            {"odd": odd}, (fee(amount=amount), fee("f", "odd.cell", when=when)), (waiver(share="odd.cell"),)
        )
    except SyntaxProblem:
        return
    found = engine.facts(made, values, CONTEXT)
    assert found.values["odd"].keys() == {"cell"}  # type: ignore[union-attr]  # a table's outputs
    assert {trace.table for trace in found.traces} == {"odd"}
    assessment = engine.assess(made, found, CONTEXT)
    assert (assessment.total is None) or not assessment.faults


@given(st.integers(0, 10**12), st.integers(1, 5000))
def test_no_setting_of_the_thread_changes_an_amount(number: int, step: int) -> None:
    plain = amounts.amount_of(number, "KES", Decimal(step)) if number >= step else None
    with localcontext() as narrow:
        narrow.prec = 20
        again = amounts.amount_of(number, "KES", Decimal(step)) if number >= step else None
    assert plain == again


def test_the_oracle_finds_planted_faults() -> None:
    """Each of these is an assessment that must never be: `_sums_agree` has to say so."""
    kes = lambda amount: Money(Decimal(amount), "KES")  # noqa: E731 - shorter than a function thrice
    line = Line("f0", {"en": "x"}, kes(100))
    sound = assessed(decisions(fees=(fee("f0"),)))
    _sums_agree(sound)
    planted = (
        Assessment((line,), kes(99)),
        Assessment((line, Line("w0", {"en": "x"}, kes(-150))), kes(-50)),
        Assessment((line, Line("w0", {"en": "x"}, kes(-50))), kes(50)),
        Assessment((line,), None),
        Assessment((Line("f0", {"en": "x"}, kes("0.001")),), kes("0.001")),
        Assessment((Line("f0", {"en": "x"}, Money(Decimal(5), "IDR")),), kes(5)),
    )
    for number, wrong in enumerate(planted):
        try:
            _sums_agree(wrong)
        except AssertionError:
            continue
        raise RuntimeError(f"planted fault {number} was not found")
