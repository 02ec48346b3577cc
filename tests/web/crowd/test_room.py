"""The waiting room: by order of arrival, at a bounded rate, and everybody gets in."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.web.crowd.room import EASY, SECONDS, SIZE, TOO_LONG, Room

NOW = 1_800_000_000.25


def fresh(open_at: float = NOW) -> Room:
    room = Room(memoryview(bytearray(SIZE)))
    room.open(open_at, 4.0)
    return room


def test_without_a_crowd_everybody_comes_in() -> None:
    assert Room(memoryview(bytearray(SIZE))).ask(None, NOW) is None


@given(st.lists(st.floats(0.001, 3), min_size=1, max_size=200), st.randoms(use_true_random=False))
def test_all_get_in_by_order_of_arrival_and_no_faster_than_the_rate(
    gaps: list[float], chance: random.Random
) -> None:
    """People come at any moments; the load is felt as heavy, middling or light at random."""
    room, now, tickets, inside = fresh(), NOW, [], []
    for gap in gaps:
        now += gap
        place = room.ask(None, now)
        assert place is not None
        tickets.append(place.arrived)
    waiting, passed = list(tickets), now - NOW
    for _ in range(20_000):
        if not waiting:
            break
        now += 0.3
        passed += 0.3
        pressure = chance.choice([0.0, (EASY + TOO_LONG) / 2, 1.0])
        room.tell(1, pressure, 0.0, now)
        rate = room.rate * 1.05
        room.tick(now)
        let = [ticket for ticket in waiting if room.ask(ticket, now) is None]
        # Two seconds' borders may round one person each.
        if room.active:
            assert len(let) <= rate * min(passed, 1.0) + 3
        passed = 0.0
        waiting = [ticket for ticket in waiting if ticket not in let]
        inside += let
    assert not waiting, "somebody starved"
    assert inside == sorted(tickets)


def test_a_place_is_counted_once_however_often_its_holder_asks() -> None:
    room = fresh()
    first = room.ask(None, NOW + 1)
    assert first
    for _ in range(5):
        again = room.ask(first.arrived, NOW + 2)
        assert again
        assert again.arrived == first.arrived
    later = room.ask(None, NOW + 3)
    assert later
    assert later.ahead == 1


def test_many_at_once_are_told_a_wait_that_fits_the_rate() -> None:
    room = fresh()
    places = [room.ask(None, NOW + 1 + number / 10_000) for number in range(1_000)]
    last = places[-1]
    assert last
    assert 0 <= last.ahead <= 1_000
    assert last.seconds == pytest.approx(last.ahead / room.rate)


def test_pressure_slows_and_ease_hastens_within_bounds() -> None:
    room, now = fresh(), NOW
    for _ in range(200):
        room.ask(None, now)
        now += 0.3
        room.tell(1, 2.0, 0.0, now)
        room.tick(now)
    slowest = room.rate
    assert 0 < slowest <= 0.5
    for number in range(400):
        for _ in range(400):
            room.ask(None, now)
        now += 0.3
        room.tell(1, 0.0, 0.0, now)
        room.tick(now)
        assert room.active, number
    assert slowest < room.rate <= 1000


def test_what_the_workers_could_serve_is_let_in_also_under_pressure() -> None:
    """Of two workers that could serve ten people a second, most of these come in however long others wait."""
    room, now = fresh(), NOW
    for _ in range(100):
        room.ask(None, now)
        now += 0.3
        for worker in (1, 2):
            room.tell(worker, 2.0, 5.0, now)
        room.tick(now)
    assert room.rate == pytest.approx(7.0)


def test_when_nobody_is_left_and_all_is_calm_the_room_closes() -> None:
    room, now = fresh(), NOW
    room.ask(None, now)
    for _ in range(30):
        now += 0.3
        room.tell(1, 0.0, 0.0, now)
        room.tick(now)
    assert not room.active
    assert room.ask(None, now) is None


def test_one_worker_s_pressure_counts_for_all_and_an_old_word_for_nobody() -> None:
    room = fresh()
    room.tell(1, 0.0, 0.0, NOW + 1)
    room.tell(2, 2.0, 0.0, NOW + 1)
    room.tick(NOW + 1)
    slowed = room.rate
    room.tell(1, 0.0, 0.0, NOW + 20)
    room.tick(NOW + 20)
    assert room.rate > slowed


def test_a_ticket_from_the_future_or_from_yesterday_is_a_new_one() -> None:
    room = fresh()
    for wrong in (NOW + 50, NOW - SECONDS - 1):
        place = room.ask(wrong, NOW + 2)
        assert place
        assert place.arrived == NOW + 2


def test_the_memory_is_shared_by_whoever_maps_it() -> None:
    memory = bytearray(SIZE)
    one, other = Room(memoryview(memory)), Room(memoryview(memory))
    one.open(NOW, 4.0)
    assert other.active
    place = other.ask(None, NOW + 1)
    assert place
    assert one.ask(place.arrived, NOW + 2) is not None
