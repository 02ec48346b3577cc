"""A mail library with a fault of its own, whose words repeat what it was given."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class Faulty(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise RuntimeError(f"cannot send to {email_messages[0].to}: {email_messages[0].body}")
