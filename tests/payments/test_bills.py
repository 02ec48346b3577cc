"""Bills: found only by number and fact together, taken in once, paid once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from loket.identity.types import AgencyView
from loket.kernel import events
from loket.kernel.actors import SYSTEM
from loket.payments import actions, bills
from loket.payments.bill_files import BillRow, NoSuchColumns, RowError, read_rows
from loket.payments.bill_holding import BillNotSettled
from loket.payments.bill_imports import Imported, open_register, take_bills
from loket.payments.events import BillPaidByAnother
from loket.payments.models import Bill, Refund
from loket.payments.providers.sandbox import bank
from loket.payments.providers.sandbox.bank import Doing
from loket.payments.types import BillState, BillView, Line, PaymentState, RefundReason, SubjectKind
from loket.privacy import actions as privacy
from loket.privacy.registry import holding
from loket.privacy.types import Clue, Subject
from loket.privacy.types import SubjectKind as About
from tests.casework.at_once import at_once
from tests.payments import till
from tests.payments.till import NOW, kes

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

REGISTER = "parking-fines"
HEAD = "number,fact,amount,currency,what_en,what_sw,place,issued_on,due_on"
LINES = (
    "PN-20481,KDA 123A,2000.00,KES,On a footpath,Njia ya miguu,Station Lane,2026-11-10,2026-12-10",
    "PN-20482,KBZ 900X,1000,KES,No ticket,Bila tiketi,,2026-11-11,2026-12-11",
)


def rows(*lines: str) -> list[BillRow | RowError]:
    return list(read_rows([f"{line}\n" for line in (HEAD, *lines)]))


def taken(agency: AgencyView, *lines: str) -> Imported:
    register = open_register(agency_id=agency.id, key=REGISTER, now=NOW)
    good = [row for row in rows(*lines) if isinstance(row, BillRow)]
    assert len(good) == len(lines)
    return take_bills(register_id=register, rows=good, by=SYSTEM, now=NOW)


def find(agency: AgencyView, number: str = "PN-20481", fact: str = "KDA 123A") -> BillView | None:
    return bills.find_bill(agency_id=agency.id, register=REGISTER, number=number, fact=fact)


def found(agency: AgencyView) -> BillView:
    bill = find(agency)
    assert bill is not None
    return bill


def asked(agency: AgencyView, bill_id: UUID) -> UUID:
    return actions.ask(
        agency_id=agency.id, subject_kind=SubjectKind.CASE, subject_id=uuid4(), key=str(uuid4()),
        reference="7K3P-2M9X", title={"en": "Parking fine"}, lines=[Line({"en": "Fine"}, kes("2000"))],
        expires_at=None, bill_id=bill_id, by=SYSTEM, now=NOW,
    )  # fmt: skip


def test_a_bill_is_found_by_number_and_fact_however_they_are_typed(agency: AgencyView) -> None:
    taken(agency, *LINES)
    for number, fact in (("PN-20481", "KDA 123A"), ("pn 20481", "kda-123a"), ("ＰＮ20481", " kDa123A ")):
        bill = find(agency, number, fact)
        assert bill is not None
        assert (bill.number, bill.amount, bill.place) == ("PN-20481", kes("2000"), "Station Lane")
        assert dict(bill.what) == {"en": "On a footpath", "sw": "Njia ya miguu"}
        assert (bill.state, bill.due_on) == (BillState.OPEN, date(2026, 12, 10))


@pytest.mark.parametrize(
    ("number", "fact"),
    [("PN-20481", "KBZ 900X"), ("PN-20482", "KDA 123A"), ("PN-1", "KDA 123A"), ("", ""), ("PN-20481", "")],
)
def test_one_without_the_other_finds_nothing(agency: AgencyView, number: str, fact: str) -> None:
    taken(agency, *LINES)
    assert find(agency, number, fact) is None


def test_another_agency_or_register_finds_nothing(agency: AgencyView) -> None:
    taken(agency, *LINES)
    other = till.agency("tax-authority")
    assert find(other) is None
    assert bills.find_bill(agency_id=agency.id, register="rates", number="PN-20481", fact="KDA 123A") is None


def test_a_wrong_fact_reads_as_much_as_a_number_that_is_not_there(agency: AgencyView) -> None:
    taken(agency, *LINES)
    find(agency)
    for number, fact in (("PN-20481", "KDA 123B"), ("PN-99999", "KDA 123A")):
        with (
            CaptureQueriesContext(connections["default"]) as main,
            CaptureQueriesContext(connections["keys"]) as keys,
        ):
            assert find(agency, number, fact) is None
        assert (len(main), len(keys)) == (1, 0)


def test_nothing_of_a_bill_can_be_read_in_its_row(agency: AgencyView) -> None:
    taken(agency, *LINES)
    row = Bill.objects.order_by("amount").last()
    assert row is not None
    stored = b"".join(bytes(part) for part in (row.sealed, row.number_digest, row.fact_digest))
    for word in (b"20481", b"KDA", b"Station", b"footpath"):
        assert word not in stored


def test_taking_the_same_file_in_again_changes_nothing(agency: AgencyView) -> None:
    assert taken(agency, *LINES) == Imported(new=2)
    assert taken(agency, *LINES) == Imported(same=2)
    assert taken(agency, LINES[0].replace("2000.00", "2500.00"), LINES[1]) == Imported(changed=1, same=1)
    assert found(agency).amount == kes("2500")
    assert taken(agency, LINES[0].replace("KDA 123A", "KDA 999A")) == Imported(changed=1)
    assert find(agency) is None
    bill = find(agency, fact="KDA 999A")
    assert bill is not None
    bills.contest(bill_id=bill.id, by=SYSTEM, now=NOW)
    assert taken(agency, *LINES) == Imported(same=1, settled=1)


def test_mistakes_are_named_by_line_and_column() -> None:
    sound = LINES[0]
    wrong = rows(
        sound,
        sound,
        LINES[1].replace("1000", "a lot"),
        LINES[1].replace("1000", "10.001"),
        LINES[1].replace("1000", "-5"),
        LINES[1].replace("KES", "kes"),
        LINES[1].replace("2026-12-11", "11/12/2026"),
        LINES[1].replace("2026-12-11", "2026-11-10"),
        LINES[1].replace("KBZ 900X", "  "),
        LINES[1] + ",more",
        '"PN-9',
    )
    assert isinstance(wrong[0], BillRow)
    places = [(row.line, row.column) for row in wrong if isinstance(row, RowError)]
    assert places == [
        (3, "number"), (4, "amount"), (5, "amount"), (6, "amount"), (7, "currency"), (8, "due_on"),
        (9, "due_on"), (10, "fact"), (11, ""), (12, ""),
    ]  # fmt: skip
    assert str(wrong[1]) == "3: number: stands in line 2 already"


def test_two_lines_that_a_look_up_could_not_tell_apart_are_one_mistake(agency: AgencyView) -> None:
    first, second = rows(LINES[0], LINES[0].replace("PN-20481", "pn 20481").replace("2000.00", "1"))
    assert isinstance(first, BillRow)
    assert str(second) == "3: number: stands in line 2 already"


@pytest.mark.parametrize("head", ["", "number,fact", HEAD + ",colour", HEAD.replace("what_en,what_sw", "x")])
def test_a_file_with_other_columns_is_refused(head: str) -> None:
    with pytest.raises(NoSuchColumns):
        list(read_rows([head + "\n", LINES[0]]))


def test_contested_cancelled_reinstated(agency: AgencyView) -> None:
    taken(agency, *LINES)
    bill_id, today = found(agency).id, NOW.date()
    assert bills.reinstate(bill_id=bill_id, today=today, by=SYSTEM, now=NOW) is BillState.OPEN
    assert bills.contest(bill_id=bill_id, by=SYSTEM, now=NOW) is BillState.CONTESTED
    assert bills.reinstate(bill_id=bill_id, today=today, by=SYSTEM, now=NOW) is BillState.OPEN
    assert found(agency).due_on == today + timedelta(days=30)
    assert taken(agency, *LINES) == Imported(same=2)
    assert bills.contest(bill_id=bill_id, by=SYSTEM, now=NOW) is BillState.CONTESTED
    assert bills.cancel(bill_id=bill_id, by=SYSTEM, now=NOW) is BillState.CANCELLED
    assert bills.contest(bill_id=bill_id, by=SYSTEM, now=NOW) is BillState.CANCELLED
    assert bills.contest(bill_id=uuid4(), by=SYSTEM, now=NOW) is None


def test_paying_settles_the_bill_and_asks_nobody_else(agency: AgencyView) -> None:
    taken(agency, *LINES)
    bill_id = found(agency).id
    mine, yours = asked(agency, bill_id), asked(agency, bill_id)
    told: list[BillPaidByAnother] = []
    started = till.begun(yours)
    with _heard(told):
        till.paid(mine)
    assert found(agency).state is BillState.PAID
    assert till.seen(mine).state is PaymentState.PAID
    assert till.seen(yours).state is PaymentState.CLOSED
    assert [one.payment_id for one in told] == [yours]
    # Money for a bill that is settled goes back whole, however late it comes.
    bank.press(ref=started, doing=Doing.APPROVE, now=NOW)
    (back,) = Refund.objects.filter(money__payment_id=yours)
    assert (back.amount, back.reason) == (2000, RefundReason.TOO_LATE)
    assert bills.cancel(bill_id=bill_id, by=SYSTEM, now=NOW) is BillState.PAID


def test_a_payment_for_a_bill_that_was_cancelled_goes_back(agency: AgencyView) -> None:
    taken(agency, *LINES)
    bill_id = found(agency).id
    payment = asked(agency, bill_id)
    bills.cancel(bill_id=bill_id, by=SYSTEM, now=NOW)
    till.paid(payment)
    assert found(agency).state is BillState.CANCELLED
    (back,) = Refund.objects.filter(money__payment_id=payment)
    assert (back.amount, back.reason) == (2000, RefundReason.DECIDED)


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_two_who_pay_at_once_pay_once(agency: AgencyView) -> None:
    taken(agency, *LINES)
    bill_id = found(agency).id
    payments = [asked(agency, bill_id) for _ in range(2)]
    refs = [till.begun(payment) for payment in payments]
    came = at_once(*(partial(bank.press, ref=ref, doing=Doing.APPROVE, now=NOW) for ref in refs))
    assert not [problem for problem in came if isinstance(problem, Exception)]
    states = sorted(till.seen(payment).state.value for payment in payments)
    assert states == ["closed", "paid"]
    assert found(agency).state is BillState.PAID
    returned = sum((refund.amount for refund in Refund.objects.all()), start=Decimal(0))
    assert returned == 2000


def test_a_bill_can_be_asked_for_copied_and_erased_once_it_is_settled(agency: AgencyView) -> None:
    taken(agency, *LINES)
    held = holding("bills")
    (subject,) = held.find(Clue(reference="pn20481"))
    assert held.find(Clue(reference="KDA 123A")) == ()
    assert held.count(subject) == 1
    (copy,) = held.export(subject, NOW)
    assert b"Station Lane" in copy.content
    with pytest.raises(BillNotSettled):
        held.erase(subject, SYSTEM, NOW)
    bills.cancel(bill_id=subject.id, by=SYSTEM, now=NOW)
    assert held.expire(NOW + timedelta(days=6 * 365)) == 0
    assert held.erase(subject, SYSTEM, NOW) == 1
    assert held.erase(subject, SYSTEM, NOW) == held.count(subject) == 0
    assert held.erase(Subject(About.CASE, subject.id), SYSTEM, NOW) == 0


def test_settled_bills_go_after_seven_years(agency: AgencyView) -> None:
    taken(agency, *LINES)
    bills.cancel(bill_id=found(agency).id, by=SYSTEM, now=NOW)
    assert privacy.expire(name="bills", now=NOW + timedelta(days=7 * 365 + 1)) == 1
    assert Bill.objects.count() == 1


@contextmanager
def _heard(told: list[BillPaidByAnother]) -> Iterator[None]:
    ear = told.append
    events.on(BillPaidByAnother)(ear)
    try:
        yield
    finally:
        events._handlers[BillPaidByAnother].remove(ear)
