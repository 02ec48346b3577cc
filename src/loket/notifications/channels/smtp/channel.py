"""E-mail through the mail server in Django's EMAIL_* settings."""

import smtplib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email

from loket.notifications.channels.smtp import bounces
from loket.notifications.registry import (
    Attempt,
    DeliveryProblem,
    Permanent,
    Receipt,
    Report,
    Sender,
    Temporary,
    held_open,
)
from loket.notifications.types import Medium, RenderedText

_REFUSED_FOR_GOOD = range(500, 600)
_LONGEST_SUBJECT = 200
_OKAY = 250


class Smtp:
    key = "smtp"
    media = frozenset({Medium.EMAIL})
    demo_only = False

    def deliver(self, *, address: str, text: RenderedText, sender: Sender, attempt: Attempt) -> Receipt:
        try:
            validate_email(address)
        except ValidationError:
            raise Permanent("bad_address") from None
        mail = _composed(address, text, sender, attempt)
        try:
            with _connection() as connection:
                connection.send_messages([mail])
        except (smtplib.SMTPException, OSError) as problem:
            # The server's own words may hold the address: neither they nor their exception go further.
            raise _told(problem) from None
        return Receipt(provider_id=str(mail.extra_headers["Message-ID"]))

    def missing(self) -> str:
        return ""

    def parse_receipt(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Report]:
        return bounces.reports(body, now)


@contextmanager
def _connection() -> Iterator[BaseEmailBackend]:
    """A connection to the mail server, kept for the next message in a thread that sends many."""
    if not held_open.keeps:
        yield get_connection()
        return
    kept = held_open.held.pop(Smtp.key, None)
    if isinstance(kept, BaseEmailBackend) and not _is_alive(kept):
        kept.close()
        kept = None
    connection = kept if isinstance(kept, BaseEmailBackend) else get_connection()
    try:
        # Opened by ourselves, it stays open after the message.
        connection.open()
        yield connection
    except smtplib.SMTPRecipientsRefused:
        held_open.held[Smtp.key] = connection
        raise
    except BaseException:
        connection.close()
        raise
    held_open.held[Smtp.key] = connection


def _is_alive(backend: BaseEmailBackend) -> bool:
    """Servers close a connection that was idle: asked before it is used, for afterwards would be too late."""
    connection = getattr(backend, "connection", None)
    if connection is None:
        return True
    try:
        return bool(connection.noop()[0] == _OKAY)
    except (smtplib.SMTPException, OSError):
        return False


def _composed(address: str, text: RenderedText, sender: Sender, attempt: Attempt) -> EmailMessage:
    _, from_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    domain = from_address.rpartition("@")[2] or "localhost"
    return EmailMessage(
        subject=_one_line(text.subject)[:_LONGEST_SUBJECT],
        body=text.body,
        from_email=formataddr((_one_line(sender.name), from_address)),
        to=[address],
        headers={
            # The same at every try, so that a mail server can drop the second copy of one message.
            "Message-ID": f"<{attempt.message_id}@{domain}>",
            # RFC 3834: nobody's holiday notice should answer.
            "Auto-Submitted": "auto-generated",
            "Content-Language": _one_line(text.language),
            **_way_out(attempt.unsubscribe),
        },
    )


def _way_out(unsubscribe: str) -> dict[str, str]:
    """RFC 8058: one press in the mail program, for what may be switched off."""
    if not unsubscribe:
        return {}
    return {
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _one_line(words: str) -> str:
    """Line ends in a header would begin another header."""
    return " ".join(words.split())


def _told(problem: smtplib.SMTPException | OSError) -> DeliveryProblem:
    told: DeliveryProblem
    match problem:
        case smtplib.SMTPRecipientsRefused():
            told = _by_reply(next(iter(problem.recipients.values()))[0])
        case smtplib.SMTPDataError():
            told = _by_reply(problem.smtp_code)
        case smtplib.SMTPNotSupportedError():
            told = Permanent("not_supported")
        # Refused sign-in or sender is the operator's mistake, mended while the message waits.
        case smtplib.SMTPResponseException():
            told = Temporary(f"smtp_{problem.smtp_code}")
        case smtplib.SMTPException():
            told = Temporary("disconnected")
        case TimeoutError():
            told = Temporary("timeout")
        case _:
            told = Temporary("unreachable")
    return told


def _by_reply(code: int) -> DeliveryProblem:
    kind = Permanent if code in _REFUSED_FOR_GOOD else Temporary
    return kind(f"smtp_{code}")


channel = Smtp()
