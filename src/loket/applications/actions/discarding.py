"""Ending drafts without submitting them."""

from datetime import datetime

from django.db import transaction

from loket.applications import drafts
from loket.applications.models import Draft
from loket.files import actions as files
from loket.files.types import OwnerKind
from loket.kernel.actors import SYSTEM, Actor

_BATCH = 500


@transaction.atomic
def discard(*, token: str, by: Actor, now: datetime) -> None:
    """Deletes the draft with its key and files; a token that opens nothing is no error."""
    row = drafts.find(token, now, lock=True)
    if row is not None:
        files.delete_all_of(owner_kind=OwnerKind.DRAFT, owner_id=row.id, by=by, now=now)
        row.delete()


def purge_expired(*, now: datetime) -> int:
    """Deletes drafts whose time is over, in batches; says how many."""
    purged = 0
    while True:
        with transaction.atomic():
            rows = list(
                Draft.objects.select_for_update(skip_locked=True).filter(expires_at__lte=now)[:_BATCH]
            )
            for row in rows:
                files.delete_all_of(owner_kind=OwnerKind.DRAFT, owner_id=row.id, by=SYSTEM, now=now)
            Draft.objects.filter(id__in=[row.id for row in rows]).delete()
        purged += len(rows)
        if len(rows) < _BATCH:
            return purged
