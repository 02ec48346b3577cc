"""What the mail channel writes and how it reads the server's answers."""

import smtplib
from uuid import UUID

import pytest
from pytest_django import Settings

from loket.notifications.channels.smtp.channel import _told, channel
from loket.notifications.registry import Attempt, Permanent, Receipt, Sender, Temporary
from loket.notifications.types import RenderedText
from tests.notifications.mail_server import Mailbox

ATTEMPT = Attempt(UUID(int=7), 1)


def deliver(subject: str = "Hello", body: str = "Text", sender: str = "Transport") -> Receipt:
    return channel.deliver(
        address="a@b.example", text=RenderedText(subject, body, "en"), sender=Sender(sender), attempt=ATTEMPT
    )


def test_no_text_can_write_a_header(mailbox: Mailbox) -> None:
    deliver(subject="Hi\r\nBcc: victim@b.example", sender='Evil"\nCc: victim@b.example')
    (mail,) = mailbox.mails
    assert (mail["Bcc"], mail["Cc"]) == (None, None)
    assert mail["Subject"] == "Hi Bcc: victim@b.example"
    assert mailbox.recipients == ["a@b.example"]


def test_letters_of_every_script_arrive(mailbox: Mailbox) -> None:
    deliver(subject="Ombi lako — شهادة", body="Baris panjang " * 200 + "\n.\nمع التحية", sender="Kantor “Ω”")
    (mail,) = mailbox.mails
    assert mail["Subject"] == "Ombi lako — شهادة"
    assert str(mail["From"]) == "Kantor “Ω” <no-reply@loket.example>"
    lines = mail.get_content().splitlines()
    assert lines == [("Baris panjang " * 200), ".", "مع التحية"]


def test_every_try_has_the_same_id(mailbox: Mailbox) -> None:
    assert deliver() == deliver()
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


def test_a_sender_setting_with_a_name_gives_its_address(mailbox: Mailbox, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Loket <counter@city.example>"
    deliver()
    assert mailbox.mails[0]["From"] == "Transport <counter@city.example>"


@pytest.mark.parametrize(
    ("problem", "kind", "code"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"unknown")}), Permanent, "smtp_550"),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (452, b"full")}), Temporary, "smtp_452"),
        (smtplib.SMTPDataError(554, b"spam"), Permanent, "smtp_554"),
        (smtplib.SMTPSenderRefused(530, b"sign in", "x@y.example"), Temporary, "smtp_530"),
        (smtplib.SMTPAuthenticationError(535, b"wrong"), Temporary, "smtp_535"),
        (smtplib.SMTPNotSupportedError(), Permanent, "not_supported"),
        (smtplib.SMTPServerDisconnected(), Temporary, "disconnected"),
        (TimeoutError(), Temporary, "timeout"),
        (ConnectionRefusedError(), Temporary, "unreachable"),
    ],
)
def test_answers_are_read_as_for_now_or_for_good(
    problem: smtplib.SMTPException | OSError, kind: type[Exception], code: str
) -> None:
    told = _told(problem)
    assert (type(told), told.code) == (kind, code)
