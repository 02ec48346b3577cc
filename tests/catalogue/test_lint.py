from collections.abc import Collection, Iterable

import pytest
from pydantic import JsonValue

from loket.catalogue.lint import Surroundings, errors, lint_text
from loket.catalogue.reading_level import difficulty
from loket.catalogue.types import Finding, Level
from tests.catalogue.samples import PACK, place_of, spoiled


def _no_objection(argument: JsonValue, questions: Collection[str]) -> tuple[str, ...]:
    return ()


KNOWN = Surroundings(teams={"permits"}, effects={"tell": _no_objection})


def codes(findings: Iterable[Finding], level: Level) -> list[str]:
    return [found.code for found in findings if found.level is level]


def test_a_sound_pack_has_no_errors_and_hears_what_its_flags_cost() -> None:
    findings = lint_text(PACK, surroundings=KNOWN)
    assert errors(findings) == ()
    assert codes(findings, Level.WARNING) == ["personal-display"]
    assert codes(findings, Level.INFO) == ["flag-display", "flag-measure"]
    assert codes(findings, Level.NOT_SHOWN) == []


def test_what_lies_outside_is_not_shown_unless_known() -> None:
    assert codes(lint_text(PACK), Level.NOT_SHOWN) == ["team-unseen", "effect-unseen"]
    elsewhere = lint_text(PACK, surroundings=Surroundings(teams={"permit"}, effects={}))
    assert codes(elsewhere, Level.ERROR) == ["team-unknown", "effect-unknown"]
    assert "Did you mean “permit”?" in errors(elsewhere)[0].message


@pytest.mark.parametrize(
    ("old", "new", "at", "code"),
    [
        ("to: waiting,", "to: wating,", "wating", "stage-unknown"),
        (", sw: Limekubaliwa}", "}", "label: {en: Granted", "text-missing"),
        ("id: full_name", "id: boat_name", "boat_name\n          kind: text", "twice"),
        ("when: water ==", "when: wather ==", "wather", "unknown-name"),
        ("- {when: 'water ==", "- {when: 'wather ==", "wather", "unknown-name"),
        ("- {when: 'water ==", "- {when: 'water = ", '=  "sea', "syntax"),
        ("- {when: 'water == \"sea\"'", "- {when: 'water'", "'water'", "wrong-type"),
        ("life_events: [working]", "life_events: [woking]", "woking", "life-event-unknown"),
        ("asks: true", "reversible: false, asks: true", "", ""),
    ],
)
def test_an_error_is_found_at_its_place(old: str, new: str, at: str, code: str) -> None:
    text = spoiled(old, new)
    found = errors(lint_text(text, surroundings=KNOWN))
    if not code:
        assert found == ()
        return
    assert code in {error.code for error in found}
    line, column = place_of(text, at)
    place = next((error.line, error.column) for error in found if error.code == code)
    assert place[0] == line
    assert abs(place[1] - column) <= 8, (place, column)


def test_a_question_asked_later_can_not_be_used_earlier() -> None:
    text = spoiled("    - id: waters\n", "    - id: waters\n      when: boat_name != null\n")
    assert codes(errors(lint_text(text, surroundings=KNOWN)), Level.ERROR) == ["asked-later"]


def test_an_unknown_name_is_placed_inside_its_text() -> None:
    text = spoiled("- {when: 'water == \"sea\"'", "- {when: 'full_name != null && wather == 1'")
    found = errors(lint_text(text, surroundings=KNOWN))
    assert (found[0].line, found[0].column) == place_of(text, "wather")


def test_an_unknown_name_is_placed_inside_a_block() -> None:
    text = spoiled(
        '      when: water == "sea"\n', '      when: |\n        has(water) &&\n        wather == "sea"\n'
    )
    found = errors(lint_text(text, surroundings=KNOWN))
    assert (found[0].line, found[0].column) == place_of(text, "wather")


def test_a_stage_whose_actions_all_have_conditions_is_not_shown_to_go_on() -> None:
    text = PACK
    for old in ("label: {en: Grant,", "label: {en: Refuse,", "label: {en: Ask,"):
        text = text.replace(old, f'when: water == "sea", {old}')
    assert codes(lint_text(text, surroundings=KNOWN), Level.NOT_SHOWN) == ["stage-may-be-stuck"]


def test_sensitive_answers_may_not_stand_in_lists() -> None:
    text = spoiled("display: true", "display: true\n          sensitive: true")
    assert codes(lint_text(text, surroundings=KNOWN), Level.ERROR) == ["sensitive-display"]


def test_a_title_that_is_no_question_is_noted() -> None:
    found = lint_text(spoiled("en: Where will you fish?", "en: Water"), surroundings=KNOWN)
    assert "not-a-question" in codes(found, Level.WARNING)


def test_a_text_in_an_unlisted_language_is_noted() -> None:
    found = lint_text(spoiled("{en: Received,", "{fr: Reçue, en: Received,"), surroundings=KNOWN)
    assert "language-unlisted" in codes(found, Level.WARNING)


def test_the_argument_of_an_effect_is_no_text() -> None:
    text = spoiled("{tell: [coast-guard]}", "{tell: coast-guard}")
    assert errors(lint_text(text, surroundings=KNOWN)) == ()


def test_heavy_going_is_noted() -> None:
    hard = "Notwithstanding " + "the said and aforementioned considerations " * 6
    assert difficulty(hard, "en") is not None
    found = lint_text(spoiled("en: Fish with a rod in public waters for one year.", f"en: {hard}"))
    assert "long-sentence" in codes(found, Level.WARNING)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Tell us about your new home. It takes four minutes.", "en"),
        ("Beri tahu kami alamat baru Anda. Perlu empat menit.", "id"),
        ("Tuambie anwani yako mpya. Inachukua dakika nne.", "sw"),
        ("", "en"),
        ("Internationalisation", "en"),
    ],
)
def test_plain_words_pass(text: str, language: str) -> None:
    assert difficulty(text, language) is None


def test_an_effect_with_a_wrong_argument_is_found_where_it_stands() -> None:
    picky = Surroundings(teams={"permits"}, effects={"tell": lambda argument, questions: ("It is wrong.",)})
    found = [finding for finding in lint_text(PACK, surroundings=picky) if finding.code == "effect-argument"]
    assert [finding.message for finding in found] == ["It is wrong."]
