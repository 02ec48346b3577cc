"""Bills and fines that an agency has written: found by number and one fact, paid, contested, cancelled.

The number and the fact are kept as keyed digests only, what the bill says is sealed under its register's key.
Asking how often one may look is the caller's business: a number alone never finds anything here.
"""

import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from loket.audit import actions as audit
from loket.kernel import compact_json
from loket.kernel.actors import Actor
from loket.kernel.money import Money
from loket.payments.models import Bill, BillRegister
from loket.payments.types import BillState, BillView, LocalText
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey

# Whoever contested and lost has as long to pay as on the first day.
TERM = timedelta(days=30)


def find_bill(*, agency_id: int, register: str, number: str, fact: str) -> BillView | None:
    """The bill with this number, where the fact is its own. 1 statement, and one in the key store for a find.

    A wrong fact costs as much time as a number that doesn't exist.
    """
    row = (
        Bill.objects.select_related("register")
        .filter(
            register__agency_id=agency_id,
            register__key=register,
            number_digest=number_digest(agency_id, register, number),
        )
        .first()
    )
    expected = bytes(row.fact_digest) if row else bytes(32)
    if not hmac.compare_digest(expected, fact_digest(agency_id, register, number, fact)) or row is None:
        return None
    return _view(row, privacy.open_key(row.register.key_id))


def bill(bill_id: UUID) -> BillView | None:
    row = Bill.objects.select_related("register").filter(id=bill_id).first()
    return _view(row, privacy.open_key(row.register.key_id)) if row else None


def lock_bill(bill_id: UUID) -> BillView | None:
    """The same, nobody else changing it until the transaction ends."""
    row = Bill.objects.select_for_update(of=("self",)).select_related("register").filter(id=bill_id).first()
    return _view(row, privacy.open_key(row.register.key_id)) if row else None


@transaction.atomic
def contest(*, bill_id: UUID, by: Actor, now: datetime) -> BillState | None:
    """Somebody contests it: until that is decided nobody need pay. How it then stands.

    One that is paid or cancelled stays so. Money that still comes for it settles it.
    """
    return _move(bill_id, BillState.CONTESTED, {BillState.OPEN}, by, now)


@transaction.atomic
def cancel(*, bill_id: UUID, by: Actor, now: datetime) -> BillState | None:
    """It need not be paid at all. One that is paid stays so."""
    return _move(bill_id, BillState.CANCELLED, {BillState.OPEN, BillState.CONTESTED}, by, now)


@transaction.atomic
def reinstate(*, bill_id: UUID, today: date, by: Actor, now: datetime) -> BillState | None:
    """It was contested and counts again, with TERM to pay from today."""
    return _move(bill_id, BillState.OPEN, {BillState.CONTESTED}, by, now, due_on=today + TERM)


def number_digest(agency_id: int, register: str, number: str) -> bytes:
    """A look-up forgives case, spaces and punctuation."""
    return privacy.blind_index(agency_id, f"bill.{register}", plain(number))


def fact_digest(agency_id: int, register: str, number: str, fact: str) -> bytes:
    """Together with the number, so that nobody can gather all bills of one plate by its digest."""
    return privacy.blind_index(agency_id, f"bill-fact.{register}", f"{plain(number)} {plain(fact)}")


def plain(typed: str) -> str:
    return "".join(sign for sign in typed.casefold() if sign.isalnum())


@dataclass(frozen=True, slots=True)
class Said:
    """What a bill says in words; sealed."""

    number: str
    what: LocalText
    place: str


def seal(key: DataKey, row: Bill, said: Said) -> bytes:
    words = {"number": said.number, "what": dict(said.what), "place": said.place}
    return key.encrypt(compact_json.dump(words), about=row.id.bytes)


def said_by(key: DataKey, row: Bill) -> Said:
    match compact_json.load_record(key.decrypt(bytes(row.sealed), about=row.id.bytes)):
        case {"number": str(number), "what": dict(what), "place": str(place)}:
            return Said(number, {str(code): str(text) for code, text in what.items()}, place)
    raise ValueError(f"bill {row.id} holds something else")


def register_of(agency_id: int, key: str) -> BillRegister | None:
    return BillRegister.objects.filter(agency_id=agency_id, key=key).first()


def _view(row: Bill, key: DataKey) -> BillView:
    said = said_by(key, row)
    return BillView(
        id=row.id,
        agency_id=row.register.agency_id,
        register=row.register.key,
        number=said.number,
        amount=Money(row.amount, row.currency).rounded(),
        what=said.what,
        place=said.place,
        issued_on=row.issued_on,
        due_on=row.due_on,
        state=BillState(row.state),
    )


def _move(
    bill_id: UUID,
    to: BillState,
    from_: set[BillState],
    by: Actor,
    now: datetime,
    *,
    due_on: date | None = None,
) -> BillState | None:
    row = Bill.objects.select_for_update().filter(id=bill_id).first()
    if row is None or row.state not in from_:
        return BillState(row.state) if row else None
    row.state, row.state_at = to, now
    row.due_on = max(row.due_on, due_on) if due_on else row.due_on
    row.save(update_fields=["state", "state_at", "due_on"])
    audit.record(f"bill.{to.value}", by=by, about=f"bill:{row.id}", now=now)
    return to
