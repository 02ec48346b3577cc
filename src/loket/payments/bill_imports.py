"""Taking bills into a register: again and again from newer files, each bill once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from loket.audit import actions as audit
from loket.kernel.actors import Actor
from loket.kernel.ids import new_id
from loket.payments.bill_files import BillRow
from loket.payments.bills import Said, fact_digest, number_digest, said_by, seal
from loket.payments.models import Bill, BillRegister
from loket.payments.types import BillState
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey


@dataclass(frozen=True, slots=True)
class Imported:
    """How many bills were new, changed, as they were, and left alone because they are no longer open."""

    new: int = 0
    changed: int = 0
    same: int = 0
    settled: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.settled + other.settled,
        )


def open_register(*, agency_id: int, key: str, now: datetime) -> UUID:
    """The agency's list of that name, made where there is none yet."""
    found = BillRegister.objects.filter(agency_id=agency_id, key=key).first()
    if found is not None:
        return found.id
    made = BillRegister(id=new_id(), agency_id=agency_id, key=key, opened_at=now)
    made.key_id, _ = privacy.create_key(made.id)
    BillRegister.objects.bulk_create([made], ignore_conflicts=True)
    return BillRegister.objects.get(agency_id=agency_id, key=key).id


def any_bill(register_id: UUID) -> bool:
    return Bill.objects.filter(register_id=register_id).exists()


@transaction.atomic
def take_bills(*, register_id: UUID, rows: Sequence[BillRow], by: Actor, now: datetime) -> Imported:
    """Takes some rows in, all or none. A number known already is brought up to date while it is open."""
    register = BillRegister.objects.get(id=register_id)
    key = privacy.open_key(register.key_id)
    digests = {number_digest(register.agency_id, register.key, row.number): row for row in rows}
    known = {
        bytes(bill.number_digest): bill
        for bill in Bill.objects.select_for_update().filter(
            register=register, number_digest__in=list(digests)
        )
    }
    new: list[Bill] = []
    changed = same = settled = 0
    for digest, row in digests.items():
        bill = known.get(digest)
        if bill is None:
            new.append(_filled(Bill(id=new_id(), register=register, number_digest=digest), key, row, now))
        elif bill.state != BillState.OPEN:
            settled += 1
        elif _says(bill, key, register, row):
            same += 1
        else:
            _filled(bill, key, row, now).save()
            changed += 1
    Bill.objects.bulk_create(new)
    audit.record(
        "bills.imported", by=by, about=f"register:{register.id}", now=now, new=len(new), changed=changed
    )
    return Imported(len(new), changed, same, settled)


def _filled(bill: Bill, key: DataKey, row: BillRow, now: datetime) -> Bill:
    register = bill.register
    bill.fact_digest = fact_digest(register.agency_id, register.key, row.number, row.fact)
    bill.sealed = seal(key, bill, Said(row.number, row.what, row.place))
    bill.amount, bill.currency = row.amount.amount, row.amount.currency
    bill.issued_on = row.issued_on
    # A new term after a lost contest is not taken back.
    bill.due_on = max(bill.due_on or row.due_on, row.due_on)
    bill.state, bill.state_at = BillState.OPEN, now
    return bill


def _says(bill: Bill, key: DataKey, register: BillRegister, row: BillRow) -> bool:
    """Whether the bill is as the row has it."""
    return (
        bytes(bill.fact_digest) == fact_digest(register.agency_id, register.key, row.number, row.fact)
        and said_by(key, bill) == Said(row.number, dict(row.what), row.place)
        and (bill.amount, bill.currency) == (row.amount.amount, row.amount.currency)
        and bill.issued_on == row.issued_on
        and bill.due_on >= row.due_on
    )
