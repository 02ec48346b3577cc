"""Trying to pay: begin at a provider, come back from it, hear from it, ask it."""

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from loket.identity import queries as identity
from loket.kernel.ids import new_id
from loket.kernel.money import Money
from loket.kernel.refusals import Refusal
from loket.kernel.text import in_language
from loket.limits import actions as limits
from loket.payments import hearing, settling
from loket.payments.actions import returning
from loket.payments.marks import token_of
from loket.payments.models import Attempt, Payment
from loket.payments.offering import known, offered_for
from loket.payments.registry import (
    Asks,
    Instructed,
    Notice,
    Order,
    Payee,
    Provider,
    ProviderAway,
    ProviderRefused,
    Redirected,
    RefundNotice,
    Standing,
    Started,
)
from loket.payments.types import OPEN, AttemptState, PaymentState

# A page that was left is opened again rather than made anew; a phone that was just asked is left in peace.
_SAME_PAGE = timedelta(minutes=15)
_SAME_PROMPT = timedelta(seconds=10)
_FIRST_CHECK = timedelta(minutes=1)
# When an open try is asked for, after its start; then every hour until it expires.
_CHECKS = (_FIRST_CHECK, timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
_EVERY = timedelta(hours=1)
_EXPIRES = timedelta(hours=24)
# Until when a provider should take money for a try; what comes later is taken all the same.
_PAGE_EXPIRES = timedelta(hours=1)
_BEGINS, _BEGINS_PER = 12, timedelta(hours=1)
# A phone that is asked to pay by strangers is as annoyed as one that is called by them.
_PROMPTS, _PROMPTS_PER = 12, timedelta(hours=1)
_RETURNS, _RETURNS_PER = 30, timedelta(hours=1)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

logger = logging.getLogger(__name__)


class NotOwed(Refusal):
    """Paid already, or not asked for any more."""

    code = "not_owed"


class NoSuchProvider(Refusal):
    """This can't be paid so here."""

    code = "no_such_provider"


class PhoneNeeded(Refusal):
    """The provider has to know a telephone number, written with its country."""

    code = "phone_needed"


class ProviderUnavailable(Refusal):
    """The provider can't be reached or won't begin; another way, or later. `why` is a word for staff."""

    code = "provider_unavailable"


class TooOften(Refusal):
    """Begun too many times in an hour, or a moment ago."""

    code = "too_often"


def begin(*, payment_id: UUID, provider: str, language: str, phone: str = "", now: datetime) -> Started:
    """Starts a try to pay what is outstanding. Call it outside any transaction.

    The attempt is committed before the provider is called, without a lock. A page of the same provider that
    was left a moment ago is given again. Refuses NotOwed, NoSuchProvider, PhoneNeeded, ProviderUnavailable,
    TooOften.
    """
    if not limits.take("payments.begin", str(payment_id), _BEGINS, _BEGINS_PER, now):
        raise TooOften
    if phone and not limits.take("payments.prompt", phone, _PROMPTS, _PROMPTS_PER, now):
        raise TooOften
    attempt, plugin, page = _opened(payment_id, provider, language, phone, now)
    if page is not None:
        return page
    started = _called(plugin, attempt, phone, now)
    try:
        _keep(attempt, started, now)
    except IntegrityError:
        # The name of another try: whatever is paid there would be taken for that one.
        raise ProviderUnavailable(why="name_taken") from None
    hearing.heed_parked(now, plugin.key, started.provider_ref)
    return started


def come_back(*, provider: str, query: Mapping[str, str], now: datetime) -> UUID | None:
    """Somebody returns from the provider: asks it how the try stands, whatever the address claims.

    The payment's id, or None for a try nobody knows. A provider that is away changes nothing.
    """
    plugin = known(provider)
    ref = plugin.read_return(query) if plugin else ""
    attempt = Attempt.objects.filter(provider=provider, provider_ref=ref).first() if ref else None
    if attempt is None:
        return None
    if attempt.state != AttemptState.SUCCEEDED and limits.take(
        "payments.come_back", str(attempt.id), _RETURNS, _RETURNS_PER, now
    ):
        ask_provider(attempt, now)
    return attempt.payment_id


def take_callback(
    *, provider: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
) -> int:
    """Hears what a provider tells by itself; how many notices changed something.

    What concerns no try that is known is parked. Raises the registry's Forged; refuses NoSuchProvider.
    """
    plugin = known(provider)
    if plugin is None:
        raise NoSuchProvider
    told = plugin.parse_callback(headers, query, body, now=now)
    return sum(_heard(provider, notice, now) for notice in told)


def check_attempt(*, attempt_id: UUID, now: datetime) -> AttemptState:
    """Asks the provider how an open try stands, and sees to the next time; after a day it expires.

    Money that comes after that is taken all the same. Safe to repeat.
    """
    attempt = Attempt.objects.get(id=attempt_id)
    if attempt.state == AttemptState.STARTED and attempt.provider_ref and not attempt.outside:
        ask_provider(attempt, now)
    return _see_to_next(attempt_id, now)


def ask_provider(attempt: Attempt, now: datetime) -> bool:
    """Asks and takes in the answer. False where the provider could not be asked."""
    plugin = known(attempt.provider)
    if plugin is None:
        return False
    try:
        notice = plugin.check(attempt.provider_ref, now=now)
    except (ProviderAway, ProviderRefused) as problem:
        logger.info("attempt %s: %s can't be asked: %s", attempt.id, attempt.provider, problem.code)
        return False
    except Exception as fault:
        # A plug-in's library may put an address or a number into its words: only the kind goes further.
        logger.warning("attempt %s: %s failed: %s", attempt.id, attempt.provider, type(fault).__name__)
        return False
    hearing.heed(attempt.id, notice, now)
    return True


def _heard(provider: str, notice: Notice | RefundNotice, now: datetime) -> bool:
    if isinstance(notice, RefundNotice):
        return returning.heed(provider, notice, now)
    attempt = hearing.attempt_told_of(provider, notice)
    if attempt is None or not hearing.makes_sense(notice):
        hearing.park(provider, notice, now)
        return False
    changed = hearing.heed(attempt.id, notice, now)
    if notice.standing is Standing.PENDING:
        # Only a hint: what it says is believed from asking alone.
        attempt.refresh_from_db()
        if attempt.state != AttemptState.SUCCEEDED and attempt.provider_ref:
            return ask_provider(attempt, now)
    return changed


@transaction.atomic
def _opened(
    payment_id: UUID, provider: str, language: str, phone: str, now: datetime
) -> tuple[Attempt, Provider, Redirected | None]:
    payment = settling.locked(payment_id)
    if PaymentState(payment.state) not in OPEN or (payment.expires_at and payment.expires_at <= now):
        raise NotOwed
    amount = settling.account_of(payment).outstanding.rounded()
    plugin = next((found for found in offered_for(amount) if found.key == provider), None)
    if plugin is None:
        raise NoSuchProvider
    if plugin.asks is Asks.PHONE and not _E164.fullmatch(phone):
        raise PhoneNeeded
    before = _same(payment, plugin, amount, language, now)
    if before is not None and before.url:
        return before, plugin, Redirected(before.provider_ref, before.url)
    if before is not None and before.outside:
        return before, plugin, None
    if before is not None:
        raise TooOften
    attempt = Attempt.objects.create(
        id=new_id(),
        payment=payment,
        provider=provider,
        language=language,
        amount=amount.amount,
        currency=amount.currency,
        started_at=now,
        check_at=now + _EXPIRES,
    )
    return attempt, plugin, None


def _same(payment: Payment, plugin: Provider, amount: Money, language: str, now: datetime) -> Attempt | None:
    """A try that this one would only repeat."""
    latest = (
        Attempt.objects.filter(payment=payment, provider=plugin.key, state=AttemptState.STARTED)
        .exclude(provider_ref="")
        .order_by("-id")
        .first()
    )
    if latest is None or (latest.amount, latest.currency) != (amount.amount, amount.currency):
        return None
    if latest.outside:
        return latest
    age = now - latest.started_at
    if latest.url:
        return latest if age < _SAME_PAGE and latest.language == language else None
    return latest if age < _SAME_PROMPT else None


def _called(plugin: Provider, attempt: Attempt, phone: str, now: datetime) -> Started:
    """Refuses ProviderUnavailable. What is not known to have failed stays open: money may come from it."""
    order = _order(attempt, phone)
    try:
        return plugin.start(order, now=now)
    except ProviderRefused as problem:
        _refused(attempt, problem.code, now)
        raise ProviderUnavailable(why=problem.code) from None
    except ProviderAway as problem:
        raise ProviderUnavailable(why=problem.code) from None
    except Exception as fault:
        logger.warning("attempt %s: %s failed: %s", attempt.id, plugin.key, type(fault).__name__)
        raise ProviderUnavailable(why="fault") from None


def _order(attempt: Attempt, phone: str) -> Order:
    payment = Payment.objects.get(id=attempt.payment_id)
    agency = identity.agency_known(payment.agency_id)
    site, language = settings.PUBLIC_ADDRESS, attempt.language
    return Order(
        attempt_id=attempt.id,
        amount=Money(attempt.amount, attempt.currency).rounded(),
        title=in_language(payment.title, language),
        reference=payment.reference,
        language=language,
        return_url=f"{site}/{language}/pay/{token_of(payment.id)}/back/{attempt.provider}/",
        callback_url=f"{site}/api/v1/callbacks/{attempt.provider}/",
        expires_at=attempt.started_at + _PAGE_EXPIRES,
        phone=phone,
        payee=Payee(agency.key, agency.name(language), agency.contact.address),
    )


@transaction.atomic
def _refused(attempt: Attempt, code: str, now: datetime) -> None:
    Attempt.objects.filter(id=attempt.id, state=AttemptState.STARTED).update(
        state=AttemptState.FAILED, reason=code[:60], ended_at=now, check_at=None
    )


@transaction.atomic
def _keep(attempt: Attempt, started: Started, now: datetime) -> None:
    """Stores what the provider calls the try. Somebody else may have ended it meanwhile: that stays."""
    row = Attempt.objects.select_for_update().get(id=attempt.id)
    row.provider_ref = started.provider_ref
    row.outside = isinstance(started, Instructed)
    if row.state == AttemptState.STARTED:
        row.url = started.url if isinstance(started, Redirected) else ""
        row.check_at = None if row.outside else now + _FIRST_CHECK
    row.save(update_fields=["provider_ref", "outside", "url", "check_at"])


@transaction.atomic
def _see_to_next(attempt_id: UUID, now: datetime) -> AttemptState:
    attempt = Attempt.objects.select_for_update().get(id=attempt_id)
    if attempt.state != AttemptState.STARTED or attempt.outside:
        return AttemptState(attempt.state)
    if now >= attempt.started_at + _EXPIRES:
        attempt.state, attempt.ended_at = AttemptState.EXPIRED.value, now
        attempt.check_at, attempt.url = None, ""
    else:
        attempt.check_at = next_check(attempt.started_at, now) if attempt.provider_ref else attempt.check_at
        attempt.checks += 1
    attempt.save(update_fields=["state", "ended_at", "check_at", "url", "checks"])
    return AttemptState(attempt.state)


def next_check(started_at: datetime, now: datetime) -> datetime:
    """When an open try is next asked for: 1, 5, 15, 60 minutes after its start, then hourly to 24 h."""
    for wait in _CHECKS:
        if started_at + wait > now:
            return started_at + wait
    hours = (now - started_at) // _EVERY + 1
    return started_at + min(hours * _EVERY, _EXPIRES)
