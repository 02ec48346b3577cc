"""SMS that goes nowhere: the demo shows it on its outbox page, from the sealed row."""

import phonenumbers

from loket.notifications.registry import Attempt, Permanent, Receipt, Sender
from loket.notifications.types import Medium, RenderedText


class SmsSandbox:
    key = "sms_sandbox"
    media = frozenset({Medium.SMS})
    demo_only = True

    def deliver(self, *, address: str, text: RenderedText, sender: Sender, attempt: Attempt) -> Receipt:
        try:
            possible = phonenumbers.is_possible_number(phonenumbers.parse(address))
        except phonenumbers.NumberParseException:
            possible = False
        if not possible:
            raise Permanent("bad_address")
        return Receipt(provider_id=f"sandbox-{attempt.message_id}")


channel = SmsSandbox()
