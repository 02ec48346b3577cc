"""What a provider says of a try, told or asked, and what follows: the one way in for both.

Heard twice, late or out of order it changes nothing more: an attempt that succeeded stays so, and money is
known by its provider's own name for it.
"""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import F, OuterRef, Subquery

from loket.audit import actions as audit
from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.payments import settling
from loket.payments.models import Attempt, MoneyIn, ParkedNotice
from loket.payments.registry import Notice, Standing
from loket.payments.types import AttemptState

_DEADLOCK = "40P01"
_TRIES = 3
_AT_ONCE = 1000
_LONGEST_ID = 200
_LONGEST_REASON = 60
_LONGEST_RECEIPT = 60
# Beyond any fee, and within what the column holds.
_TOO_MUCH = Decimal(10) ** 14
_CURRENCY = re.compile(r"[A-Z]{3}")

P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger(__name__)


def again_after_deadlock(action: Callable[P, R]) -> Callable[P, R]:
    """Repeats a whole transaction that the database chose as a deadlock's victim.

    Handlers lock what is paid for after the payment; whoever closes a case locks them the other way round.
    """

    @wraps(action)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        for left in reversed(range(_TRIES)):
            try:
                return action(*args, **kwargs)
            except OperationalError as problem:
                told = getattr(problem.__cause__, "sqlstate", "")
                if told != _DEADLOCK or connection.in_atomic_block or not left:
                    raise
        raise AssertionError("the last try returns or raises")

    return repeated


def attempt_told_of(provider: str, notice: Notice) -> Attempt | None:
    """The attempt by the provider's name for it, else by ours, which the provider proved."""
    known = Attempt.objects.filter(provider=provider, provider_ref=notice.provider_ref).first()
    if known is not None and notice.provider_ref:
        return known
    if notice.attempt_id is None:
        return None
    # Only a start that was cut short lacks its name; any other try has another one.
    return Attempt.objects.filter(id=notice.attempt_id, provider=provider, provider_ref="").first()


@again_after_deadlock
@transaction.atomic
def heed(attempt_id: UUID, notice: Notice, now: datetime) -> bool:
    """Takes in what a provider says of one try. Whether anything changed."""
    payment_id = Attempt.objects.values_list("payment_id", flat=True).get(id=attempt_id)
    payment = settling.locked(payment_id)
    attempt = Attempt.objects.select_for_update().get(id=attempt_id)
    _learn_names(attempt, notice)
    if notice.standing is Standing.FAILED:
        return _fail(attempt, notice.reason, now)
    if notice.standing is Standing.PENDING:
        return False
    amount = notice.amount or Money(attempt.amount, attempt.currency)
    if not makes_sense(notice):
        logger.warning("attempt %s: %s says it succeeded and names no money", attempt.id, attempt.provider)
        return False
    ended = _succeed(attempt, now)
    money = MoneyIn(
        agency_id=payment.agency_id,
        attempt=attempt,
        provider=attempt.provider,
        transaction_id=notice.transaction_id,
        amount=amount.rounded().amount,
        currency=amount.currency,
        received_at=notice.at or now,
        taken_at=now,
    )
    taken = settling.take_in(payment, money, by=SYSTEM, now=now)
    if not taken:
        _notice_contradiction(attempt, amount.rounded(), notice.transaction_id, now)
    return taken or ended


def makes_sense(notice: Notice) -> bool:
    """Whether a success names its money, as the protocol wants. Other tidings always do."""
    if notice.standing is not Standing.SUCCEEDED:
        return True
    if not 0 < len(notice.transaction_id) <= _LONGEST_ID:
        return False
    amount = notice.amount
    return amount is None or (
        amount.amount.is_finite()
        and _CURRENCY.fullmatch(amount.currency) is not None
        and 0 < amount.amount < _TOO_MUCH
        and amount.rounded().amount > 0
    )


def _learn_names(attempt: Attempt, notice: Notice) -> None:
    """Keeps the provider's name for the try and the payer's number for the money, the first that come."""
    if not attempt.provider_ref or (notice.receipt and not attempt.receipt):
        attempt.provider_ref = attempt.provider_ref or notice.provider_ref[:_LONGEST_ID]
        attempt.receipt = attempt.receipt or notice.receipt[:_LONGEST_RECEIPT]
        attempt.save(update_fields=["provider_ref", "receipt"])


def park(provider: str, notice: Notice, now: datetime) -> None:
    """Keeps what is told of a try that nobody knows. Told again it is counted."""
    amount = notice.amount.rounded() if notice.amount and makes_sense(notice) else None
    with transaction.atomic():
        row, new = ParkedNotice.objects.get_or_create(
            provider=provider,
            provider_ref=notice.provider_ref[:_LONGEST_ID],
            standing=notice.standing.value,
            transaction_id=notice.transaction_id[:_LONGEST_ID],
            defaults={
                "amount": amount.amount if amount else None,
                "currency": amount.currency if amount else "",
                "said_at": notice.at,
                "parked_at": now,
            },
        )
        if new:
            audit.record(
                "payment.notice_parked", by=SYSTEM, about=f"notice:{row.pk}", now=now, provider=provider
            )
        else:
            ParkedNotice.objects.filter(pk=row.pk).update(times=F("times") + 1)


def heed_parked(now: datetime, provider: str = "", provider_ref: str = "") -> int:
    """Takes in what was told of tries before their names were stored; how many notices.

    Of all, or of the one try named.
    """
    tries = Attempt.objects.filter(provider=OuterRef("provider"), provider_ref=OuterRef("provider_ref"))
    known = tries.exclude(provider_ref="").values("id")
    waiting = ParkedNotice.objects.filter(heeded_at__isnull=True).order_by("id")
    if provider_ref:
        waiting = waiting.filter(provider=provider, provider_ref=provider_ref)
    # Those of tries that nobody will ever know must not stand before the others.
    rows = waiting.annotate(attempt_id=Subquery(known[:1])).filter(attempt_id__isnull=False)
    return sum(_heed_parked(row, row.attempt_id, now) for row in rows[:_AT_ONCE])


def _heed_parked(row: ParkedNotice, attempt_id: UUID, now: datetime) -> bool:
    """One that can't be taken in holds up none of the others."""
    try:
        with transaction.atomic():
            heed(attempt_id, _notice(row), now)
            ParkedNotice.objects.filter(pk=row.pk).update(heeded_at=now)
    except Exception as fault:
        logger.error("notice %s can't be taken in: %s", row.pk, type(fault).__name__)
        return False
    return True


def _notice(row: ParkedNotice) -> Notice:
    return Notice(
        provider_ref=row.provider_ref,
        standing=Standing(row.standing),
        transaction_id=row.transaction_id,
        amount=Money(row.amount, row.currency).rounded() if row.amount is not None else None,
        at=row.said_at,
    )


def _fail(attempt: Attempt, reason: str, now: datetime) -> bool:
    if attempt.state != AttemptState.STARTED:
        return False
    attempt.reason = reason[:_LONGEST_REASON]
    _end(attempt, AttemptState.FAILED, now)
    return True


def _succeed(attempt: Attempt, now: datetime) -> bool:
    """Also after it failed or expired here: the money is there."""
    if attempt.state == AttemptState.SUCCEEDED:
        return False
    _end(attempt, AttemptState.SUCCEEDED, now)
    return True


def _end(attempt: Attempt, state: AttemptState, now: datetime) -> None:
    attempt.state, attempt.ended_at, attempt.check_at, attempt.url = state.value, now, None, ""
    attempt.save(update_fields=["state", "ended_at", "check_at", "url", "reason"])


def _notice_contradiction(attempt: Attempt, told: Money, transaction_id: str, now: datetime) -> None:
    """The same money under another amount: the first word counts, and the office is told."""
    row = MoneyIn.objects.get(provider=attempt.provider, transaction_id=transaction_id)
    if (row.amount, row.currency) != (told.amount, told.currency):
        audit.record(
            "payment.contradicted", by=SYSTEM, about=f"money:{row.id}", now=now,
            provider=attempt.provider, told=str(told.amount), currency=told.currency,
        )  # fmt: skip
