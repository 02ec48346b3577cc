"""Buckets that every host shares, and those in memory."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from loket.limits import actions, jobs
from loket.limits.memory import MemoryBuckets
from loket.limits.models import Bucket

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _take(key: str = "a", *, after: timedelta = timedelta(), limit: int = 3, bucket: str = "codes") -> bool:
    return actions.take(bucket, key, limit=limit, per=HOUR, now=NOW + after)


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_exactly_the_limit_is_given_at_once(limit: int) -> None:
    assert [_take(limit=limit) for _ in range(limit + 2)] == [True] * limit + [False] * 2


@pytest.mark.django_db
def test_every_outcome_costs_one_statement() -> None:
    for expected in (True, True, True, False):
        with CaptureQueriesContext(connection) as made:
            assert _take() is expected
        assert len(made) == 1


@pytest.mark.django_db
def test_shares_come_back_one_by_one() -> None:
    for _ in range(3):
        _take()
    assert not _take(after=timedelta(minutes=19))
    assert _take(after=timedelta(minutes=20))
    assert not _take(after=timedelta(minutes=20))
    assert [_take(after=timedelta(hours=3)) for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_refused_attempts_do_not_postpone_the_next_chance() -> None:
    for _ in range(3):
        _take()
    for minute in range(20):
        assert not _take(after=timedelta(minutes=minute))
    assert _take(after=timedelta(minutes=20))


@pytest.mark.django_db
def test_a_bucket_filled_by_a_clock_that_was_a_day_ahead_refuses_nobody_for_a_day() -> None:
    for _ in range(3):
        assert _take(after=timedelta(days=1))
    assert [_take() for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_clocks_that_differ_by_minutes_give_no_chance_more() -> None:
    for _ in range(3):
        assert _take(after=timedelta(minutes=4))
    assert not _take()


@pytest.mark.django_db
def test_keys_and_buckets_do_not_touch_each_other() -> None:
    assert _take("a", limit=1)
    assert _take("b", limit=1)
    assert _take("a", limit=1, bucket="drafts")
    assert not _take("a", limit=1)


@pytest.mark.django_db
def test_key_is_nowhere_in_the_table() -> None:
    _take("203.0.113.7")
    assert len(bytes(Bucket.objects.get().digest)) == 32
    assert b"203.0.113.7" not in bytes(Bucket.objects.get().digest)


@pytest.mark.django_db
def test_bucket_put_back_is_full_of_chances_again() -> None:
    for _ in range(3):
        _take()
    actions.put_back("codes", "a")
    assert _take()


@pytest.mark.django_db
def test_purge_takes_empty_buckets_only() -> None:
    _take("old")
    _take("new", after=HOUR)
    assert actions.purge(now=NOW + HOUR) == 1
    jobs.purge(0)
    assert Bucket.objects.count() <= 1


@pytest.mark.django_db
def test_limit_of_nothing_is_a_fault() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        _take(limit=0)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_than_the_limit() -> None:
    given_out: list[bool] = []

    def ask() -> None:
        given_out.extend(_take(limit=5) for _ in range(4))
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given_out) == [False] * 7 + [True] * 5


@given(st.integers(1, 20), st.lists(st.floats(0, 5), max_size=60))
def test_memory_never_gives_more_than_limit_and_refill(limit: int, waits: list[float]) -> None:
    buckets = MemoryBuckets(limit=limit, seconds=10)
    now, taken = 0.0, 0
    for wait in waits:
        now += wait
        taken += buckets.take("a", now)
        assert taken <= limit + now * limit / 10 + 0.01


@given(st.integers(1, 50), st.floats(0.1, 1e4), st.floats(0, 2e9))
def test_memory_gives_the_whole_limit_at_once(limit: int, seconds: float, now: float) -> None:
    buckets = MemoryBuckets(limit=limit, seconds=seconds)
    assert [buckets.take("a", now) for _ in range(limit + 1)] == [True] * limit + [False]


@given(st.lists(st.text(max_size=2)))
def test_memory_stays_bounded(keys: list[str]) -> None:
    buckets = MemoryBuckets(limit=2, seconds=10, size=3)
    for key in keys:
        buckets.take(key, 0)
        assert len(buckets) <= 3


def test_memory_forgets_the_longest_unused_first() -> None:
    buckets = MemoryBuckets(limit=1, seconds=10, size=2)
    for key in ("a", "b", "a", "c"):
        buckets.take(key, 0)
    assert not buckets.take("a", 0)
    assert buckets.take("b", 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: MemoryBuckets(limit=0, seconds=1),
        lambda: MemoryBuckets(limit=1, seconds=0),
        lambda: MemoryBuckets(limit=1, seconds=1, size=0),
    ],
)
def test_memory_without_sense_is_a_fault(make: Callable[[], MemoryBuckets]) -> None:
    with pytest.raises(ValueError, match="positive"):
        make()
