from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.notifications import delivery, queries
from loket.notifications.types import CaseKey, Medium, OnlyInDemo, State, SubjectKind
from loket.privacy import actions as privacy
from tests.notifications.letters import ADDRESS, BODY, NUMBER, SUBJECT_LINE, sent

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize("count", [1, 3])
def test_a_timeline_in_one_statement(
    count: int, agency: AgencyView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case, (key_id, key) = new_id(), privacy.create_key(new_id())
    messages = [sent(agency.id, NOW, case_key=CaseKey(key_id, key), subject_id=case) for _ in range(count)]
    sent(agency.id, NOW)
    delivery.deliver(message_id=messages[0].id, now=NOW)
    with django_assert_num_queries(1):
        found = queries.messages_of(subject_kind=SubjectKind.CASE, subject_id=case, key=key)
    assert [view.id for view in found] == [message.id for message in messages]
    assert (found[0].masked_address, found[0].subject, found[0].body) == (
        "a•••@home.example",
        SUBJECT_LINE,
        BODY,
    )
    assert (found[0].state, found[0].attempts, found[0].trouble) == (State.QUEUED, 1, "unreachable")
    assert queries.messages_of(subject_kind=SubjectKind.DRAFT, subject_id=case, key=key) == ()


def test_messages_with_their_own_key_need_none_of_the_case(agency: AgencyView) -> None:
    case, (key_id, key) = new_id(), privacy.create_key(new_id())
    own = sent(agency.id, NOW, subject_id=case)
    sent(agency.id, NOW, subject_id=case, case_key=CaseKey(key_id, key))
    (view,) = queries.messages_of(subject_kind=SubjectKind.CASE, subject_id=case)
    assert (view.id, view.body) == (own.id, BODY)


def test_failures_are_counted(agency: AgencyView) -> None:
    for address in ("nonsense", "nonsense", ADDRESS):
        delivery.deliver(message_id=sent(agency.id, NOW, address=address).id, now=NOW)
    assert queries.failed_count(agency_ids=[agency.id], since=NOW - timedelta(days=1)) == 2
    assert queries.failed_count(agency_ids=[agency.id], since=NOW + timedelta(days=1)) == 0
    assert queries.failed_count(agency_ids=[], since=NOW) == 0


def test_the_outbox_shows_what_the_sandboxes_took(agency: AgencyView, settings: Settings) -> None:
    settings.DEMO, settings.EMAIL_CHANNEL, settings.SMS_CHANNEL = True, "mail_sandbox", "sms_sandbox"
    key_id, key = privacy.create_key(new_id())
    mail, erased = sent(agency.id, NOW), sent(agency.id, NOW, case_key=CaseKey(key_id, key))
    text = sent(agency.id, NOW, medium=Medium.SMS, address=NUMBER)
    for message in (mail, erased, text):
        assert delivery.deliver(message_id=message.id, now=NOW) is State.SENT
    privacy.destroy_key(key_id, by=SYSTEM, now=NOW)
    assert [(message.id, message.address) for message in queries.outbox(limit=10)] == [
        (text.id, NUMBER),
        (mail.id, ADDRESS),
    ]
    assert len(queries.outbox(limit=1)) == 1
    settings.DEMO = False
    with pytest.raises(OnlyInDemo):
        queries.outbox(limit=10)
