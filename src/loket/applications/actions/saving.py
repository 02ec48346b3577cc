"""Saving and returning: by a link to an address, or by a reference and a PIN on paper."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from loket.applications import drafts, letters
from loket.applications.models import Draft
from loket.applications.types import SavedOnPaper
from loket.forms.types import Contact
from loket.kernel.actors import Actor
from loket.kernel.ids import new_reference, new_token, normalised_reference, token_hash
from loket.kernel.refusals import Refusal
from loket.limits import actions as limits
from loket.notifications import actions as notifications
from loket.notifications.types import Medium, Outgoing, SubjectKind
from loket.privacy.actions import digest

_TRIES, _TRIES_PER = 10, timedelta(hours=1)
_LINKS, _LINKS_PER = 5, timedelta(hours=1)


class TooOften(Refusal):
    """Tried too often for now."""

    code = "too_often"


def save_by_link(
    *, token: str, contact: Contact, address_of: Callable[[str], str], language: str, by: Actor, now: datetime
) -> None:
    """Sends a link that opens the draft. `address_of` makes the link from its token.

    A later link replaces the earlier one. Raises NoSuchDraft, AlreadySubmitted, and TooOften after five
    links in an hour to one address, whoever asks for them.
    """
    if not limits.take("save-link", contact.address, limit=_LINKS, per=_LINKS_PER, now=now):
        raise TooOften()
    with transaction.atomic():
        _send_link(token, contact, address_of, language, by, now)


def _send_link(
    token: str, contact: Contact, address_of: Callable[[str], str], language: str, by: Actor, now: datetime
) -> None:
    draft = drafts.locked(token, now)
    link_token = new_token()
    draft.row.link_hash = token_hash(link_token)
    draft.row.save(update_fields=["link_hash"])
    notifications.send(
        message=Outgoing(
            agency_id=draft.row.agency_id,
            subject_kind=SubjectKind.DRAFT,
            subject_id=draft.row.id,
            medium=Medium(contact.channel.value),
            address=contact.address,
            text=letters.saved_link(draft.service, address_of(link_token), draft.row.expires_at, language),
            purpose="saved_link",
            idempotency_key=f"draft-link:{draft.row.id}:{token_hash(link_token).hex()[:16]}",
            urgent=True,
        ),
        by=by,
        now=now,
    )


@transaction.atomic
def save_on_paper(*, token: str, now: datetime) -> SavedOnPaper:
    """Gives the draft a reference and a PIN to write down. Asked again, it gives the same ones.

    The PIN follows from the draft, so it can be shown again and is stored nowhere.
    Raises NoSuchDraft, AlreadySubmitted.
    """
    draft = drafts.locked(token, now)
    pin = paper_pin(draft.row.id)
    draft.row.save_reference = draft.row.save_reference or new_reference()
    draft.row.pin_digest = _pin_digest(draft.row.save_reference, pin)
    draft.row.save(update_fields=["save_reference", "pin_digest"])
    return SavedOnPaper(draft.row.save_reference, pin, draft.row.expires_at)


def return_by_link(*, link_token: str, now: datetime) -> str:
    """The link's draft under a new token; the computer it was begun on can no longer open it.

    Raises NoSuchDraft, AlreadySubmitted.
    """
    with transaction.atomic():
        row = (
            Draft.objects.select_for_update()
            .filter(link_hash=token_hash(link_token), expires_at__gt=now)
            .first()
        )
        return _under_new_token(row)


def return_by_pin(*, reference: str, pin: str, now: datetime) -> str:
    """The draft with this reference and PIN under a new token.

    A wrong reference and a wrong PIN are told alike, after the same work. Raises NoSuchDraft,
    AlreadySubmitted, and TooOften after ten tries in an hour on one reference.
    """
    typed = normalised_reference(reference) or ""
    if typed and not limits.take("draft-pin", typed, limit=_TRIES, per=_TRIES_PER, now=now):
        raise TooOften()
    with transaction.atomic():
        row = Draft.objects.select_for_update().filter(save_reference=typed, expires_at__gt=now).first()
        expected = bytes(row.pin_digest) if row and row.pin_digest else bytes(32)
        if not hmac.compare_digest(expected, _pin_digest(typed, _digits(pin))):
            raise drafts.NoSuchDraft()
        return _under_new_token(row)


def paper_pin(draft_id: UUID) -> str:
    """The eight digits that go with a draft, always the same ones. They are stored nowhere."""
    return f"{int.from_bytes(digest('paper-pin', str(draft_id))[:8]) % 10**8:08d}"


def _under_new_token(row: Draft | None) -> str:
    if row is None:
        raise drafts.NoSuchDraft()
    drafts.opened(row)
    token = new_token()
    row.token_hash = token_hash(token)
    row.save(update_fields=["token_hash"])
    return token


def _pin_digest(reference: str, pin: str) -> bytes:
    return digest("draft-pin", f"{reference}:{pin}")


def _digits(typed: str) -> str:
    return "".join(str(int(sign)) for sign in typed[:40] if sign.isdecimal())
