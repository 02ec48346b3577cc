from decimal import Decimal
from typing import Any

import pytest

from loket.decisions.types import DecisionFault, FaultCode
from loket.kernel.money import Money
from tests.decisions.samples import HELP, assessed, decisions, fee, table, waiver


def kes(amount: str) -> Money:
    return Money(Decimal(amount), "KES")


@pytest.mark.parametrize(
    ("amount", "total"),
    [
        ("'1050.00'", "1050.00"),
        ("1050", "1050.00"),
        ("1050.5", "1050.50"),
        ("money('1050', 'KES')", "1050.00"),
        ("years == '3' ? '3050' : '1050'", "3050.00"),
        ("0.005", "0.01"),
        ("'0'", "0.00"),
        ("'1000000000000'", "1000000000000.00"),
    ],
)
def test_an_amount_may_be_text_a_number_or_money(amount: str, total: str) -> None:
    assert assessed(decisions(fees=(fee(amount=amount),)), years="3").total == kes(total)


@pytest.mark.parametrize(
    ("amount", "code", "detail"),
    [
        ("null", FaultCode.AMOUNT_MISSING, ""),
        ("years", FaultCode.AMOUNT_MISSING, ""),
        ("'ten'", FaultCode.AMOUNT_UNREADABLE, ""),
        ("'1e3'", FaultCode.AMOUNT_UNREADABLE, ""),
        ("'1_000'", FaultCode.AMOUNT_UNREADABLE, ""),
        ("'١٢'", FaultCode.AMOUNT_UNREADABLE, ""),
        ("'NaN'", FaultCode.AMOUNT_UNREADABLE, ""),
        ("'Infinity'", FaultCode.AMOUNT_UNREADABLE, ""),
        ("true", FaultCode.AMOUNT_UNREADABLE, ""),
        ("['1']", FaultCode.AMOUNT_UNREADABLE, ""),
        ("-1", FaultCode.AMOUNT_NEGATIVE, ""),
        ("'-0.01'", FaultCode.AMOUNT_NEGATIVE, ""),
        ("1000000000000.01", FaultCode.AMOUNT_TOO_LARGE, ""),
        ("0.004", FaultCode.AMOUNT_ROUNDED_AWAY, ""),
        ("money('10', 'IDR')", FaultCode.CURRENCY, ""),
        ("1 / 0", FaultCode.EXPRESSION, "division_by_zero"),
        ("9223372036854775807 + 1", FaultCode.EXPRESSION, "overflow"),
        ("money('1', 'KES') + money('1', 'IDR')", FaultCode.EXPRESSION, "currency"),
    ],
)
def test_an_amount_that_is_none_charges_nobody(amount: str, code: FaultCode, detail: str) -> None:
    found = assessed(decisions(fees=(fee("sound"), fee(amount=amount))), years=None)
    assert found.faults == (DecisionFault("fees.permit", code, detail),)
    assert (found.lines, found.total, found.waived) == ((), None, ())


def test_an_amount_is_rounded_as_the_fee_says() -> None:
    assert assessed(decisions(fees=(fee(amount="1024", round="50"),))).total == kes("1000.00")
    assert assessed(decisions(fees=(fee(amount="1025", round="50"),))).total == kes("1050.00")
    yen = fee(amount="10.5", currency="JPY")
    assert assessed(decisions(fees=(yen,))).total == Money(Decimal(11), "JPY")


@pytest.mark.parametrize("step", ["1e-999999", "1e999999", "1e30"])
def test_an_absurd_step_charges_nobody(step: str) -> None:
    found = assessed(decisions(fees=(fee(amount="10", round=step),)))
    assert found.total is None
    assert found.faults


def test_no_fee_no_total_but_a_fee_of_nothing_is_a_total() -> None:
    made = decisions(fees=(fee(when="years == '3'"),))
    assert assessed(made, years="1").total is None
    assert assessed(made, years=None).total is None
    assert assessed(made, years="3").total == kes("100.00")
    assert assessed(decisions(fees=(fee(amount="0"),))).total == kes("0.00")


def test_two_currencies_are_never_added() -> None:
    found = assessed(decisions(fees=(fee("one"), fee("two", currency="IDR"))))
    assert found.faults == (DecisionFault("fees.two", FaultCode.CURRENCY),)


def test_a_waiver_is_a_negative_line() -> None:
    made = decisions({"help": HELP}, (fee(), fee("card", "'50'")), (waiver(share="help.share"),))
    found = assessed(made, income=15_000)
    assert [(line.id, line.amount) for line in found.lines] == [
        ("permit", kes("100.00")),
        ("card", kes("50.00")),
        ("poor", kes("-75.00")),
    ]
    assert found.total == kes("75.00")
    assert [trace.table for trace in found.traces] == ["help"]
    assert assessed(made, income=30_000).waived == ()


def test_a_waiver_may_be_of_some_fees_only() -> None:
    made = decisions(fees=(fee(), fee("card", "'50'")), waivers=(waiver(of=("card",)),))
    assert assessed(made).total == kes("100.00")


def test_without_its_proof_there_is_no_waiver_and_it_is_said() -> None:
    made = decisions(fees=(fee(),), waivers=(waiver(proof="letter"),))
    for missing in (None, ()):
        found = assessed(made, letter=missing)
        assert (found.total, found.waived) == (kes("100.00"), ())
        assert [(refused.id, refused.proof) for refused in found.unproved] == [("poor", "letter")]
    assert assessed(made, letter=("a.pdf",)).total == kes("0.00")


def test_waivers_together_take_off_no_more_than_is_asked() -> None:
    made = decisions(fees=(fee(),), waivers=(waiver("a", "0.7"), waiver("b", "'0.7'")))
    found = assessed(made)
    assert [line.amount.amount for line in found.lines] == [Decimal(100), Decimal(-70), Decimal(-30)]
    assert found.total == kes("0.00")


@pytest.mark.parametrize(
    ("share", "code"),
    [
        ("1.01", FaultCode.SHARE_OUT_OF_RANGE),
        ("-1", FaultCode.SHARE_OUT_OF_RANGE),
        ("'half'", FaultCode.SHARE_UNREADABLE),
        ("true", FaultCode.SHARE_UNREADABLE),
        ("money('1', 'KES')", FaultCode.SHARE_UNREADABLE),
        ("1 / 0", FaultCode.EXPRESSION),
    ],
)
def test_a_share_that_is_none_charges_nobody(share: str, code: FaultCode) -> None:
    found = assessed(decisions(fees=(fee(),), waivers=(waiver(share=share),)))
    assert [fault.code for fault in found.faults] == [code]
    assert (found.lines, found.total) == ((), None)


def test_a_share_of_what_was_not_answered_waives_nothing() -> None:
    found = assessed(decisions(fees=(fee(),), waivers=(waiver(share="part"),)), part=None)
    assert (found.total, found.faults) == (kes("100.00"), ())


@pytest.mark.parametrize(("used", "faults"), [("gap.share", 1), ("0", 0)])
def test_only_a_table_that_the_fee_depends_on_keeps_it_from_being_charged(used: str, faults: int) -> None:
    gap = table({"when": "income < 0", "gives": {"share": "1"}})
    between = table({"gives": {"share": used}})
    tables: dict[str, Any] = {"gap": gap, "between": between}
    found = assessed(decisions(tables, (fee(),), (waiver(share="between.share"),)), income=5)
    assert len(found.faults) == faults
    assert (found.total is None) == bool(faults)
