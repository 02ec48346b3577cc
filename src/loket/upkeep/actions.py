"""Announcing, beginning and ending a window of maintenance."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from loket.audit import actions as audit
from loket.kernel.actors import Actor
from loket.kernel.refusals import Refusal
from loket.upkeep.models import Maintenance

_ABOUT = "upkeep:maintenance"


class EndsTooSoon(Refusal):
    """It would be over before it begins, or is over already."""

    code = "ends_too_soon"


def plan(
    *, begins: datetime, until: datetime | None, message: Mapping[str, str], by: Actor, now: datetime
) -> None:
    """Announces a window, or begins one where `begins` is not ahead; one that was planned before is replaced.

    Refuses: EndsTooSoon.
    """
    if until is not None and (until <= begins or until <= now):
        raise EndsTooSoon
    with transaction.atomic():
        Maintenance.objects.update_or_create(
            pk=1, defaults={"begins_at": begins, "until": until, "message": dict(message)}
        )
        audit.record(
            "maintenance.planned",
            by=by,
            about=_ABOUT,
            now=now,
            begins=begins.isoformat(),
            until=until.isoformat() if until else "",
        )


def end(*, by: Actor, now: datetime) -> bool:
    """Ends or calls off the window; False where there was none, and then nothing is written."""
    with transaction.atomic():
        found, _rows = Maintenance.objects.filter(pk=1).delete()
        if found:
            audit.record("maintenance.ended", by=by, about=_ABOUT, now=now)
    return bool(found)
