"""Queueing and taking back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from loket.audit.models import Entry
from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.notifications import actions
from loket.notifications.models import Message
from loket.notifications.types import CaseKey, SubjectKind
from loket.privacy import actions as privacy
from tests.notifications.letters import SECRETS, letter, sent

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_message_is_queued_at_once(agency: AgencyView) -> None:
    message = sent(agency.id, NOW)
    assert (message.state, message.due_at, message.give_up_at) == ("queued", NOW, NOW + timedelta(hours=72))
    assert (message.ready_at, message.quiet_from) == (NOW, None)


def test_a_rollback_leaves_no_message(agency: AgencyView) -> None:
    with transaction.atomic():
        sent(agency.id, NOW)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_nothing_in_the_tables_can_be_read_without_the_key(agency: AgencyView) -> None:
    sent(agency.id, NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM notifications_message m")
        (row,) = cursor.fetchone()
    for secret in SECRETS:
        assert secret not in row
        assert secret.encode().hex() not in row


@pytest.mark.parametrize("count", [1, 3])
def test_sending_takes_two_statements(
    count: int, agency: AgencyView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    messages = [letter(agency.id) for _ in range(count)]
    with django_assert_num_queries(2):
        assert len(actions.send_all(messages=messages, by=SYSTEM, now=NOW)) == count


def test_what_is_urgent_asks_nobody_how_to_be_written_to(
    agency: AgencyView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        actions.send_all(messages=[letter(agency.id, urgent=True)], by=SYSTEM, now=NOW)


def test_sending_nothing_does_nothing() -> None:
    assert actions.send_all(messages=[], by=SYSTEM, now=NOW) == ()


def test_the_same_key_sends_once(agency: AgencyView) -> None:
    first, second = letter(agency.id, idempotency_key="event:1"), letter(agency.id, idempotency_key="event:2")
    assert actions.send(message=first, by=SYSTEM, now=NOW) is not None
    assert actions.send(message=first, by=SYSTEM, now=NOW) is None
    assert len(actions.send_all(messages=[first, second, second], by=SYSTEM, now=NOW)) == 1
    assert Message.objects.count() == 2


def test_messages_wait_for_their_moment(agency: AgencyView) -> None:
    later = NOW + timedelta(minutes=1)
    messages = [letter(agency.id), letter(agency.id, not_before=later), letter(agency.id, not_before=later)]
    actions.send_all(messages=messages, by=SYSTEM, now=NOW)
    assert list(Message.objects.order_by("id").values_list("due_at", flat=True)) == [NOW, later, later]


def test_a_case_message_is_sealed_under_the_cases_key(agency: AgencyView) -> None:
    key_id, key = privacy.create_key(new_id())
    of_case, own = sent(agency.id, NOW, case_key=CaseKey(key_id, key)), sent(agency.id, NOW)
    assert (of_case.key_id, of_case.wrapped_key) == (key_id, None)
    assert own.key_id is None
    assert own.wrapped_key is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"wrapped_key": None},
        {"state": "sent"},
        {"state": "failed", "ended_at": NOW},
        {"state": "cancelled"},
        {"state": "lost"},
        {"ended_at": NOW},
        {"medium": "pigeon"},
        {"subject_kind": "agency"},
    ],
)
def test_the_table_refuses_what_makes_no_sense(agency: AgencyView, changes: dict[str, object]) -> None:
    message = sent(agency.id, NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(id=message.id).update(**changes)


def test_an_undo_takes_back_what_has_not_gone(agency: AgencyView) -> None:
    case = new_id()
    for key in ("event:1:applicant", "event:1:team", "event:2:applicant"):
        actions.send(message=letter(agency.id, subject_id=case, idempotency_key=key), by=SYSTEM, now=NOW)
    Message.objects.filter(idempotency_key="event:1:team").update(
        state="sent", attempted_at=NOW, sent_at=NOW, ended_at=NOW
    )
    cancel = actions.cancel
    for expected in (1, 0):
        assert expected == cancel(
            subject_kind=SubjectKind.CASE, subject_id=case, prefix="event:1:", by=SYSTEM, now=NOW
        )
    assert dict(Message.objects.values_list("idempotency_key", "state")) == {
        "event:1:applicant": "cancelled",
        "event:1:team": "sent",
        "event:2:applicant": "queued",
    }
    assert Entry.objects.filter(action="message.cancelled").count() == 1


def test_another_subjects_messages_are_not_taken_back(agency: AgencyView) -> None:
    sent(agency.id, NOW)
    assert (
        actions.cancel(subject_kind=SubjectKind.CASE, subject_id=new_id(), prefix="", by=SYSTEM, now=NOW) == 0
    )
