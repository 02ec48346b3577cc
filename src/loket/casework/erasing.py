"""Erasing cases: at a subject's request once closed, and on time when their retention is over."""

import logging
from calendar import monthrange
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from loket.casework.models import Case, CaseIndex, OneTimeCode, Reminder
from loket.casework.types import Phase
from loket.catalogue import queries as catalogue
from loket.catalogue.service import Retention
from loket.kernel.actors import SYSTEM
from loket.kernel.refusals import Refusal
from loket.privacy import actions as privacy
from loket.privacy.types import Subject, SubjectKind

_BATCH = 200

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
    kept = Case.objects.filter(phase=Phase.CLOSED, erased_at=None)
    erased, failed = 0, 0
    for version_id in kept.order_by().values_list("version_id", flat=True).distinct():
        until = _before(now, catalogue.compiled(version_id).service.retention)
        due = kept.filter(version_id=version_id, closed_at__lt=until).order_by("id")
        last: UUID | None = None
        while ids := list((due.filter(id__gt=last) if last else due).values_list("id", flat=True)[:_BATCH]):
            last = ids[-1]
            done = sum(_expired(case_id, now) for case_id in ids)
            erased, failed = erased + done, failed + len(ids) - done
    if failed:
        raise ExpiryIncomplete(f"{erased} cases were erased, {failed} could not be")
    return erased


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
