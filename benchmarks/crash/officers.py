"""An officer who opens cases, takes them on and decides them, and notes each decision before and after.

Run inside an installation: python -m benchmarks.crash.officers NOTES SEED. Killed like everything else.
"""

import logging
import sys
import time
from pathlib import Path
from random import Random
from typing import TextIO

from loket.config.command import start_django

# Tables can only be imported into a started Django.
start_django()

from django.db import Error

from loket.casework import actions
from loket.casework.models import Case
from loket.casework.types import Phase
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel import clock
from loket.kernel.refusals import Refusal
from loket.workflow.engine import GivenReason

_OFFICERS = ("wanjiku.mwangi@example.org", "caroline.jepkosgei@example.org", "amina.wekesa@example.org")
_GOOD = ("approve", "grant")
_IDLE = 0.5
_BETWEEN = 0.3


def main(notes: Path, seed: str) -> None:
    by = Random(f"officers/{seed}")
    with notes.open("a", encoding="ascii") as book:
        while True:
            try:
                staff = _staff(by.choice(_OFFICERS))
                worked = _decide_one(staff, book)
            except (Refusal, Error) as problem:
                # Somebody else was quicker, or the database is away.
                logging.getLogger(__name__).warning("not decided: %s", type(problem).__name__)
                worked = False
            time.sleep(_BETWEEN if worked else _IDLE)


def _staff(email: str) -> StaffMember:
    person = identity.person_by_email(email)
    staff = identity.staff_member(person.id) if person else None
    assert staff is not None
    return staff


def _decide_one(staff: StaffMember, book: TextIO) -> bool:
    waiting = Case.objects.filter(phase=Phase.OPEN, team_id__in=staff.team_ids, stage="check")
    row = waiting.order_by("opened_at").first()
    if row is None:
        return False
    case = actions.open_for_staff(reference=row.reference, reason="", staff=staff, now=clock.now())
    action = next((offer.key for offer in case.actions if offer.key in _GOOD), "")
    if not action:
        return False
    actions.assign_to_self(case_id=case.id, staff=staff, now=clock.now())
    revision = actions.open_for_staff(
        reference=row.reference, reason="", staff=staff, now=clock.now()
    ).revision
    _note(book, f"deciding {row.reference} {action}")
    actions.act(
        case_id=case.id,
        action=action,
        revision=revision,
        reason=GivenReason((), ""),
        message="",
        questions=(),
        staff=staff,
        now=clock.now(),
    )
    _note(book, f"decided {row.reference} {action}")
    return True


def _note(book: TextIO, line: str) -> None:
    book.write(f"{line}\n")
    book.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
