"""What people may ask for: a copy of their data, and its erasure; and erasing on time without being asked."""

from datetime import datetime

from django.db import transaction

from loket.audit import actions as audit
from loket.kernel.actors import SYSTEM, Actor
from loket.privacy.actions.keys import destroy_keys_of
from loket.privacy.registry import holding, holdings
from loket.privacy.types import Copy, Erasure, Subject


def copy_of(*, subject: Subject, by: Actor, now: datetime) -> tuple[Copy, ...]:
    """Everything held about a subject, by every context, in files. Leaves a record."""
    with transaction.atomic():
        audit.record("privacy.copied", by=by, about=str(subject), now=now)
        return tuple(copy for held in holdings() for copy in held.export(subject, now))


def erase_subject(*, subject: Subject, by: Actor, now: datetime) -> Erasure:
    """Removes what every context holds about a subject and destroys its keys. Repeating it is harmless.

    All or nothing, but for the keys: they go last, by their own connection, and stay gone where this
    transaction then fails to commit. Passes on a holding's Refusal before anything is lost.
    """
    with transaction.atomic():
        rows = {held.name: held.erase(subject, by, now) for held in holdings()}
        audit.record("privacy.erased", by=by, about=str(subject), now=now, **rows)
        return Erasure(rows, destroy_keys_of(subject.id, by=by, now=now))


def expire(*, name: str, now: datetime) -> int:
    """Erases what is past its term in one holding; how many rows. Raises KeyError on an unknown name."""
    count = holding(name).expire(now)
    if count:
        audit.record("privacy.expired", by=SYSTEM, about=f"holding:{name}", now=now, rows=count)
    return count
