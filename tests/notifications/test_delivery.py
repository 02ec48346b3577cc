"""One try and what follows from it, against a real mail server."""

import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pytest_django import Settings

from loket.audit.models import Entry
from loket.identity.types import AgencyView
from loket.kernel import events
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.notifications import delivery, queries
from loket.notifications.events import MessageFailed
from loket.notifications.models import Message
from loket.notifications.queries import preferences_token
from loket.notifications.registry import Receipt, Temporary
from loket.notifications.types import CaseKey, Medium, State
from loket.privacy import actions as privacy
from tests.notifications.letters import ADDRESS, BODY, NUMBER, SECRETS, SUBJECT_LINE, sent
from tests.notifications.mail_server import Mailbox

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

_failures: list[MessageFailed] = []


@events.on(MessageFailed)
def _remember(event: MessageFailed) -> None:
    _failures.append(event)


@pytest.fixture(autouse=True)
def failures() -> list[MessageFailed]:
    _failures.clear()
    return _failures


def delivered(message: Message, now: datetime = NOW) -> State | None:
    found = delivery.deliver(message_id=message.id, now=now)
    message.refresh_from_db()
    return found


def test_a_message_arrives_as_it_was_written(agency: AgencyView, mailbox: Mailbox) -> None:
    message = sent(agency.id, NOW)
    assert delivered(message) is State.SENT
    (mail,) = mailbox.mails
    assert mailbox.recipients == [ADDRESS]
    assert mail["To"] == ADDRESS
    assert mail["From"] == '"Transport, Roads" <no-reply@loket.example>'
    assert mail["Subject"] == SUBJECT_LINE
    assert mail["Message-ID"] == f"<{message.id}@loket.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "sw"
    assert mail.get_content_type() == "text/plain"
    written, _rule, footer = mail.get_content().replace("\r\n", "\n").partition("\n\n-- \n")
    assert written == BODY
    assert f"/sw/messages/{preferences_token(Medium.EMAIL, ADDRESS)}/" in footer
    assert (message.sent_at, message.ended_at, message.attempts, message.channel) == (NOW, NOW, 1, "smtp")
    assert message.provider_id == mail["Message-ID"]


def test_a_sent_message_is_never_sent_again(agency: AgencyView, mailbox: Mailbox) -> None:
    message = sent(agency.id, NOW)
    assert delivered(message) is State.SENT
    assert delivered(message) is None
    assert delivered(message, NOW + timedelta(days=1)) is None
    assert len(mailbox.mails) == 1


def test_a_message_waits_for_its_moment(agency: AgencyView, mailbox: Mailbox) -> None:
    message = sent(agency.id, NOW, not_before=NOW + timedelta(minutes=10))
    assert delivered(message) is None
    assert delivered(message, NOW + timedelta(minutes=10)) is State.SENT


def test_a_cancelled_message_is_not_sent(agency: AgencyView, mailbox: Mailbox) -> None:
    message = sent(agency.id, NOW)
    Message.objects.update(state="cancelled", ended_at=NOW)
    assert delivered(message) is None
    assert not mailbox.mails


def test_a_mail_server_that_is_away_is_tried_again(agency: AgencyView, failures: list[MessageFailed]) -> None:
    message = sent(agency.id, NOW)
    now, pauses = NOW, []
    while delivered(message, now) is State.QUEUED:
        assert message.last_error == "unreachable"
        pauses.append((message.due_at - now).total_seconds())
        now = message.due_at
    assert 24 <= pauses[0] <= 36
    assert 48 <= pauses[1] <= 72
    assert max(pauses) <= 1.2 * 4 * 3600
    assert timedelta(hours=66) < now - NOW <= timedelta(hours=72)
    assert message.attempts == len(pauses) + 1
    assert (message.state, message.ended_at) == ("failed", now)
    assert failures == [
        MessageFailed(
            message_id=message.id,
            agency_id=agency.id,
            subject_kind=failures[0].subject_kind,
            subject_id=message.subject_id,
            purpose="stage_changed",
            trouble="unreachable",
        )
    ]
    assert Entry.objects.filter(action="message.failed", about_id=str(message.id)).count() == 1


def test_what_failed_first_arrives_later(agency: AgencyView, mailbox: Mailbox) -> None:
    mailbox.reply = "451 try again, {address}"
    message = sent(agency.id, NOW)
    assert delivered(message) is State.QUEUED
    assert message.last_error == "smtp_451"
    mailbox.reply = "250 OK"
    assert delivered(message, message.due_at) is State.SENT
    assert (message.attempts, message.last_error) == (2, "")


@pytest.mark.parametrize("where", ["reply", "reply_to_data"])
def test_a_refusal_for_good_fails_at_once(
    where: str, agency: AgencyView, mailbox: Mailbox, failures: list[MessageFailed]
) -> None:
    setattr(mailbox, where, f"550 no such person as {ADDRESS}")
    message = sent(agency.id, NOW)
    assert delivered(message) is State.FAILED
    assert (message.last_error, message.attempts, message.ended_at) == ("smtp_550", 1, NOW)
    assert [event.trouble for event in failures] == ["smtp_550"]


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example"]
)
def test_an_address_that_is_none_fails_at_once(address: str, agency: AgencyView, mailbox: Mailbox) -> None:
    message = sent(agency.id, NOW, address=address)
    assert delivered(message) is State.FAILED
    assert message.last_error == "bad_address"
    assert not mailbox.mails


def test_a_medium_without_a_channel_waits_for_one(agency: AgencyView, settings: Settings) -> None:
    message = sent(agency.id, NOW, medium=Medium.SMS, address=NUMBER)
    assert delivered(message) is State.QUEUED
    assert message.last_error == "no_channel"
    settings.DEMO, settings.SMS_CHANNEL = True, "sms_sandbox"
    assert delivered(message, message.due_at) is State.SENT


def test_a_code_goes_stale_sooner(agency: AgencyView) -> None:
    message = sent(agency.id, NOW, keep_trying=timedelta(minutes=1))
    assert delivered(message) is State.QUEUED
    assert delivered(message, message.due_at) is State.FAILED


def test_a_first_try_is_made_however_late(agency: AgencyView, mailbox: Mailbox) -> None:
    message = sent(agency.id, NOW)
    assert delivered(message, NOW + timedelta(days=9)) is State.SENT


def test_a_message_of_an_erased_case_is_not_sent(agency: AgencyView, mailbox: Mailbox) -> None:
    key_id, key = privacy.create_key(new_id())
    kept, erased = (sent(agency.id, NOW, case_key=CaseKey(key_id, key)) for _ in range(2))
    assert delivered(kept) is State.SENT
    privacy.destroy_key(key_id, by=SYSTEM, now=NOW)
    assert delivered(erased) is None
    assert (erased.state, erased.last_error) == ("cancelled", "key_destroyed")
    assert len(mailbox.mails) == 1


def test_somebody_else_is_sending_it(agency: AgencyView, mailbox: Mailbox) -> None:
    message = sent(agency.id, NOW)
    Message.objects.update(state="sending", attempts=1, attempted_at=NOW, due_at=NOW + delivery.LEASE)
    assert delivered(message, NOW + timedelta(minutes=5)) is None
    assert delivered(message, NOW + delivery.LEASE) is State.SENT
    assert message.attempts == 2


def test_a_sender_that_comes_back_late_changes_nothing(agency: AgencyView, mailbox: Mailbox) -> None:
    message = sent(agency.id, NOW)
    (slow,) = delivery.claim_due(medium=Medium.EMAIL, limit=1, now=NOW)
    assert delivered(message, NOW + delivery.LEASE) is State.SENT
    late = delivery.Outcome(slow, NOW + delivery.LEASE, "smtp", problem=Temporary("timeout"))
    delivery.settle([late], now=NOW + delivery.LEASE)
    delivery.settle([delivery.Outcome(slow, NOW, "other", receipt=Receipt("x"))], now=NOW)
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("sent", "")


def test_messages_are_claimed_once_and_those_of_the_dead_again(agency: AgencyView) -> None:
    first, second, later = (sent(agency.id, NOW) for _ in range(3))
    Message.objects.filter(id=later.id).update(due_at=NOW + timedelta(hours=1))

    def claimed(now: datetime) -> set[UUID]:
        return {claim.row.id for claim in delivery.claim_due(medium=Medium.EMAIL, limit=9, now=now)}

    assert claimed(NOW) == {first.id, second.id}
    assert claimed(NOW) == set()
    delivery.hold([first.id], until=NOW + 2 * delivery.LEASE)
    assert claimed(NOW + delivery.LEASE) == {second.id}
    (day,) = queries.performance(until=NOW.date(), days=1)
    assert (day.handed, day.uncertain) == (0, 1)


def test_a_clock_that_jumps_ahead_sends_nothing_twice_that_is_on_its_way(agency: AgencyView) -> None:
    mine = sent(agency.id, NOW)
    delivery.claim_due(medium=Medium.EMAIL, limit=9, now=NOW)
    other = sent(agency.id, NOW)
    tomorrow = NOW + timedelta(days=1)
    again = delivery.claim_due(medium=Medium.EMAIL, limit=9, now=tomorrow, but_not=[mine.id])
    assert [claim.row.id for claim in again] == [other.id]


def test_a_plug_ins_fault_is_tried_again_and_betrays_nothing(
    agency: AgencyView, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "tests.notifications.backends.Faulty"
    caplog.set_level(logging.DEBUG)
    message = sent(agency.id, NOW)
    assert delivered(message) is State.QUEUED
    assert message.last_error == "fault_RuntimeError"
    assert not [secret for secret in SECRETS if secret in caplog.text]


def test_messages_with_own_keys_are_forgotten_after_a_month(agency: AgencyView, mailbox: Mailbox) -> None:
    key_id, key = privacy.create_key(new_id())
    of_case, own, queued = (
        sent(agency.id, NOW, case_key=CaseKey(key_id, key)),
        sent(agency.id, NOW),
        sent(agency.id, NOW),
    )
    delivered(of_case)
    delivered(own)
    assert delivery.forget(now=NOW + timedelta(days=29)) == 0
    assert delivery.forget(now=NOW + timedelta(days=31)) == 1
    assert set(Message.objects.values_list("id", flat=True)) == {of_case.id, queued.id}
