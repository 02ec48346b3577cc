"""Whoever tries references learns nothing from the time an answer takes."""

import statistics
import time
from collections.abc import Callable

import pytest
from django.test import Client

from loket.casework.models import Case
from loket.kernel import clock
from loket.limits.models import Bucket
from tests import county

pytestmark = [pytest.mark.prove, pytest.mark.django_db(databases=["default", "keys"])]
PAIRS = 500
MOST_APART = 0.05


def timed(client: Client, reference: str, contact: str) -> tuple[float, str]:
    """Seconds of one look-up, and what the page says less what was typed."""
    begun = time.perf_counter()
    response = client.post("/en/track/", {"reference": reference, "proof": contact})
    took = time.perf_counter() - begun
    assert response.status_code == 200
    said = response.content.decode().replace(reference, "").replace(contact, "")
    return took, said.partition("govuk-error-summary")[2].partition("</div>")[0]


def medians(one: Callable[[int], float], other: Callable[[int], float], pairs: int) -> tuple[float, float]:
    """Of `pairs` interleaved pairs, which of the two goes first changing each time."""
    first, second = [], []
    for turn in range(pairs):
        if turn % 2:
            second.append(other(turn))
            first.append(one(turn))
        else:
            first.append(one(turn))
            second.append(other(turn))
    return statistics.median(first), statistics.median(second)


def apart(one: float, other: float) -> float:
    return abs(one - other) / min(one, other)


def test_a_wrong_reference_takes_as_long_as_a_wrong_contact(
    record_property: Callable[[str, object], None],
) -> None:
    now = clock.now()
    county.county(now)
    references = [county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=now) for _ in range(20)]
    unknown = [_changed(reference) for reference in references]
    client = Client()
    said = set()

    def look(reference: str) -> float:
        # The limiter stops guessing after a few tries; what is measured is a try that it lets through.
        Bucket.objects.all().delete()
        took, words = timed(client, reference, "nobody@example.com")
        said.add(words)
        return took

    for turn in range(40):
        look(references[turn % 20])
        look(unknown[turn % 20])
    wrong_contact, wrong_reference = medians(
        lambda turn: look(references[turn % 20]), lambda turn: look(unknown[turn % 20]), PAIRS
    )
    record_property("median with a wrong contact, ms", round(wrong_contact * 1000, 3))
    record_property("median with a wrong reference, ms", round(wrong_reference * 1000, 3))
    record_property("apart, %", round(apart(wrong_contact, wrong_reference) * 100, 2))
    assert len(said) == 1, "the two are told in different words"
    assert apart(wrong_contact, wrong_reference) <= MOST_APART


def test_the_measure_finds_a_path_that_is_slower(record_property: Callable[[str, object], None]) -> None:
    """Planted: a tenth of a millisecond more on a path of one."""

    def work(seconds: float) -> float:
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            pass
        return time.perf_counter() - begun

    quick, slow = medians(lambda _turn: work(0.001), lambda _turn: work(0.0011), PAIRS)
    record_property("planted difference found, %", round(apart(quick, slow) * 100, 2))
    assert apart(quick, slow) > MOST_APART


def _changed(reference: str) -> str:
    """A well-formed reference of no case."""
    for sign in "23456789":
        other = reference[:-1] + sign
        if not Case.objects.filter(reference=other).exists():
            return other
    raise AssertionError(reference)
