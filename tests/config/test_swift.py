"""Short jobs: done once, in the transaction that strikes them off, and handed on where they fail."""

from threading import Event, Thread

import pytest
from django.db import connection, connections

from loket.casework.models import Case, CasePaper
from loket.casework.queues import WORKERS
from loket.config import swift
from loket.kernel import clock
from loket.notifications.models import Message
from loket.privacy import actions as privacy
from tests import county
from tests.casework import stall
from tests.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()
    with connection.cursor() as cursor:
        # Not a table of ours, so that no test leaves it empty.
        cursor.execute("DELETE FROM procrastinate_jobs")


def _jobs() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, queue_name FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


def _sent() -> Case:
    now = clock.now()
    return stall.sent({**stall.ANSWERS, "from_day": now.date().isoformat()}, now=now)


def test_what_follows_from_an_application_is_done_once_and_struck_off() -> None:
    case = _sent()
    assert _jobs() == [("casework.follow_up", "swift")]
    swift.drain()
    assert _jobs() == []
    assert [event.followed_up_at is not None for event in stall.events(case)] == [True]
    assert CasePaper.objects.get(case=case).made_at is not None
    assert Message.objects.filter(subject_id=case.id).count() == 1
    swift.drain()
    assert Message.objects.filter(subject_id=case.id).count() == 1


def test_what_settles_later_waits_for_its_moment() -> None:
    case = _sent()
    stall.act(case, "approve", now=clock.now())
    swift.drain()
    assert _jobs() == [("casework.follow_up", "swift")]
    assert [event.followed_up_at is not None for event in stall.events(case)] == [True, False]


def test_one_that_fails_is_handed_on_and_holds_up_none() -> None:
    broken, sound = _sent(), _sent()
    privacy.destroy_keys_of(broken.id, by=county.staff(stall.OFFICER).actor, now=clock.now())
    swift.drain()
    assert _jobs() == [("casework.follow_up", WORKERS)]
    assert stall.events(sound)[0].followed_up_at is not None
    assert stall.events(broken)[0].followed_up_at is None


def test_a_worker_without_this_does_them_too() -> None:
    case = _sent()
    run_worker()
    assert stall.events(case)[0].followed_up_at is not None


def test_it_stops_when_told_and_two_never_do_the_same() -> None:
    cases = [_sent() for _ in range(4)]
    stop = Event()
    both = [Thread(target=swift.run, args=[stop]) for _ in range(2)]
    for one in both:
        one.start()
    try:
        _until_done()
    finally:
        stop.set()
        for one in both:
            one.join(20)
            assert not one.is_alive()
    for case in cases:
        assert Message.objects.filter(subject_id=case.id).count() == 1
        assert CasePaper.objects.get(case=case).made_at is not None
    connections.close_all()


def _until_done() -> None:
    pause = Event()
    for _ in range(300):
        if not _jobs():
            return
        pause.wait(0.1)
    raise AssertionError(_jobs())


def test_workers_listen_to_every_other_queue() -> None:
    queues = swift.queues_for_workers()
    assert "swift" not in queues
    assert {WORKERS, "messages", "payments"} <= set(queues)
