"""How people want to be written to: quiet hours, reminders, and addresses that don't work.

An address is known here by its keyed digest alone. Whoever has the link in a message holds a token made of
that digest and a seal over it, and may change what is kept for it.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loket.audit import actions as audit
from loket.kernel.actors import SYSTEM
from loket.kernel.prepared import Prepared
from loket.notifications.models import Addressee, Message
from loket.notifications.types import Medium, Outgoing, RenderedText
from loket.privacy import actions as privacy

# After so many refusals for good in a row an address counts as one that doesn't work.
GIVE_UP_AFTER = 3
# What is usual for a telephone that lies beside a bed.
USUAL_QUIET: Mapping[Medium, tuple[int, int] | None] = {Medium.SMS: (21, 7), Medium.EMAIL: None}
_SEAL = 16
_ADDRESSEE = Prepared(lambda digest: Addressee.objects.filter(digest=digest))


def address_digest(medium: Medium, address: str) -> bytes:
    return privacy.digest("addressee", f"{medium.value}:{address.strip().casefold()}")


def token_of(digest: bytes) -> str:
    """What stands in links: only we can make one, and it names nobody."""
    return urlsafe_b64encode(digest + _sealed(digest)).decode().rstrip("=")


def digest_in(token: str) -> bytes | None:
    """The digest in a token that we made; None for any other."""
    try:
        held = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        return None
    digest = held[:-_SEAL]
    # Against the whole token: the last letter of one has bits that mean nothing.
    return digest if hmac.compare_digest(token.encode(), token_of(digest).encode()) else None


def known(digests: Iterable[bytes]) -> dict[bytes, Addressee]:
    """Who of them we know anything about (1 statement)."""
    wanted = list(digests)
    # Most messages are written one at a time.
    rows = _ADDRESSEE.all(wanted[0]) if len(wanted) == 1 else Addressee.objects.filter(digest__in=wanted)
    return {bytes(row.digest): row for row in rows}


def quiet_hours(message: Outgoing, addressee: Addressee | None) -> tuple[int, int] | None:
    if message.urgent:
        return None
    if addressee is not None and addressee.quiet_from is not None and addressee.quiet_until is not None:
        own = (addressee.quiet_from, addressee.quiet_until)
        return own if own[0] != own[1] else None
    return USUAL_QUIET[message.medium]


def next_allowed(moment: datetime, quiet: tuple[int, int] | None, zone: ZoneInfo) -> datetime:
    """The moment, or the end of the quiet hours that it falls into."""
    if quiet is None:
        return moment
    begins, ends = quiet
    local = moment.astimezone(zone)
    inside = begins <= local.hour < ends if begins < ends else local.hour >= begins or local.hour < ends
    if not inside:
        return moment
    day = local.date() + timedelta(days=1) if local.hour >= ends else local.date()
    return datetime.combine(day, time(ends), zone).astimezone(moment.tzinfo)


def after_quiet_hours(row: Message, moment: datetime, zone: ZoneInfo) -> datetime:
    if row.quiet_from is None or row.quiet_until is None:
        return moment
    return next_allowed(moment, (row.quiet_from, row.quiet_until), zone)


def way_out(row: Message) -> str:
    """Where messages like this one can be switched off in one press; empty for what can't be."""
    if not row.reminder or row.address_digest is None:
        return ""
    return f"{settings.PUBLIC_ADDRESS}/{row.language}/messages/{token_of(bytes(row.address_digest))}/stop/"


def with_way_out(row: Message, text: RenderedText) -> RenderedText:
    """E-mails end by saying where to choose how we write; a text message has no room for it."""
    if row.medium != Medium.EMAIL or row.address_digest is None:
        return text
    address = f"{settings.PUBLIC_ADDRESS}/{row.language}/messages/{token_of(bytes(row.address_digest))}/"
    with translation.override(text.language):
        said = _("Choose how we write to you, or stop reminders: %(address)s") % {"address": address}
    return replace(text, body=f"{text.body.rstrip()}\n\n-- \n{said}\n")


def failed_for_good(row: Message, now: datetime) -> None:
    """Counts a refusal for good; the third makes the address one that we no longer write to."""
    if row.address_digest is None:
        return
    digest = bytes(row.address_digest)
    found, _made = Addressee.objects.select_for_update().get_or_create(
        digest=digest, defaults={"medium": row.medium, "changed_at": now}
    )
    found.failures += 1
    found.changed_at = now
    if found.failures >= GIVE_UP_AFTER and found.unreachable_at is None:
        found.unreachable_at = now
        audit.record("addressee.unreachable", by=SYSTEM, about=f"message:{row.id}", now=now)
    found.save(update_fields=["failures", "unreachable_at", "changed_at"])


def arrived(row: Message, now: datetime) -> None:
    """A message that arrived shows that the address works."""
    if row.address_digest is not None:
        Addressee.objects.filter(digest=bytes(row.address_digest), failures__gt=0).update(
            failures=0, unreachable_at=None, changed_at=now
        )


def _sealed(digest: bytes) -> bytes:
    return privacy.digest("addressee-link", digest.hex())[:_SEAL]
