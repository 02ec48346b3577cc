"""Erasing cases: at a subject's request once closed, and on time when their retention is over."""

import logging
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from loket.casework.models import Case, CaseIndex, OneTimeCode, Reminder
from loket.casework.types import Phase
from loket.catalogue import queries as catalogue
from loket.catalogue.service import Retention
from loket.catalogue.types import VersionId
from loket.kernel.actors import SYSTEM
from loket.kernel.refusals import Refusal
from loket.privacy import actions as privacy
from loket.privacy.types import Subject, SubjectKind

_BATCH = 200
_KEPT = Case.objects.filter(closed_at__isnull=False, erased_at=None)

_log = logging.getLogger(__name__)


class ExpiryIncomplete(RuntimeError):
    """Some cases past their term could not be erased; the log names them."""


class CaseStillOpen(Refusal):
    """A case that is being worked can't be erased; `reference` says which."""

    code = "case_still_open"


def erase(case: Case, now: datetime) -> int:
    """Removes all that a case shows or can be found by; who calls destroys its key. Refuses CaseStillOpen.

    Stages, dates and the outcome stay, as numbers about nobody.
    """
    if case.erased_at is not None:
        return 0
    if case.phase != Phase.CLOSED:
        raise CaseStillOpen(reference=case.reference)
    gone, _ = CaseIndex.objects.filter(case=case).delete()
    OneTimeCode.objects.filter(case=case).delete()
    Reminder.objects.filter(case=case).delete()
    case.display, case.contact_digest, case.pin_digest = {}, None, None
    case.sealed_answers = case.sealed_contact = b""
    case.erased_at = now
    case.save(
        update_fields=[
            "display", "contact_digest", "pin_digest", "sealed_answers", "sealed_contact", "erased_at",
        ]
    )  # fmt: skip
    case.events.update(sealed_details=None, sealed_trace=None)
    case.inquiries.update(sealed_message=b"", sealed_reply=None)
    # Their files go with the case's others. What the register has of a certificate is about nobody.
    case.papers.all().delete()
    case.collections.update(sealed_pin=None)
    return gone + 1


def expire(now: datetime) -> int:
    """Erases closed cases whose service's retention is over, keys and all; says how many.

    One that fails holds up none of the others. Raises ExpiryIncomplete at the end where any did.
    """
    erased, failed = 0, 0
    for version_id in _versions():
        until = _before(now, catalogue.compiled(version_id).service.retention)
        due = _KEPT.filter(version_id=version_id, closed_at__lt=until)
        last: tuple[datetime, UUID] | None = None
        while found := _following(due, last):
            last = found[-1]
            done = sum(_expired(case_id, now) for _, case_id in found)
            erased, failed = erased + done, failed + len(found) - done
    if failed:
        raise ExpiryIncomplete(f"{erased} cases were erased, {failed} could not be")
    return erased


def _following(due: QuerySet[Case], last: tuple[datetime, UUID] | None) -> list[tuple[datetime, UUID]]:
    if last is not None:
        closed_at, case_id = last
        later = Q(closed_at__gt=closed_at) | Q(closed_at=closed_at, id__gt=case_id)
        due = due.filter(later, closed_at__gte=closed_at)
    rows = due.order_by("closed_at", "id").values_list("closed_at", "id")[:_BATCH]
    return [(closed_at, case_id) for closed_at, case_id in rows if closed_at is not None]


def _versions() -> Iterator[VersionId]:
    """Versions that closed cases still have, one look into the index for each."""
    known = _KEPT.order_by("version_id").values_list("version_id", flat=True)
    last = known.first()
    while last is not None:
        yield VersionId(last)
        last = known.filter(version_id__gt=last).first()


def _expired(case_id: UUID, now: datetime) -> bool:
    try:
        with transaction.atomic():
            privacy.erase_subject(subject=Subject(SubjectKind.CASE, case_id), by=SYSTEM, now=now)
    except Exception:
        _log.exception("case_not_erased case=%s", case_id)
        return False
    return True


def _before(now: datetime, term: Retention) -> datetime:
    """The moment that lies the term before `now`, by the calendar: a month before 31 March is 28 February."""
    months = (term.years or 0) * 12 + (term.months or 0)
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day) - timedelta(days=term.days or 0)
