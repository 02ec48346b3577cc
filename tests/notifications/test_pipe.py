"""`loket messages bounce`: a mail server's pipe gives the report that Postfix writes (RFC 3464)."""

import pytest
from click.testing import CliRunner

from loket.config.commands.bouncing import messages
from loket.identity.types import AgencyView
from loket.kernel import clock
from loket.notifications import delivery
from loket.notifications.models import Message
from tests.notifications.letters import ADDRESS, sent
from tests.notifications.mail_server import Mailbox

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

# As Postfix 3 writes it, line for line; only names and addresses are ours.
_REPORT = """\
Return-Path: <>
X-Original-To: no-reply@loket.example
Delivered-To: no-reply@loket.example
Received: by mx.loket.example (Postfix)
\tid 9C1F52A0D3; Sun, 22 Nov 2026 09:00:03 +0000 (UTC)
Date: Sun, 22 Nov 2026 09:00:03 +0000 (UTC)
From: MAILER-DAEMON@mx.loket.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: no-reply@loket.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="5E1B72A0D1.1763802003/mx.loket.example"
Content-Transfer-Encoding: 8bit
Message-Id: <20261122090003.9C1F52A0D3@mx.loket.example>

This is a MIME-encapsulated message.

--5E1B72A0D1.1763802003/mx.loket.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

This is the mail system at host mx.loket.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{address}>: host mx.home.example[192.0.2.25] said: 550 5.1.1
    <{address}>: Recipient address rejected: User unknown (in reply
    to RCPT TO command)

--5E1B72A0D1.1763802003/mx.loket.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.loket.example
X-Postfix-Queue-ID: 5E1B72A0D1
X-Postfix-Sender: rfc822; no-reply@loket.example
Arrival-Date: Sun, 22 Nov 2026 09:00:01 +0000 (UTC)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.home.example
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: Recipient address rejected:
    User unknown

--5E1B72A0D1.1763802003/mx.loket.example
Content-Description: Undelivered Message
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

Return-Path: <no-reply@loket.example>
Received: from loket (loket [127.0.0.1])
\tby mx.loket.example (Postfix) with ESMTP id 5E1B72A0D1
\tfor <{address}>; Sun, 22 Nov 2026 09:00:01 +0000 (UTC)
{mail}

--5E1B72A0D1.1763802003/mx.loket.example--
"""


def _report(mail: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """The report about a mail that we really sent, all of which it repeats."""
    return _REPORT.format(address=ADDRESS, action=action, status=status, mail=mail).encode()


def _piped(mail: bytes) -> tuple[int, str]:
    said = CliRunner().invoke(messages, ["bounce"], input=mail)
    return said.exit_code, said.output


@pytest.fixture
def gone(agency: AgencyView, mailbox: Mailbox) -> Message:
    message = sent(agency.id, clock.now())
    delivery.deliver(message_id=message.id, now=clock.now())
    return message


def test_a_report_about_a_mail_of_ours_is_noted_once(gone: Message, mailbox: Mailbox) -> None:
    report = _report(mailbox.mails[0].as_string())
    assert _piped(report) == (0, "1 of our messages reported on.\n")
    gone.refresh_from_db()
    assert gone.bounced_at is not None
    assert gone.last_error == "bounce_5_1_1"
    assert _piped(report) == (0, "0 of our messages reported on.\n")


def test_a_delay_or_anybody_elses_mail_is_left_alone(gone: Message, mailbox: Mailbox) -> None:
    assert _piped(_report(mailbox.mails[0].as_string(), "delayed", "4.4.1"))[1].startswith("0 of")
    assert _piped(_report("Message-ID: <somebody@else.example>\n\nHello"))[1].startswith("0 of")
    assert _piped(b"Subject: I am away\n\nBack on Monday.\n")[1].startswith("0 of")
    gone.refresh_from_db()
    assert (gone.bounced_at, gone.delivered_at) == (None, None)


def test_what_is_no_mail_is_refused_with_a_sentence() -> None:
    code, said = _piped(b"")
    assert code == 1
    assert "This is no mail." in said
