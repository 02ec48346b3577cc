"""What is due and nobody does yet. Jobs may be lost; rows are not."""

import logging
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from loket.identity import queries as identity
from loket.payments import comparing, hearing, settling
from loket.payments.actions.returning import LEASE
from loket.payments.models import Attempt, Payment, Refund
from loket.payments.types import OPEN

CHECK_JOB = "payments.check"
_BATCH = 500
# How late a refund must be before its job counts as lost, or an expired payment before nobody else closed it.
_LATE = timedelta(minutes=5)
# When the day that ended is compared, by the agency's own clock: providers are done with it by then.
_COMPARE_HOUR = 4

logger = logging.getLogger(__name__)


def sweep(*, now: datetime) -> int:
    """Defers what is due, and takes in parked notices; how many. Safe to repeat."""
    return _check_later(now) + _pay_back_lost(now) + hearing.heed_parked(now)


def expired(now: datetime) -> tuple[UUID, ...]:
    """Payments whose time was over a while ago and that are still asked for (1 statement).

    A fee is closed with its application, at once; what nobody else closes is left for this.
    """
    open_ones = Payment.objects.filter(state__in=[state.value for state in OPEN], expires_at__lte=now - _LATE)
    return tuple(open_ones.order_by("expires_at").values_list("id", flat=True)[:_BATCH])


def compare_yesterday(*, now: datetime) -> int:
    """Compares the last day with the providers for each agency where it is the hour for that; how many."""
    compared = 0
    for agency in identity.agencies():
        here = now.astimezone(ZoneInfo(agency.timezone))
        if here.hour == _COMPARE_HOUR:
            comparing.compare(agency_id=agency.id, day=_yesterday(here), now=now)
            compared += 1
    return compared


def _yesterday(here: datetime) -> date:
    return here.date() - timedelta(days=1)


@transaction.atomic
def _check_later(now: datetime) -> int:
    due: list[UUID] = list(
        Attempt.objects.select_for_update(skip_locked=True)
        .filter(check_at__lte=now)
        .order_by("check_at")
        .values_list("id", flat=True)[:_BATCH]
    )
    if due:
        # Whoever checks says when next; should that job be lost, this says so.
        Attempt.objects.filter(id__in=due).update(check_at=now + LEASE)
        arguments: list[JSONDict] = [{"attempt_id": str(attempt_id)} for attempt_id in due]
        app.configure_task(CHECK_JOB, queue=settling.QUEUE).batch_defer(*arguments)
    return len(due)


@transaction.atomic
def _pay_back_lost(now: datetime) -> int:
    late: list[UUID] = list(
        Refund.objects.select_for_update(skip_locked=True)
        .filter(due_at__lte=now - _LATE)
        .order_by("due_at")
        .values_list("id", flat=True)[:_BATCH]
    )
    if late:
        Refund.objects.filter(id__in=late).update(due_at=now)
        for refund_id in late:
            settling.pay_back_later(refund_id, now)
        logger.warning("%d refunds had lost their job", len(late))
    return len(late)
