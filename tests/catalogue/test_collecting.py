"""A pack whose result is picked up at a counter."""

import pytest

from loket.catalogue.lint import Surroundings, lint_text
from loket.catalogue.types import Level
from tests.catalogue.samples import PACK, spoiled

_LABEL = "label: {en: Pick it up, id: Ambil, sw: Chukua}"
_ASKED = """\
    - id: place
      questions:
        - id: place
          kind: centre
          label: {en: Where will you pick it up?, id: Di mana Anda mengambilnya?, sw: Utachukua wapi?}
workflow:
"""
_COUNTER = f"    counter: {{kind: collect, {_LABEL}, team: permits, at: place, to: granted}}\n"


def _pack(asked: str = _ASKED, counter: str = _COUNTER) -> str:
    text = spoiled("workflow:\n", asked).replace("grant: {to: granted", "grant: {to: counter")
    return text.replace("    refused: {kind: final", counter + "    refused: {kind: final")


def _codes(text: str, centres: set[str] | None = frozenset({"north"})) -> set[tuple[str, str]]:  # type: ignore[assignment]
    surroundings = Surroundings(teams={"permits"}, effects={"tell": lambda *_: ()}, centres=centres)
    wanted = (Level.ERROR, Level.WARNING, Level.NOT_SHOWN)
    before = {(found.level, found.code) for found in lint_text(PACK, surroundings=surroundings)}
    found = {(found.level, found.code) for found in lint_text(text, surroundings=surroundings)} - before
    return {(level.value, code) for level, code in found if level in wanted}


def test_a_counter_whose_place_everybody_is_asked_is_sound() -> None:
    assert _codes(_pack()) == set()


@pytest.mark.parametrize("at", ["nothing", "water"])
def test_a_counter_must_name_a_question_that_asks_for_a_centre(at: str) -> None:
    assert _codes(_pack(counter=_COUNTER.replace("at: place", f"at: {at}"))) == {("error", "collect-nowhere")}


@pytest.mark.parametrize("extra", ["required: false", "when: water == 'sea'"])
def test_a_place_that_not_everybody_is_asked_is_not_shown_to_be_known(extra: str) -> None:
    asked = _ASKED.replace("kind: centre", f"kind: centre\n          {extra}")
    assert _codes(_pack(asked)) == {("not_shown", "collect-maybe-nowhere")}


def test_a_reminder_needs_an_end_to_tell_of() -> None:
    counter = _COUNTER.replace("at: place", "at: place, remind: {days: 7}")
    assert _codes(_pack(counter=counter)) == {("warning", "remind-without-end")}


def test_an_agency_without_centres_is_noted() -> None:
    assert _codes(_pack(), set()) == {("warning", "centres-missing")}
    assert _codes(_pack(), None) == set()


def test_the_team_at_the_counter_must_exist() -> None:
    assert _codes(_pack(counter=_COUNTER.replace("team: permits", "team: nobody"))) == {
        ("error", "team-unknown")
    }
