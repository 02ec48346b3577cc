"""SMS that goes nowhere: the demo shows it on its outbox page, from the sealed row."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import phonenumbers

from loket.notifications.registry import Attempt, Permanent, Receipt, Report, Sender
from loket.notifications.types import Medium, RenderedText


class SmsSandbox:
    key = "sms_sandbox"
    media = frozenset({Medium.SMS})
    demo_only = True

    def missing(self) -> str:
        return ""

    def deliver(self, *, address: str, text: RenderedText, sender: Sender, attempt: Attempt) -> Receipt:
        try:
            possible = phonenumbers.is_possible_number(phonenumbers.parse(address))
        except phonenumbers.NumberParseException:
            possible = False
        if not possible:
            raise Permanent("bad_address")
        return Receipt(provider_id=f"sandbox-{attempt.message_id}")

    def parse_receipt(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Report]:
        return ()


channel = SmsSandbox()
