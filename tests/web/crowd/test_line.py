"""Whose turn is next: order within a kind, shares among kinds, and nobody waits for ever."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loket.web.crowd.line import TERMS, THREADS, Kind, Line

kinds = st.sampled_from(list(Kind))
# Someone of a kind joins, or (None) the next is called.
happenings = st.lists(st.one_of(kinds, st.none()), max_size=300)
# A busy machine is no fault of the line.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(happenings)
def test_everybody_is_called_once_and_in_order_within_their_kind(happening: list[Kind | None]) -> None:
    line: Line[tuple[Kind, int]] = Line()
    joined: list[tuple[Kind, int]] = []
    called: list[tuple[Kind, int]] = []
    for number, kind in enumerate(happening):
        if kind is not None:
            line.join(kind, (kind, number))
            joined.append((kind, number))
        elif (who := line.next()) is not None:
            called.append(who)
    while (who := line.next()) is not None:
        called.append(who)
    assert sorted(called, key=lambda one: one[1]) == joined
    for kind in Kind:
        assert [one for one in called if one[0] is kind] == [one for one in joined if one[0] is kind]
    assert len(line) == 0


@patient
@given(st.permutations(list(Kind)), kinds)
def test_nobody_starves_however_many_of_another_kind_come(order: list[Kind], crowd: Kind) -> None:
    line: Line[Kind] = Line()
    for kind in order:
        line.join(kind, kind)
    total = sum(terms.share for terms in TERMS.values())
    called = Counter[Kind]()
    for _ in range(2 * total + len(Kind)):
        line.join(crowd, crowd)
        who = line.next()
        assert who
        called[who] += 1
    assert set(called) == set(Kind)


def test_turns_are_shared_as_the_terms_say_while_all_wait() -> None:
    line: Line[Kind] = Line()
    total = sum(terms.share for terms in TERMS.values())
    for kind in Kind:
        for _ in range(10 * total):
            line.join(kind, kind)
    called = Counter(line.next() for _ in range(10 * total))
    for kind, terms in TERMS.items():
        assert abs(called[kind] - 10 * terms.share) <= 1


def test_whoever_was_away_saved_up_no_turns() -> None:
    line: Line[Kind] = Line()
    for _ in range(100):
        line.join(Kind.MIDDLE, Kind.MIDDLE)
    for _ in range(50):
        line.next()
    for _ in range(100):
        line.join(Kind.NEWCOMER, Kind.NEWCOMER)
    called = Counter(line.next() for _ in range(18))
    assert called[Kind.NEWCOMER] <= 3


def test_newcomers_find_no_room_first_and_a_thread_is_left_to_turn_away() -> None:
    line: Line[int] = Line()
    for number in range(TERMS[Kind.NEWCOMER].most):
        assert line.has_room(Kind.NEWCOMER)
        line.join(Kind.NEWCOMER, number)
    assert not line.has_room(Kind.NEWCOMER)
    assert line.has_room(Kind.MIDDLE)
    assert max(terms.most for terms in TERMS.values()) < THREADS
    assert min(TERMS.values(), key=lambda terms: terms.most) is TERMS[Kind.NEWCOMER]
