"""E-mail that goes nowhere: the demo shows it on its outbox page, from the sealed row."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from loket.notifications.registry import Attempt, Permanent, Receipt, Report, Sender
from loket.notifications.types import Medium, RenderedText


class MailSandbox:
    key = "mail_sandbox"
    media = frozenset({Medium.EMAIL})
    demo_only = True

    def missing(self) -> str:
        return ""

    def deliver(self, *, address: str, text: RenderedText, sender: Sender, attempt: Attempt) -> Receipt:
        try:
            validate_email(address)
        except ValidationError:
            raise Permanent("bad_address") from None
        return Receipt(provider_id=f"sandbox-{attempt.message_id}")

    def parse_receipt(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Report]:
        return ()


channel = MailSandbox()
