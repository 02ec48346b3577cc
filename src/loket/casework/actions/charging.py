"""What staff does with the money of a case: ask for some, take cash, give back. Who may is in `policies`."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from loket.casework import policies
from loket.casework.actions import noting, paying
from loket.casework.models import Case
from loket.casework.refusals import NoSuchCase, NotPayable
from loket.casework.types import Phase
from loket.catalogue import queries as catalogue
from loket.identity.types import StaffMember
from loket.kernel.money import Money
from loket.payments import actions as payments
from loket.payments import queries as paid
from loket.payments.types import Line, PaymentView, SubjectKind

MOST_OF_A_PURPOSE = 200
# More than any fee; a slip of the finger by some noughts is refused.
MOST_ASKED = Decimal(100_000_000)
_ASKABLE = (Phase.OPEN, Phase.WAITING)


@transaction.atomic
def ask_for_payment(
    *, case_id: UUID, what: str, amount: Money, request_id: UUID, staff: StaffMember, now: datetime
) -> UUID:
    """Asks the applicant for a payment besides the fee; the payment.

    `what` says what for, in the applicant's language. `request_id` makes doing it twice the same as once. The
    applicant is told by a job. Refuses NoSuchCase, and NotPayable with the `field` that is wrong.
    """
    case = Case.objects.select_for_update().filter(id=case_id, erased_at=None).first()
    if case is None or not policies.may_work(staff, case.agency_id, case.team_id):
        raise NoSuchCase()
    said, amount = what.replace("\0", "").strip(), amount.rounded()
    if case.phase not in _ASKABLE:
        raise NotPayable(field="phase")
    if not 0 < len(said) <= MOST_OF_A_PURPOSE:
        raise NotPayable(field="what")
    if not 0 < amount.amount <= MOST_ASKED:
        raise NotPayable(field="amount")
    service = catalogue.compiled(case.version_id)
    return paying.ask_besides(
        case,
        line=Line({case.language: said}, amount),
        title=service.title,
        once=str(request_id),
        within=service.service.payment.within,
        by=staff.actor,
        now=now,
    )


def take_cash(
    *, case_id: UUID, payment_id: UUID, amount: Money, slip: str, staff: StaffMember, now: datetime
) -> None:
    """Takes in what somebody paid at the counter for this payment; `slip` is the till's own number for it.

    Recorded again under the same number, nothing changes. Refuses NoSuchCase, and what payments refuses.
    """
    case = Case.objects.filter(id=case_id, erased_at=None).first()
    if case is None or case.agency_id not in policies.counters(staff):
        raise NoSuchCase()
    if payment_of(case_id, payment_id) is None:
        raise NoSuchCase()
    payments.record_transfer(
        agency_id=case.agency_id,
        reference=case.reference,
        amount=amount,
        transaction_id=slip,
        received_at=now,
        by=staff.actor,
        now=now,
        payment_id=payment_id,
    )


@transaction.atomic
def give_back(
    *,
    case_id: UUID,
    payment_id: UUID,
    amount: Money,
    reason: str,
    request_id: UUID,
    staff: StaffMember,
    now: datetime,
) -> None:
    """A supervisor gives back so much of what was paid. The applicant is told by a job, staff by a note.

    `request_id` makes doing it twice the same as once. The reason is sealed with the case, because the record
    could never be rid of it. Refuses NoSuchCase, NotPayable without a reason, and what payments refuses.
    """
    case = Case.objects.filter(id=case_id, erased_at=None).first()
    if case is None or not policies.may_give_back(staff, case.agency_id, case.team_id):
        raise NoSuchCase()
    if payment_of(case_id, payment_id) is None:
        raise NoSuchCase()
    if not reason.strip():
        raise NotPayable(field="reason")
    if amount.rounded().amount <= 0:
        raise NotPayable(field="amount")
    decided = payments.refund(
        payment_id=payment_id,
        amount=amount,
        reason="decided",
        by=staff.actor,
        now=now,
        request_id=request_id,
    )
    if decided:
        told = f"{amount.currency} {amount.rounded().amount}: {reason.strip()}"
        noting.add_to(case, text=told, staff=staff, now=now)


def payment_of(case_id: UUID, payment_id: UUID) -> PaymentView | None:
    """A payment of this case, and of no other."""
    found = paid.payments_of(subject_kind=SubjectKind.CASE, subject_id=case_id)
    return next((one for one in found if one.id == payment_id), None)
