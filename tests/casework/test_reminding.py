"""Reminders: sent once at their moment, dropped where they are no longer true."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from loket.casework import actions, jobs, reminding
from loket.casework.models import Case, Reminder
from loket.casework.registry import effect_checks
from loket.casework.types import ReminderKind
from loket.catalogue import actions as catalogue
from loket.identity import queries as people
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.notifications import queries as notifications
from loket.notifications.models import Message
from loket.notifications.types import MessageView, SubjectKind
from loket.privacy import actions as privacy
from tests import county
from tests.casework import stall
from tests.casework.at_once import at_once
from tests.casework.stall import NOW
from tests.worker import run_worker

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

_DOCUMENTS = """
documents:
  licence:
    title: {en: Stall licence, sw: Leseni ya kibanda}
    holder: full_name
    says: {en: May keep a stall., sw: Anaruhusiwa kuwa na kibanda.}
    valid: {years: 1}
remind:
  - {before: expiry, days: 60, of: licence, service: market-stall}
  - {before: expiry, days: 7, of: licence}
"""


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _due(now: datetime) -> int:
    return sum(reminding.send(reminder_id=found, now=now) for found in reminding.due(now, 10))


def _letters(case: Case) -> list[MessageView]:
    sent = notifications.messages_of(
        subject_kind=SubjectKind.CASE, subject_id=case.id, key=privacy.open_key(case.key_id)
    )
    return [letter for letter in sent if letter.purpose.startswith("reminder_")]


def _planned(case: Case, kind: ReminderKind = ReminderKind.UNPAID, days: int = 2) -> Reminder:
    reminding.plan(
        case=case,
        kind=kind,
        due_at=NOW + timedelta(days=days),
        ends_at=NOW + timedelta(days=days + 2),
        now=NOW,
    )
    return Reminder.objects.get(case=case, kind=kind)


def test_who_was_asked_is_reminded_two_days_before_the_end() -> None:
    case = stall.sent(language="sw")
    stall.asked(case, "metres")
    moment = datetime(2026, 11, 28, 6, tzinfo=UTC)
    assert _due(moment - timedelta(minutes=1)) == 0
    assert (_due(moment), _due(moment)) == (1, 0)
    (letter,) = _letters(case)
    assert letter.subject == f"Kumbusho: Kodi kibanda cha soko, {case.reference}"
    assert "30 Novemba 2026, 23:59" in letter.body
    assert f"/sw/track/?reference={case.reference}" in letter.body
    assert "metres" not in letter.body.lower()


def test_who_answered_meanwhile_is_not_reminded() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    stall.answer_reply(case, "size", NOW + timedelta(days=1), metres="7")
    actions.send_reply(case_id=case.id, now=NOW + timedelta(days=1))
    assert _due(NOW + timedelta(days=12)) == 0
    assert Reminder.objects.get(case=case).dropped_at is not None
    assert not _letters(case)


def test_who_is_asked_again_is_reminded_again() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    assert _due(NOW + timedelta(days=12)) == 1
    again = NOW + timedelta(days=13)
    stall.answer_reply(case, "size", again, metres="7")
    actions.send_reply(case_id=case.id, now=again)
    stall.asked(case, "metres", now=again)
    assert _due(again + timedelta(days=12)) == 1
    assert len(_letters(case)) == 2


def test_an_unpaid_case_is_reminded_until_it_is_paid() -> None:
    unpaid, paid = stall.sent(), stall.sent()
    Case.objects.filter(id=unpaid.id).update(stage="awaiting_payment")
    for case in (unpaid, paid):
        _planned(case)
    assert _due(NOW + timedelta(days=2)) == 1
    (letter,) = _letters(unpaid)
    assert "is not paid yet. It lapses on 20 November 2026, 12:00." in letter.body
    assert not _letters(paid)


def test_a_reminder_can_be_dropped_moved_and_is_never_sent_after_what_it_warns_of() -> None:
    dropped, moved, late = (stall.sent() for _ in range(3))
    Case.objects.update(stage="awaiting_payment")
    for case in (dropped, moved, late):
        _planned(case)
    assert reminding.drop(case=dropped, kind=ReminderKind.UNPAID, now=NOW) == 1
    assert reminding.drop(case=dropped, kind=ReminderKind.UNPAID, now=NOW) == 0
    _planned(moved, days=5)
    assert _due(NOW + timedelta(days=4)) == 0
    assert _due(NOW + timedelta(days=5)) == 1
    assert [len(_letters(case)) for case in (dropped, moved, late)] == [0, 1, 0]


def test_the_same_plan_again_sends_nothing_twice() -> None:
    case = stall.sent()
    Case.objects.update(stage="awaiting_payment")
    _planned(case)
    assert _due(NOW + timedelta(days=2)) == 1
    _planned(case)
    _due(NOW + timedelta(days=2))
    assert len(_letters(case)) == 1


def test_what_is_due_already_is_not_planned(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    case = stall.sent()
    with django_assert_num_queries(0):
        reminding.plan(case=case, kind=ReminderKind.UNPAID, due_at=NOW, ends_at=NOW, now=NOW)
    with django_assert_num_queries(1):
        reminding.plan(
            case=case, kind=ReminderKind.UNPAID, due_at=NOW + timedelta(hours=1), ends_at=NOW, now=NOW
        )


def test_a_licence_that_expires_is_told_of_as_the_pack_says() -> None:
    catalogue.publish(source=stall.PACK + _DOCUMENTS, by=SYSTEM, now=NOW, effects=effect_checks())
    case = stall.sent()
    agency = people.agency("civil-registry")
    assert agency is not None
    reminding.plan_expiry(
        case=case,
        service=county.service(stall.KEY),
        agency=agency,
        document="licence",
        last_day=date(2027, 11, 15),
        now=NOW,
    )
    stall.act(case, "approve")
    first, second = datetime(2027, 9, 16, 6, tzinfo=UTC), datetime(2027, 11, 8, 6, tzinfo=UTC)
    assert _due(first - timedelta(minutes=1)) == 0
    assert _due(first) == 1
    (letter,) = _letters(case)
    assert "“Stall licence” is valid until 15 November 2027." in letter.body
    assert "/en/services/market-stall/" in letter.body
    assert reminding.drop(case=case, kind=ReminderKind.EXPIRY, document="other", now=NOW) == 0
    assert reminding.drop(case=case, kind=ReminderKind.EXPIRY, document="licence", now=NOW) == 1
    assert _due(second) == 0


def test_without_an_address_or_after_erasure_nobody_is_reminded() -> None:
    on_paper, erased = stall.sent(stall.ON_PAPER), stall.sent()
    Case.objects.update(stage="awaiting_payment")
    for case in (on_paper, erased):
        _planned(case)
    Case.objects.filter(id=erased.id).update(erased_at=NOW)
    assert _due(NOW + timedelta(days=2)) == 0
    assert Reminder.objects.filter(dropped_at=None).count() == 0


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_two_workers_send_one_reminder() -> None:
    case = stall.sent()
    Case.objects.update(stage="awaiting_payment")
    row = _planned(case)

    def work() -> bool:
        return reminding.send(reminder_id=row.id, now=NOW + timedelta(days=2))

    assert sorted(map(str, at_once(work, work))) == ["False", "True"]
    assert Message.objects.filter(subject_id=case.id, purpose="reminder_unpaid").count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_reminder_whose_worker_was_killed_is_found_again() -> None:
    now = clock.now()
    case = stall.sent({**stall.ANSWERS, "from_day": (now + timedelta(days=9)).date().isoformat()}, now=now)
    Case.objects.update(stage="awaiting_payment")
    row = _planned(case)
    Reminder.objects.update(due_at=now - timedelta(minutes=1), ends_at=now + timedelta(days=1))
    jobs.run_reminders(timestamp=0)
    # Killed in the middle: the job stays with a worker that is no more, and another minute comes.
    with_dead_worker = "UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'casework.remind'"
    _execute(with_dead_worker)
    jobs.run_reminders(timestamp=60)
    run_worker()
    row.refresh_from_db()
    assert row.sent_at is not None
    assert Message.objects.filter(subject_id=case.id, purpose="reminder_unpaid").count() == 1


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_whoever_reminds_locks_the_case_before_its_reminder_as_everybody_does() -> None:
    case = stall.sent()
    _planned(case)
    with CaptureQueriesContext(connection) as asked:
        _due(NOW + timedelta(days=3))
    locked = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]]
    first, second = (
        next(at for at, sql in enumerate(locked) if f'FROM "{table}"' in sql.split("WHERE")[0])
        for table in ("casework_case", "casework_reminder")
    )
    assert first < second
