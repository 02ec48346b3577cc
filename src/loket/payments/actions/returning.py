"""Giving money back: decided by somebody, made by the provider, or by hand in the office."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from loket.audit import actions as audit
from loket.kernel.actors import SYSTEM, Actor
from loket.kernel.money import Money
from loket.kernel.refusals import Refusal
from loket.payments import ledger, settling
from loket.payments.hearing import again_after_deadlock
from loket.payments.models import Refund
from loket.payments.offering import known
from loket.payments.registry import (
    ProviderAway,
    ProviderRefused,
    Refunding,
    RefundNotice,
    RefundOrder,
    Standing,
)
from loket.payments.types import RefundState

# Longer than any provider may take.
LEASE = timedelta(minutes=10)
# A job may be handed out by a database whose clock is a little ahead of ours.
_CLOCK_SLACK = timedelta(minutes=1)
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=4)
# From then on somebody in the office looks at it.
_GIVE_UP = timedelta(days=7)
_OPEN = (RefundState.DUE, RefundState.ASKED)

logger = logging.getLogger(__name__)


class NoSuchRefund(Refusal):
    """There is no refund that somebody has to make by hand under this id."""

    code = "no_such_refund"


@again_after_deadlock
@transaction.atomic
def refund(
    *,
    payment_id: UUID,
    amount: Money,
    reason: str,
    by: Actor,
    now: datetime,
    request_id: UUID | None = None,
) -> bool:
    """Gives back so much of what a receipt was given for; the payment stays paid. Jobs do it.

    `reason` is a plain word for the record, which nobody can erase: never what somebody typed. False, and
    nothing changes, where `request_id` says that this very decision was taken before. Refuses
    NothingToRefund.
    """
    payment = settling.locked(payment_id)
    if request_id and Refund.objects.filter(money__payment=payment, request_id=request_id).exists():
        return False
    account = settling.account_of(payment)
    outcome = ledger.refunded(account, amount.rounded())
    audit.record("payment.refund_decided", by=by, about=f"payment:{payment.id}", now=now, reason=reason[:60])
    settling.perform(payment, account, outcome, by=by, now=now, request_id=request_id)
    return True


def pay_back(*, refund_id: UUID, now: datetime) -> RefundState:
    """Makes one try to give money back, or asks how it stands. The state it then is in.

    Safe to repeat and to run twice at once: the provider knows the refund by its id. No lock is held while it
    thinks; a try that died is made again after LEASE.
    """
    row = _claimed(refund_id, now)
    if row is None:
        return RefundState(Refund.objects.values_list("state", flat=True).get(id=refund_id))
    plugin = known(row.money.provider)
    if plugin is None:
        return _settled(row, RefundState.BY_HAND, "no_provider", now)
    order = RefundOrder(
        refund_id=row.id,
        provider_ref=row.money.attempt.provider_ref if row.money.attempt else "",
        transaction_id=row.money.transaction_id,
        amount=Money(row.amount, row.currency).rounded(),
        reason=row.reason,
        receipt=row.money.attempt.receipt if row.money.attempt else "",
        whole=row.amount == row.money.amount,
        begun=row.provider_ref,
        callback_url=f"{settings.PUBLIC_ADDRESS}/api/v1/callbacks/{row.money.provider}/",
    )
    try:
        told = plugin.refund(order, now=now)
    except ProviderRefused as problem:
        return _settled(row, RefundState.FAILED, problem.code, now)
    except ProviderAway as problem:
        return _again(row, RefundState(row.state), problem.code, now)
    except Exception as fault:
        # As in checking: a library's own words go no further.
        logger.warning("refund %s: %s failed: %s", row.id, plugin.key, type(fault).__name__)
        return _again(row, RefundState(row.state), "fault", now)
    return _heeded(row, told, now)


@transaction.atomic
def refund_done_by_hand(*, refund_id: UUID, by: Actor, now: datetime) -> None:
    """Somebody in the office gave the money back. Refuses NoSuchRefund where that was not theirs to do."""
    changed = Refund.objects.filter(
        id=refund_id, state__in=[RefundState.BY_HAND.value, RefundState.FAILED.value]
    ).update(state=RefundState.DONE, ended_at=now)
    if not changed:
        raise NoSuchRefund
    audit.record("payment.refund_by_hand", by=by, about=f"refund:{refund_id}", now=now)


def heed(provider: str, notice: RefundNotice, now: datetime) -> bool:
    """Takes in what a provider tells of a refund it was working on. Whether anything changed."""
    row = Refund.objects.filter(id=notice.refund_id, money__provider=provider).first()
    if row is None or notice.standing is Standing.PENDING or row.state == RefundState.DONE:
        return False
    if row.state not in _OPEN:
        return notice.standing is Standing.SUCCEEDED and _went_after_all(row, now)
    row.provider_ref = notice.provider_ref[:200] or row.provider_ref
    if notice.standing is Standing.SUCCEEDED:
        _settled(row, RefundState.DONE, "", now)
    else:
        _settled(row, RefundState.FAILED, notice.reason or "provider_failed", now)
    return True


@transaction.atomic
def _went_after_all(row: Refund, now: datetime) -> bool:
    """The provider was given up too early: nobody in the office is to give the same money back again."""
    given_up = [RefundState.FAILED.value, RefundState.BY_HAND.value]
    changed = Refund.objects.filter(id=row.id, state__in=given_up).update(
        state=RefundState.DONE, ended_at=now, trouble=""
    )
    if changed:
        audit.record("payment.refund_done", by=SYSTEM, about=f"refund:{row.id}", now=now, trouble="late")
    return bool(changed)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries: doubling, up to four hours."""
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(tries - 1, 20)
    return min(doubled, _LONGEST_PAUSE)


@transaction.atomic
def _claimed(refund_id: UUID, now: datetime) -> Refund | None:
    row = (
        Refund.objects.select_for_update(of=("self",))
        .select_related("money__attempt")
        .filter(id=refund_id, state__in=[state.value for state in _OPEN], due_at__lte=now + _CLOCK_SLACK)
        .first()
    )
    if row is not None:
        row.tries, row.due_at = row.tries + 1, now + LEASE
        row.save(update_fields=["tries", "due_at"])
    return row


def _heeded(row: Refund, told: Refunding, now: datetime) -> RefundState:
    row.provider_ref = told.provider_ref[:200] or row.provider_ref
    if told.by_hand:
        return _settled(row, RefundState.BY_HAND, "", now)
    if told.standing is Standing.SUCCEEDED:
        return _settled(row, RefundState.DONE, "", now)
    if told.standing is Standing.FAILED:
        return _settled(row, RefundState.FAILED, "provider_failed", now)
    return _again(row, RefundState.ASKED, "", now)


@transaction.atomic
def _again(row: Refund, state: RefundState, trouble: str, now: datetime) -> RefundState:
    if now >= row.created_at + _GIVE_UP:
        return _settled(row, RefundState.BY_HAND, trouble or "provider_silent", now)
    due_at = now + pause_after(row.tries)
    changed = Refund.objects.filter(id=row.id, tries=row.tries, state=row.state).update(
        state=state,
        asked_at=row.asked_at or (now if state is RefundState.ASKED else None),
        provider_ref=row.provider_ref,
        trouble=trouble[:60],
        due_at=due_at,
    )
    if changed:
        settling.pay_back_later(row.id, due_at)
    return state


@transaction.atomic
def _settled(row: Refund, state: RefundState, trouble: str, now: datetime) -> RefundState:
    """Ends the try of `row`, unless somebody else took it over meanwhile and ended it."""
    changed = Refund.objects.filter(id=row.id, state__in=[open_.value for open_ in _OPEN]).update(
        state=state,
        due_at=None,
        ended_at=now if state is RefundState.DONE else None,
        provider_ref=row.provider_ref,
        trouble=trouble[:60],
    )
    if changed:
        audit.record(
            f"payment.refund_{state.value}",
            by=SYSTEM,
            about=f"refund:{row.id}",
            now=now,
            trouble=trouble[:60],
        )
    return state
