"""E-mail and SMS through GOV.UK Notify, or a service that speaks as it does.

Its templates hold ((subject)) and ((body)) only, because Loket writes the words. Notify calls back to tell
what became of a message; the call-back carries a bearer token that only it and Loket know.
"""

import hmac
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from loket.notifications.registry import (
    Attempt,
    DeliveryProblem,
    Fate,
    Forged,
    Permanent,
    Receipt,
    Report,
    Sender,
    Temporary,
)
from loket.notifications.types import Medium, RenderedText

if TYPE_CHECKING:
    from notifications_python_client.errors import APIError
    from notifications_python_client.notifications import NotificationsAPIClient

_SECONDS = 20
_BAD_REQUEST = 400
# What Notify calls the end of a message's way.
_FATES: Mapping[str, tuple[Fate, bool]] = {
    "delivered": (Fate.DELIVERED, False),
    "permanent-failure": (Fate.BOUNCED, True),
    "temporary-failure": (Fate.BOUNCED, False),
    "technical-failure": (Fate.BOUNCED, False),
}
# The client writes addresses of requests and answers into its log.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)


class GovukNotify:
    key = "govuk_notify"
    media = frozenset({Medium.EMAIL, Medium.SMS})
    demo_only = False

    def missing(self) -> str:
        needed = ("NOTIFY_KEY", "NOTIFY_EMAIL_TEMPLATE", "NOTIFY_SMS_TEMPLATE")
        used = [name for name in needed if not getattr(settings, name) and _is_used(name)]
        return ", ".join(f"LOKET_{name}" for name in used)

    def deliver(self, *, address: str, text: RenderedText, sender: Sender, attempt: Attempt) -> Receipt:
        medium = _medium_of(address)
        # 5 MB that only an installation with Notify needs: loaded with its first message.
        library = import_module("notifications_python_client")
        # One client for each message: it is not made for several threads.
        client = library.notifications.NotificationsAPIClient(
            settings.NOTIFY_KEY, settings.NOTIFY_ADDRESS, _SECONDS
        )
        reference = str(attempt.message_id)
        try:
            taken = _taken_before(client, reference, medium) if attempt.number > 1 else None
            if taken is None:
                taken = _sent(client, medium, address, text, reference, attempt)
        except library.errors.APIError as problem:
            # Its words repeat what was sent: only the number goes further.
            raise _told(problem) from None
        return Receipt(provider_id=str(taken["id"]))

    def parse_receipt(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Report]:
        expected = f"Bearer {settings.NOTIFY_CALLBACK_TOKEN}"
        given = headers.get("authorization", "")
        if not settings.NOTIFY_CALLBACK_TOKEN or not hmac.compare_digest(given.encode(), expected.encode()):
            raise Forged
        told = json.loads(body)
        if not isinstance(told, dict):
            raise ValueError("not a receipt")
        fate = _FATES.get(str(told.get("status")))
        if fate is None or not told.get("reference"):
            return ()
        ended, for_good = fate
        code = "" if ended is Fate.DELIVERED else f"notify_{str(told['status']).replace('-', '_')}"
        return (Report(UUID(str(told["reference"])), ended, now, code=code, for_good=for_good),)


def _is_used(name: str) -> bool:
    """A template is needed only for the medium that goes this way."""
    if name == "NOTIFY_EMAIL_TEMPLATE":
        return GovukNotify.key in settings.EMAIL_CHANNEL
    if name == "NOTIFY_SMS_TEMPLATE":
        return GovukNotify.key in settings.SMS_CHANNEL
    return True


def _medium_of(address: str) -> Medium:
    """Raises Permanent for what is neither."""
    if "@" in address:
        try:
            validate_email(address)
        except ValidationError:
            raise Permanent("bad_address") from None
        return Medium.EMAIL
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        raise Permanent("bad_address")
    return Medium.SMS


def _taken_before(
    client: "NotificationsAPIClient", reference: str, medium: Medium
) -> Mapping[str, object] | None:
    """What an earlier try left behind that we never heard of: asked for, so that nobody is told twice."""
    found = client.get_all_notifications(reference=reference, template_type=medium.value)["notifications"]
    return dict(found[0]) if found else None


def _sent(
    client: "NotificationsAPIClient",
    medium: Medium,
    address: str,
    text: RenderedText,
    reference: str,
    attempt: Attempt,
) -> Mapping[str, object]:
    words = {"subject": " ".join(text.subject.split()), "body": text.body}
    if medium is Medium.SMS:
        return dict(
            client.send_sms_notification(
                address, settings.NOTIFY_SMS_TEMPLATE, {"body": text.body.rstrip()}, reference
            )
        )
    return dict(
        client.send_email_notification(
            address,
            settings.NOTIFY_EMAIL_TEMPLATE,
            words,
            reference,
            one_click_unsubscribe_url=attempt.unsubscribe or None,
        )
    )


def _told(problem: "APIError") -> DeliveryProblem:
    """A request that makes no sense never will; sign-in, limits and failures are mended while it waits."""
    code = int(problem.status_code)
    return Permanent(f"notify_{code}") if code == _BAD_REQUEST else Temporary(f"notify_{code}")


channel = GovukNotify()
