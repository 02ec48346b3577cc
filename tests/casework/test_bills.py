"""A case about a fine: on hold while it is contested, paid by whoever comes first, asked for by a link."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from loket.casework import actions
from loket.casework.effects.ask import effect as ask
from loket.casework.effects.bill import effect as bill
from loket.casework.models import Case, CaseEvent
from loket.casework.stages import AWAITING_PAYMENT, PAID_ELSEWHERE
from loket.casework.types import Happened, Phase
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.payments import actions as payments
from loket.payments.models import Bill, Payment, Refund
from loket.payments.types import BillState, PaymentState
from loket.workflow.engine import GivenReason
from tests import county
from tests.payments.till import kes

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
OFFICER = "zainabu.juma@example.org"
CONTEST = {
    **county.FINE_ANSWERS,
    "intention": "contest",
    "grounds": "sign",
    "story": "No sign.",
    "evidence": None,
}


@pytest.fixture(autouse=True)
def _county() -> None:
    county.county(clock.now())


def sent(answers: dict[str, object] = county.FINE_ANSWERS) -> Case:
    case = Case.objects.get(reference=county.send(county.FINE, answers, now=clock.now()))
    county.settle(clock.now())
    return Case.objects.get(id=case.id)


def fine() -> Bill:
    """The only one that anything happened to."""
    return Bill.objects.order_by("-state_at", "-due_on").get(id=_asked_for().values_list("bill_id")[:1])


def _asked_for() -> QuerySet[Payment]:
    return Payment.objects.exclude(bill_id=None).order_by("-created_at")


def pay(case: Case, amount: str = "1000.00") -> None:
    payments.record_transfer(
        agency_id=case.agency_id, reference=case.reference, amount=kes(amount), transaction_id=case.reference,
        received_at=clock.now(), by=SYSTEM, now=clock.now(),
    )  # fmt: skip


def decide(case: Case, action: str, reason: str) -> None:
    now, officer = clock.now(), county.staff(OFFICER)
    actions.act(
        case_id=case.id, action=action, revision=case.revision, reason=GivenReason((reason,), ""), message="",
        questions=(), staff=officer, now=now,
    )  # fmt: skip
    county.settle(now + timedelta(minutes=5))


def test_paying_ends_the_case_and_the_fine() -> None:
    case = sent()
    assert (case.stage, case.phase) == (AWAITING_PAYMENT, Phase.UNPAID)
    pay(case)
    case.refresh_from_db()
    assert (case.stage, case.phase) == ("paid", Phase.CLOSED)
    assert fine().state == BillState.PAID


def test_who_comes_second_is_told_and_gets_the_money_back() -> None:
    first, second = sent(), sent()
    pay(first)
    second.refresh_from_db()
    assert (second.stage, second.phase, second.outcome) == (PAID_ELSEWHERE, Phase.CLOSED, "withdrawn")
    pay(second)
    assert [back.amount for back in Refund.objects.all()] == [1000]
    first.refresh_from_db()
    assert first.stage == "paid"
    county.settle(clock.now() + timedelta(minutes=5))
    assert not CaseEvent.objects.filter(followed_up_at=None).exists()


def test_contested_and_cancelled() -> None:
    case = sent(CONTEST)
    assert case.stage == "review"
    (bill_row,) = Bill.objects.filter(state=BillState.CONTESTED)
    decide(case, "cancel", "sign")
    bill_row.refresh_from_db()
    assert bill_row.state == BillState.CANCELLED
    assert not Payment.objects.exists()


def test_upheld_it_is_asked_for_by_a_link_at_half_and_counts_again() -> None:
    case = sent(CONTEST)
    (bill_row,) = Bill.objects.filter(state=BillState.CONTESTED)
    decide(case, "uphold", "sign_clear")
    bill_row.refresh_from_db()
    assert bill_row.state == BillState.OPEN
    (payment,) = _asked_for()
    assert (payment.amount, payment.state, payment.bill_id) == (1000, PaymentState.DUE, bill_row.id)
    county.settle(clock.now() + timedelta(minutes=5))
    (event,) = CaseEvent.objects.filter(case=case, happened=Happened.PAYMENT_ASKED)
    assert event.followed_up_at
    pay(case)
    bill_row.refresh_from_db()
    assert bill_row.state == BillState.PAID
    case.refresh_from_db()
    assert case.stage == "upheld"


@pytest.mark.parametrize(
    ("effect", "argument", "wrong"),
    [
        (bill, "contested", False),
        (bill, "paid", True),
        (bill, {"contested": True}, True),
        (ask, {"amount": "fine.amount * 0.5", "within": {"days": 14}}, False),
        (ask, {"amount": "fine.amount *", "within": {"days": 14}}, True),
        (ask, {"amount": "fine.amount"}, True),
        (ask, "fine.amount", True),
    ],
)
def test_what_is_written_for_an_effect_is_looked_at(effect: object, argument: object, wrong: bool) -> None:
    assert bool(effect.problems(argument, ())) is wrong  # type: ignore[attr-defined]
