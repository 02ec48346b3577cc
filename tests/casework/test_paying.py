"""A case and its fee: money, receipt and case always agree."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction

from loket.casework import actions, queries
from loket.casework.models import CaseEvent, Reminder
from loket.casework.stages import AWAITING_PAYMENT, LAPSED_UNPAID, PAID_ELSEWHERE
from loket.casework.types import Filters, Happened, Phase
from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.notifications import queries as notifications
from loket.notifications.types import SubjectKind
from loket.payments import actions as payments
from loket.payments import sweeping
from loket.payments.bill_files import BillRow, read_rows
from loket.payments.bill_imports import open_register, take_bills
from loket.payments.models import Bill, Payment
from loket.payments.types import CloseReason, PaymentState, PaymentView, RefundReason
from loket.privacy import actions as privacy
from tests import county
from tests.casework import paid_stall, stall
from tests.casework.stall import NOW

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LATER = NOW + timedelta(hours=5)
# Seven days, to the end of the last one in Nairobi.
ENDS = NOW.replace(day=23, hour=20, minute=59, second=59)


@pytest.fixture(autouse=True)
def _market() -> None:
    paid_stall.open_market()


def kes(amount: str) -> Money:
    return Money(Decimal(amount), "KES")


def letters(case: stall.Case) -> list[str]:
    key = privacy.open_key(case.key_id)
    sent = notifications.messages_of(subject_kind=SubjectKind.CASE, subject_id=case.id, key=key)
    return [message.body for message in sorted(sent, key=lambda message: message.created_at)]


def test_submitting_commits_the_case_and_asks_for_the_fee() -> None:
    case, payment = paid_stall.sent()
    assert (case.phase, case.stage, case.stage_due_at, case.due_at) == (
        "unpaid",
        AWAITING_PAYMENT,
        ENDS,
        ENDS,
    )
    assert (payment.amount, payment.state, payment.reference) == (
        kes("400.00"),
        PaymentState.DUE,
        case.reference,
    )
    assert (payment.expires_at, payment.title["en"]) == (ENDS, "Rent a market stall")
    (event,) = stall.events(case)
    assert (event.happened, event.to_stage, event.effects) == ("submitted", AWAITING_PAYMENT, [])


def test_who_waits_to_pay_is_told_how_much_until_when_and_where() -> None:
    case, payment = paid_stall.sent()
    county.settle(NOW)
    (letter,) = letters(case)
    assert case.reference in letter
    assert "KES 400.00" in letter
    assert "23 November 2026" in letter
    assert f"/en/pay/{payment.token}/" in letter


def test_paying_begins_the_case_and_its_promise_at_the_moment_of_paying() -> None:
    case, _ = paid_stall.sent()
    county.settle(NOW)
    # On Thursday: three working days end on Tuesday.
    thursday = NOW + timedelta(days=3)
    paid_stall.pay(case, now=thursday)
    assert (case.phase, case.stage, case.stage_due_at) == ("open", "look", None)
    assert case.due_at == NOW.replace(day=24, hour=20, minute=59, second=59)
    _, event = stall.events(case)
    assert (event.happened, event.from_stage, event.to_stage) == ("paid", AWAITING_PAYMENT, "look")
    assert event.at == thursday
    county.settle(thursday)
    receipt = paid_stall.payment(case).receipts[0]
    assert receipt.number in letters(case)[-1]
    assert "We look at it" in letters(case)[-1]


def test_whoever_pays_at_once_gets_one_letter() -> None:
    case, _ = paid_stall.sent()
    paid_stall.pay(case)
    county.settle(NOW)
    (letter,) = letters(case)
    assert case.reference in letter
    assert "has arrived" in letter


def test_the_timeline_tells_amount_and_receipt_and_only_under_the_key() -> None:
    case, _ = paid_stall.sent()
    paid_stall.pay(case, now=LATER)
    seen = queries.applicant_case(case.id, LATER)
    assert seen is not None
    money = seen.timeline[-1].money
    assert money is not None
    assert (money.amount, money.receipt) == (kes("400.00"), paid_stall.payment(case).receipts[0].number)
    status = queries.case_status(case.id, LATER)
    assert status is not None
    assert status.steps[-1].happened is Happened.PAID
    assert status.steps[-1].money is None


def test_a_part_does_not_begin_the_case_and_the_rest_does() -> None:
    case, _ = paid_stall.sent()
    paid_stall.pay(case, kes("150"), slip="1", now=LATER)
    assert case.phase == Phase.UNPAID
    paid_stall.pay(case, kes("250"), slip="2", now=LATER)
    assert case.phase == Phase.OPEN
    assert len(paid_stall.payment(case).receipts) == 1


def test_hearing_of_money_twice_begins_a_case_once() -> None:
    case, _ = paid_stall.sent()
    paid_stall.pay(case, kes("400"), now=LATER)
    paid_stall.pay(case, kes("400"), now=LATER)
    assert [event.happened for event in stall.events(case)] == ["submitted", "paid"]


def test_too_much_goes_back_and_is_told() -> None:
    case, _ = paid_stall.sent()
    paid_stall.pay(case, kes("1000"), now=LATER)
    told = {event.happened for event in stall.events(case)}
    assert told == {"submitted", "paid", "returned"}
    county.settle(LATER)
    assert any("KES 600.00 back" in letter and "more than was asked" in letter for letter in letters(case))


def test_a_fee_of_nothing_begins_the_case_at_once() -> None:
    case = stall.sent({**stall.ANSWERS, "metres": 1})
    assert case.phase == Phase.UNPAID
    free = paid_stall.free(stall.ANSWERS)
    assert (free.phase, free.stage) == ("open", "look")
    assert paid_stall.payments_of(free) == ()


def test_an_unpaid_case_is_found_in_its_teams_list_of_unpaid_ones_only() -> None:
    case, _ = paid_stall.sent()
    officer = county.staff(stall.OFFICER)

    def listed(phase: Phase) -> list[str]:
        found = actions.list_cases(staff=officer, filters=Filters(phase=phase), cursor="", now=NOW)
        return [row.reference for row in found.rows]

    assert listed(Phase.OPEN) == []
    assert listed(Phase.UNPAID) == [case.reference]
    opened = actions.open_for_staff(reference=case.reference, reason="", staff=officer, now=NOW)
    assert (opened.stage["en"], opened.stage["sw"], opened.actions) == (
        "Waiting for payment", opened.stage["sw"], (),
    )  # fmt: skip
    assert opened.stage["sw"] != opened.stage["en"]


def test_the_reminder_comes_before_the_end_and_never_after_paying() -> None:
    case, _ = paid_stall.sent()
    county.settle(NOW)
    (reminder,) = Reminder.objects.filter(case=case)
    # Nine in the morning in Nairobi, two days before the last day.
    assert reminder.due_at == NOW.replace(day=21, hour=6)
    paid_stall.pay(case, now=LATER)
    reminder.refresh_from_db()
    assert reminder.dropped_at == LATER


def test_without_money_the_case_lapses_and_says_so() -> None:
    case, _ = paid_stall.sent()
    county.settle(NOW)
    assert not actions.time_out(case_id=case.id, now=ENDS - timedelta(seconds=1))
    assert actions.time_out(case_id=case.id, now=ENDS)
    assert not actions.time_out(case_id=case.id, now=ENDS)
    case.refresh_from_db()
    assert (case.phase, case.stage, case.outcome, case.closed_at) == (
        "closed",
        LAPSED_UNPAID,
        "withdrawn",
        ENDS,
    )
    assert paid_stall.payment(case).state is PaymentState.CLOSED
    county.settle(ENDS)
    assert "did not come in time" in letters(case)[-1]
    seen = queries.applicant_case(case.id, ENDS)
    assert seen is not None
    assert seen.decision is None
    assert seen.status.stage["en"] == "Closed because it was not paid"


def test_a_case_paid_before_its_end_does_not_lapse() -> None:
    case, _ = paid_stall.sent()
    paid_stall.pay(case, now=ENDS - timedelta(seconds=1))
    assert not actions.time_out(case_id=case.id, now=ENDS)
    case.refresh_from_db()
    assert case.phase == Phase.OPEN


def test_money_after_the_end_goes_back_and_begins_nothing() -> None:
    case, _ = paid_stall.sent()
    actions.time_out(case_id=case.id, now=ENDS)
    late = ENDS + timedelta(hours=1)
    paid_stall.pay(case, kes("400"), now=late)
    assert case.phase == Phase.CLOSED
    assert paid_stall.payment(case).receipts == ()
    refund = paid_stall.payment(case).refunds[0]
    assert (refund.reason, refund.amount) == (RefundReason.TOO_LATE, kes("400.00"))
    county.settle(late)
    assert "It came after the time to pay was over." in letters(case)[-1]


def test_what_had_come_of_a_part_goes_back_when_the_case_lapses() -> None:
    case, _ = paid_stall.sent()
    paid_stall.pay(case, kes("150"), now=LATER)
    actions.time_out(case_id=case.id, now=ENDS)
    told = [event.happened for event in stall.events(case)]
    assert sorted(told) == ["returned", "submitted", "timed_out"]
    county.settle(ENDS)
    assert any("KES 150.00 back" in letter for letter in letters(case))


def test_if_the_case_can_not_begin_the_money_is_not_receipted() -> None:
    """Both or neither: the planted fault is a case whose answers can't be opened."""
    case, _ = paid_stall.sent()
    type(case).objects.filter(id=case.id).update(sealed_answers=b"broken")
    with pytest.raises(privacy.SealBroken), transaction.atomic():
        paid_stall.pay(case)
    assert paid_stall.payment(case).state is PaymentState.DUE
    assert paid_stall.payment(case).receipts == ()
    assert [event.happened for event in stall.events(case)] == ["submitted"]


def test_closing_a_payment_does_not_end_the_case_of_another() -> None:
    _, payment = paid_stall.sent()
    other, _ = paid_stall.sent()
    payments.close(payment_id=payment.id, reason=CloseReason.CANCELLED, by=SYSTEM, now=NOW)
    other.refresh_from_db()
    assert other.phase == Phase.UNPAID
    assert not CaseEvent.objects.filter(case=other, happened=Happened.RETURNED).exists()


def test_who_waits_to_pay_what_another_paid_is_told_and_waits_no_more() -> None:
    (first, mine), (second, yours) = paid_stall.sent(), paid_stall.sent()
    register = open_register(agency_id=first.agency_id, key="fines", now=NOW)
    lines = ["number,fact,amount,currency,what,issued_on,due_on", "A1,B2,400,KES,Stall,2026-11-10,2026-12-10"]
    rows = [row for row in read_rows(f"{line}\n" for line in lines) if isinstance(row, BillRow)]
    take_bills(register_id=register, rows=rows, by=SYSTEM, now=NOW)
    Payment.objects.filter(id__in=[mine.id, yours.id]).update(bill_id=Bill.objects.get(register=register).id)
    county.settle(NOW)
    paid_stall.pay(first)
    second.refresh_from_db()
    assert (first.phase, second.phase, second.stage) == ("open", "closed", PAID_ELSEWHERE)
    assert (second.outcome, second.stage_due_at) == ("withdrawn", None)
    assert Reminder.objects.get(case=second).dropped_at == NOW
    county.settle(NOW)
    assert "was paid with another application" in letters(second)[-1]
    assert not actions.time_out(case_id=second.id, now=ENDS)
    seen = queries.applicant_case(second.id, ENDS)
    assert seen is not None
    assert seen.status.stage["en"] == "Closed because somebody has paid already"


def request_of_officer(case: stall.Case) -> PaymentView:
    payment_id = actions.ask_for_payment(
        case_id=case.id,
        what="Two more metres",
        amount=kes("200"),
        request_id=uuid4(),
        staff=county.staff(stall.OFFICER),
        now=LATER,
    )
    return next(one for one in paid_stall.payments_of(case) if one.id == payment_id)


def test_what_an_officer_asked_for_ends_unpaid_and_is_told_on_the_timeline() -> None:
    case, _ = paid_stall.sent()
    paid_stall.pay(case)
    asked = request_of_officer(case)
    assert asked.expires_at is not None
    actions.open_for_staff(reference=case.reference, reason="", staff=county.staff(stall.OFFICER), now=LATER)
    paid_stall.pay(case, kes("50"), slip="2", now=LATER)
    county.settle(LATER)
    told_before = len(letters(case))
    assert not payments.expire(payment_id=asked.id, now=asked.expires_at - timedelta(seconds=1))
    assert payments.expire(payment_id=asked.id, now=asked.expires_at)
    assert not payments.expire(payment_id=asked.id, now=asked.expires_at)
    case.refresh_from_db()
    assert (case.phase, case.unread) == (Phase.OPEN, True)
    seen = queries.applicant_case(case.id, asked.expires_at)
    assert seen is not None
    (entry,) = [one for one in seen.timeline if one.happened is Happened.PAYMENT_LAPSED]
    assert entry.money is not None
    assert (entry.money.amount, entry.money.what) == (kes("150.00"), "Two more metres")
    county.settle(asked.expires_at)
    # Of the part that goes back there is a letter; of the end, the timeline is enough.
    assert len(letters(case)) == told_before + 1
    assert "KES 50.00 back" in letters(case)[-1]


def test_only_what_ran_out_a_while_ago_is_closed_by_the_sweep() -> None:
    case, fee = paid_stall.sent()
    assert fee.expires_at is not None
    assert sweeping.expired(fee.expires_at) == ()
    assert sweeping.expired(fee.expires_at + timedelta(minutes=6)) == (fee.id,)
    actions.time_out(case_id=case.id, now=ENDS)
    assert sweeping.expired(fee.expires_at + timedelta(minutes=6)) == ()


def test_a_fee_that_is_swept_first_still_ends_its_case() -> None:
    case, fee = paid_stall.sent()
    assert payments.expire(payment_id=fee.id, now=ENDS)
    assert [event.happened for event in stall.events(case)] == ["submitted"]
    assert actions.time_out(case_id=case.id, now=ENDS)
    case.refresh_from_db()
    assert (case.phase, case.stage) == (Phase.CLOSED, LAPSED_UNPAID)
