"""Comparing a day with the providers: every try that day, asked for once more and held against the ledger."""

import logging
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from loket.audit import actions as audit
from loket.identity import queries as identity
from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.payments import hearing
from loket.payments.models import Attempt, Disagreement, MoneyIn
from loket.payments.offering import known
from loket.payments.registry import Notice, ProviderAway, ProviderRefused, Standing
from loket.payments.types import DifferenceKind

logger = logging.getLogger(__name__)


def bounds(agency_id: int, day: date) -> tuple[datetime, datetime]:
    """From when until when a day lasts in the agency's time zone."""
    zone = ZoneInfo(identity.agency_known(agency_id).timezone)
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def compare(*, agency_id: int, day: date, now: datetime) -> int:
    """Asks the providers for every try of the day and keeps where they disagree; how many differences.

    Money that a provider has and nobody told us of is taken in, and noted. Repeating it replaces findings.
    """
    since, until = bounds(agency_id, day)
    begun = Attempt.objects.filter(started_at__gte=since, started_at__lt=until, payment__agency_id=agency_id)
    money = MoneyIn.objects.filter(agency_id=agency_id, taken_at__gte=since, taken_at__lt=until)
    # Each found by its own index; together in one condition neither would be.
    touched = begun.values("id").union(money.exclude(attempt=None).values("attempt_id"))
    attempts = (
        Attempt.objects.filter(id__in=touched, outside=False)
        .select_related("payment")
        .exclude(provider_ref="")
        .order_by("id")
    )
    found = [row for attempt in attempts.iterator(500) if (row := _difference(attempt, day, now)) is not None]
    # What was seen late is taken in by now, so asking again finds nothing: that finding stays.
    old = Disagreement.objects.filter(agency_id=agency_id, day=day).exclude(kind=DifferenceKind.UNSEEN)
    old.delete()
    Disagreement.objects.bulk_create(found, ignore_conflicts=True)
    count = Disagreement.objects.filter(agency_id=agency_id, day=day).count()
    audit.record(
        "payment.day_compared",
        by=SYSTEM,
        about=f"agency:{agency_id}",
        now=now,
        day=str(day),
        differences=count,
    )
    return count


def _difference(attempt: Attempt, day: date, now: datetime) -> Disagreement | None:
    """Where the provider's word on one try differs from what the ledger holds of it."""
    try:
        told = _asked(attempt, now)
    except (ProviderAway, ProviderRefused) as problem:
        logger.info("attempt %s could not be compared: %s", attempt.id, problem.code)
        return _finding(attempt, day, DifferenceKind.NOT_ASKED, now)
    ours = MoneyIn.objects.filter(attempt=attempt).order_by("taken_at", "id")
    same = next((row for row in ours if row.transaction_id == told.transaction_id), None)
    if told.standing is not Standing.SUCCEEDED or not hearing.makes_sense(told):
        first = ours.first()
        if first is None:
            return None
        return _finding(attempt, day, DifferenceKind.UNKNOWN_THERE, now, ours=first)
    if same is None:
        _take_in(attempt, told, now)
        return _finding(attempt, day, DifferenceKind.UNSEEN, now, told=told)
    theirs = (told.amount or Money(attempt.amount, attempt.currency)).rounded()
    if Money(same.amount, same.currency).rounded() != theirs:
        return _finding(attempt, day, DifferenceKind.OTHER_AMOUNT, now, ours=same, told=told)
    return None


def _take_in(attempt: Attempt, told: Notice, now: datetime) -> None:
    """What can't be taken in, as its case can't begin, keeps nothing else of the day from the report."""
    try:
        hearing.heed(attempt.id, told, now)
    except Exception as fault:
        logger.error("attempt %s: its money can't be taken in: %s", attempt.id, type(fault).__name__)


def _asked(attempt: Attempt, now: datetime) -> Notice:
    """Raises ProviderAway, ProviderRefused."""
    plugin = known(attempt.provider)
    if plugin is None:
        raise ProviderAway("no_provider")
    try:
        return plugin.check(attempt.provider_ref, now=now)
    except (ProviderAway, ProviderRefused):
        raise
    except Exception as fault:
        # As in checking: a library's own words go no further.
        raise ProviderAway(f"fault_{type(fault).__name__}"[:60]) from None


def _finding(
    attempt: Attempt,
    day: date,
    kind: DifferenceKind,
    now: datetime,
    *,
    ours: MoneyIn | None = None,
    told: Notice | None = None,
) -> Disagreement:
    theirs = told.amount.rounded() if told and told.amount else None
    named = ours.transaction_id if ours else (told.transaction_id if told else "")
    return Disagreement(
        agency_id=attempt.payment.agency_id,
        day=day,
        attempt=attempt,
        kind=kind.value,
        transaction_id=named,
        ours=ours.amount if ours else None,
        theirs=theirs.amount if theirs else None,
        their_currency=theirs.currency if theirs else "",
        found_at=now,
    )
