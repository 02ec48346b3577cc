"""Fail-over, receipts, addresses that don't work, quiet hours, and who wants no reminders."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from loket.identity.types import AgencyView
from loket.kernel.actors import APPLICANT, SYSTEM
from loket.notifications import actions, delivery, health, loading, queries
from loket.notifications.models import Addressee, Message
from loket.notifications.registry import Forged, channels
from loket.notifications.types import Medium, NoSuchAddressee, NoSuchChannel, Preferences
from tests.fakes.gateway import Notify, gateway
from tests.notifications.letters import ADDRESS, NUMBER, letter, sent
from tests.notifications.mail_server import Mailbox

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

# In the agency's zone, which is UTC.
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NIGHT = datetime(2026, 11, 22, 22, tzinfo=UTC)

_DSN = b"""From: MAILER-DAEMON@home.example
To: no-reply@loket.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

Your mail to somebody did not arrive.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; home.example

Final-Recipient: rfc822; %(address)s
Action: %(action)s
Status: %(status)s

--x
Content-Type: text/rfc822-headers

From: no-reply@loket.example
Message-ID: <%(id)s@loket.example>

--x--
"""


def came_back(message: Message, action: str = "failed", status: str = "5.1.1", now: datetime = NOW) -> int:
    mail = _DSN % {
        b"address": ADDRESS.encode(),
        b"action": action.encode(),
        b"status": status.encode(),
        b"id": str(message.id).encode(),
    }
    return actions.take_receipt(channel="smtp", headers={}, body=mail, now=now)


def gone(agency: AgencyView, **changes: object) -> Message:
    message = sent(agency.id, NOW)
    delivery.deliver(message_id=message.id, now=NOW)
    message.refresh_from_db()
    return message


def test_the_next_provider_is_tried_at_once(agency: AgencyView, settings: Settings) -> None:
    with gateway() as far:
        far.answer = Notify()
        settings.NOTIFY_KEY = "loket-" + "-".join(["26785a09-ab16-4eb0-8407-a37497a57506"] * 2)
        settings.NOTIFY_ADDRESS = f"http://127.0.0.1:{far.port}"
        settings.NOTIFY_EMAIL_TEMPLATE = far.answer.templates["email"]
        settings.EMAIL_CHANNEL = "smtp, govuk_notify"
        message = gone(agency)
        assert (message.state, message.channel, message.attempts) == ("sent", "govuk_notify", 1)
        assert len(far.requests) == 1


def test_a_provider_that_keeps_failing_is_left_in_peace_for_a_while() -> None:
    for _ in range(4):
        health.failed("a", NOW)
    assert health.may_try("a", NOW)
    health.failed("a", NOW)
    assert not health.may_try("a", NOW + timedelta(seconds=14))
    assert health.may_try("b", NOW)
    assert health.may_try("a", NOW + timedelta(seconds=15)), "one goes first"
    assert not health.may_try("a", NOW + timedelta(seconds=16))
    health.went("a")
    assert health.may_try("a", NOW + timedelta(seconds=16))


def test_a_bounce_is_known_by_its_message_and_counted_once(agency: AgencyView, mailbox: Mailbox) -> None:
    message = gone(agency)
    assert came_back(message) == 1
    assert came_back(message) == 0
    message.refresh_from_db()
    assert (message.state, message.last_error, message.bounced_at) == ("sent", "bounce_5_1_1", NOW)
    (day,) = queries.performance(until=NOW.date(), days=1)
    assert (day.handed, day.within_10s, day.bounced) == (1, 1, 1)
    (found,) = queries.not_arrived(agency_ids=[agency.id], since=NOW, limit=9)
    assert (found.id, found.bounced, found.trouble) == (message.id, True, "bounce_5_1_1")


def test_a_made_up_past_counts_as_ready_when_it_was_made(agency: AgencyView, mailbox: Mailbox) -> None:
    for _ in range(2):
        actions.send(message=letter(agency.id), by=APPLICANT, now=NOW - timedelta(days=3))
    assert loading.ready_from(NOW) == 2
    assert {row.ready_at for row in Message.objects.all()} == {NOW}
    assert loading.ready_from(NOW) == 0


def test_a_delay_is_no_bounce_and_other_mail_is_none_of_ours(agency: AgencyView, mailbox: Mailbox) -> None:
    message = gone(agency)
    assert came_back(message, action="delayed", status="4.4.1") == 0
    assert (
        actions.take_receipt(channel="smtp", headers={}, body=b"Subject: I am away\n\nBack soon", now=NOW)
        == 0
    )
    with pytest.raises(ValueError, match="mail"):
        actions.take_receipt(channel="smtp", headers={}, body=b"", now=NOW)
    with pytest.raises(NoSuchChannel):
        actions.take_receipt(channel="pigeon", headers={}, body=b"", now=NOW)


def test_what_arrived_is_shown(agency: AgencyView, mailbox: Mailbox) -> None:
    message = gone(agency)
    assert came_back(message, action="delivered", status="2.0.0") == 1
    message.refresh_from_db()
    assert message.delivered_at == NOW


def test_an_address_that_bounces_for_ever_is_written_to_no_more(agency: AgencyView, mailbox: Mailbox) -> None:
    for _ in range(3):
        came_back(gone(agency))
    refused = sent(agency.id, NOW)
    assert (refused.state, refused.last_error) == ("failed", "address_unreachable")
    urgent = actions.send(message=letter(agency.id, urgent=True), by=SYSTEM, now=NOW)
    assert Message.objects.get(id=urgent).state == "queued"
    assert sent(agency.id, NOW, address="other@home.example").state == "queued"
    token = queries.preferences_token(Medium.EMAIL, ADDRESS)
    assert queries.preferences(token) == Preferences(unreachable=True)
    actions.works_again(token=token, by=APPLICANT, now=NOW)
    assert sent(agency.id, NOW).state == "queued"


def test_a_full_mailbox_is_no_bad_address(agency: AgencyView, mailbox: Mailbox) -> None:
    for _ in range(4):
        came_back(gone(agency), status="5.2.2")
    assert not Addressee.objects.exists()


def test_text_messages_wait_for_the_morning_but_urgent_ones_and_mail(agency: AgencyView) -> None:
    text = sent(agency.id, NIGHT, medium=Medium.SMS, address=NUMBER)
    assert text.due_at == text.ready_at == datetime(2026, 11, 23, 7, tzinfo=UTC)
    code = actions.send(
        message=letter(agency.id, medium=Medium.SMS, address=NUMBER, urgent=True), by=SYSTEM, now=NIGHT
    )
    assert Message.objects.get(id=code).due_at == NIGHT
    assert sent(agency.id, NIGHT).due_at == NIGHT
    early = sent(agency.id, NIGHT + timedelta(hours=5), medium=Medium.SMS, address=NUMBER)
    assert early.due_at == datetime(2026, 11, 23, 7, tzinfo=UTC)


def test_people_choose_their_own_hours_and_no_reminders(agency: AgencyView) -> None:
    token = queries.preferences_token(Medium.EMAIL, ADDRESS)
    chosen = {"token": token, "language": "", "by": APPLICANT, "now": NOW}
    actions.prefer(reminders=False, quiet=(8, 11), **chosen)  # type: ignore[arg-type]
    assert sent(agency.id, NOW).due_at == datetime(2026, 11, 22, 11, tzinfo=UTC)
    reminder = actions.send(message=letter(agency.id, reminder=True), by=SYSTEM, now=NOW)
    found = Message.objects.get(id=reminder)
    assert (found.state, found.last_error) == ("cancelled", "reminders_off")
    actions.prefer(reminders=True, quiet=(0, 0), **chosen)  # type: ignore[arg-type]
    assert sent(agency.id, NIGHT).due_at == NIGHT
    assert queries.preferences(token) == Preferences(quiet=(0, 0))


def test_reminders_carry_the_way_out_in_one_press(agency: AgencyView, mailbox: Mailbox) -> None:
    for reminder in (True, False):
        made = actions.send(message=letter(agency.id, reminder=reminder), by=SYSTEM, now=NOW)
        assert made is not None
        delivery.deliver(message_id=made, now=NOW)
    first, second = mailbox.mails
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert second["List-Unsubscribe"] is None
    token = first["List-Unsubscribe"].strip("<>").split("/")[-3]
    actions.stop_reminders(token=token, by=APPLICANT, now=NOW)
    assert queries.preferences(token) == Preferences(reminders=False)


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 64, "A" * 63])
def test_no_link_can_be_made_up(token: str) -> None:
    with pytest.raises(NoSuchAddressee):
        actions.stop_reminders(token=token, by=APPLICANT, now=NOW)
    assert queries.preferences(token) is None
    assert not Addressee.objects.exists()


def test_every_channel_reads_nonsense_without_harm() -> None:
    for channel in channels.all().values():
        with suppress(Forged, ValueError):
            assert not channel.parse_receipt(headers={}, body=b"\x00nonsense", now=NOW)
