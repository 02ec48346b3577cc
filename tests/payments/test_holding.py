"""What is held about who paid: found by the case, copied, taken away; the amounts stay."""

import json
from uuid import uuid4

import pytest

from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.payments import queries
from loket.payments.models import MoneyIn, Payment
from loket.payments.providers.sandbox.bank import Doing
from loket.payments.types import PaymentState
from loket.payments.types import SubjectKind as PaidFor
from loket.privacy.registry import holding
from loket.privacy.types import Subject, SubjectKind
from tests.payments import oracle, till
from tests.payments.till import NOW, OWED, paid, seen

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def test_a_copy_tells_what_was_asked_and_paid(agency: AgencyView) -> None:
    payment = till.asked(agency)
    paid(payment, Doing.TOO_MUCH)
    subject = Subject(SubjectKind.CASE, Payment.objects.get().subject_id or uuid4())
    (copy,) = holding("payments").export(subject, NOW)
    (told,) = json.loads(copy.content)
    assert (told["amount"], told["state"]) == ("1050.00 KES", "paid")
    assert told["receipts"][0]["number"] == "TRA-2026-000001"
    assert told["refunds"][0]["amount"] == "525.00 KES"
    assert holding("payments").count(subject) == 1


def test_others_hold_nothing(agency: AgencyView) -> None:
    till.asked(agency)
    for subject in (Subject(SubjectKind.CASE, uuid4()), Subject(SubjectKind.PERSON, uuid4())):
        assert list(holding("payments").export(subject, NOW)) == []
        assert holding("payments").count(subject) == 0
        assert holding("payments").erase(subject, SYSTEM, NOW) == 0


def test_erasing_takes_away_whose_it_was_and_keeps_the_books(agency: AgencyView) -> None:
    payment = till.asked(agency)
    ref = till.begun(payment)
    case = Payment.objects.get().subject_id
    assert case is not None
    subject = Subject(SubjectKind.CASE, case)
    assert holding("payments").erase(subject, SYSTEM, NOW) == 1
    assert holding("payments").erase(subject, SYSTEM, NOW) == 0
    view = seen(payment)
    assert (view.subject_id, view.reference, view.lines, view.amount) == (None, "", (), OWED)
    assert queries.payments_of(subject_kind=PaidFor.CASE, subject_id=case) == ()
    assert str(case) not in str(Payment.objects.values())
    # Money may still come for what nobody owns any more.
    till.bank.press(ref=ref, doing=Doing.TOO_MUCH, now=NOW)
    assert seen(payment).state is PaymentState.PAID
    assert MoneyIn.objects.count() == 1
    assert [fault for fault in oracle.faults() if "told" not in fault] == []
