"""What is held about the people whom bills are for: the bills, by their numbers."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from loket.audit import actions as audit
from loket.kernel.actors import Actor
from loket.kernel.refusals import Refusal
from loket.payments import bills
from loket.payments.models import Bill, BillRegister
from loket.payments.types import BillState
from loket.privacy.registry import register_holding
from loket.privacy.types import Clue, Copy, Holding, Subject, SubjectKind

# As long as tax laws commonly want the books of public money kept.
KEPT_FOR = timedelta(days=7 * 365)
_SETTLED = [BillState.PAID.value, BillState.CANCELLED.value]
_AT_ONCE = 1000


class BillNotSettled(Refusal):
    """The bill is still owed: it can't be erased."""

    code = "bill_not_settled"


def _find(clue: Clue) -> tuple[Subject, ...]:
    """By the number that is printed on it, in every register."""
    if not bills.plain(clue.reference):
        return ()
    registers = BillRegister.objects.all()
    digests = [bills.number_digest(one.agency_id, one.key, clue.reference) for one in registers]
    found = Bill.objects.filter(number_digest__in=digests).values_list("id", flat=True)
    return tuple(Subject(SubjectKind.BILL, bill_id) for bill_id in found)


def _export(subject: Subject, now: datetime) -> Iterator[Copy]:
    bill = bills.bill(subject.id) if subject.kind is SubjectKind.BILL else None
    if bill is not None:
        told = {
            "number": bill.number,
            "what": dict(bill.what),
            "place": bill.place,
            "amount": f"{bill.amount.amount} {bill.amount.currency}",
            "issued_on": bill.issued_on.isoformat(),
            "due_on": bill.due_on.isoformat(),
            "state": bill.state.value,
        }
        content = json.dumps(told, ensure_ascii=False, indent=2).encode()
        yield Copy("bill.json", "application/json", content)


@transaction.atomic
def _erase(subject: Subject, by: Actor, now: datetime) -> int:
    if subject.kind is not SubjectKind.BILL:
        return 0
    row = Bill.objects.select_for_update().filter(id=subject.id).first()
    if row is None:
        return 0
    if row.state not in _SETTLED:
        raise BillNotSettled
    audit.record("bill.erased", by=by, about=f"bill:{row.id}", now=now)
    row.delete()
    return 1


def _count(subject: Subject) -> int:
    return Bill.objects.filter(id=subject.id).count() if subject.kind is SubjectKind.BILL else 0


def _expire(now: datetime) -> int:
    past = Bill.objects.filter(state__in=_SETTLED, state_at__lt=now - KEPT_FOR)
    ids: list[UUID] = list(past.values_list("id", flat=True)[:_AT_ONCE])
    return Bill.objects.filter(id__in=ids).delete()[0]


def register() -> None:
    register_holding(Holding("bills", _find, _export, _erase, _count, _expire))
