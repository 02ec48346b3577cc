from pathlib import Path

import pytest

from loket.catalogue.loader import load, load_text
from loket.catalogue.types import Level
from tests.catalogue.samples import PACK, place_of, spoiled


def only_finding(text: str) -> tuple[tuple[int, int], str, str]:
    loaded = load_text(text, "pack.yaml")
    assert loaded.service is None
    assert len(loaded.findings) == 1, loaded.findings
    found = loaded.findings[0]
    assert found.level is Level.ERROR
    return (found.line, found.column), found.code, found.message


def test_a_sound_pack_loads() -> None:
    loaded = load_text(PACK)
    assert loaded.findings == ()
    assert loaded.service is not None
    assert loaded.service.title["sw"] == "Pata kibali cha uvuvi"
    assert loaded.service.promise.working_days == 3


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ("takes_minutes: 4\n", "takes_minuts: 4\n", "takes_minuts", "Did you mean “takes_minutes”?"),
        ("takes_minutes: 4\n", "takes_minutes: four\n", "four", "This must be a whole number."),
        ("sign_in: none", "sign_in: verified", "verified", "This must be 'none'."),
        ("kind: name", "kind: nane", "id: full_name", "There is no kind “nane”. Did you mean “name”?"),
        ("kind: review", "kind: reviw", "kind: reviw", "Did you mean “review”?"),
        ("display: true", "dispaly: true", "dispaly", "Did you mean “display”?"),
        ("grant: {to: granted,", "grant: {too: granted,", "grant:", "“to” is missing here."),
        ("promise: {working_days: 3}", "promise: {}", "{}", "Write exactly one of working_days"),
        ("key: fishing-permit", "key: Fishing Permit", "Fishing Permit", "doesn't have the form"),
        ("retention: {years: 2, after: closed}\n", "", "schema", "“retention” is missing here."),
        ("pattern: '[A-Z].*'", "pattern: '(a'", "'(a'", "The pattern can't be read"),
        ("needs:\n", "prices: []\nneeds:\n", "prices", "There is no key “prices” here."),
        ("schema: 1", "schema: 2", "2\nkey", "This must be 1."),
        ("to: granted,", "to: 7,", "7,", "This must be text; put it in quotes."),
    ],
)
def test_a_mistake_is_told_where_it_is(old: str, new: str, at: str, sentence: str) -> None:
    text = spoiled(old, new)
    loaded = load_text(text, "pack.yaml")
    assert loaded.service is None
    line, column = place_of(text, at)
    places = [(found.line, found.column) for found in loaded.findings if sentence in found.message]
    assert [place[0] for place in places] == [line], loaded.findings
    assert places[0][1] == column or "kind" in at or "id:" in at


def test_several_mistakes_are_told_at_once_in_order() -> None:
    text = spoiled("takes_minutes: 4", "takes_minutes: 0").replace("returns_to: check", "returns: check")
    loaded = load_text(text)
    assert [found.code for found in loaded.findings] == ["greater-than-equal", "missing", "extra-forbidden"]
    assert list(loaded.findings) == sorted(loaded.findings)


def test_a_finding_prints_as_editors_read_it() -> None:
    assert str(load_text("a: [", "pack.yaml").findings[0]).startswith("pack.yaml:1:5: error yaml This is not")


def test_a_wrong_item_is_not_also_told_as_an_empty_list() -> None:
    place, code, _ = only_finding(spoiled("  start: sort\n", "  start: 1\n"))
    assert (place[1], code) == (10, "string-type")
    loaded = load_text(spoiled("kind: text", "kind: txt"))
    assert [found.code for found in loaded.findings] == ["union-tag-invalid"]


def test_line_ends_and_marks_do_not_change_the_source() -> None:
    assert load_text("\ufeff" + PACK.replace("\n", "\r\n")).source == PACK


def test_a_folder_is_read_by_its_service_file(tmp_path: Path) -> None:
    (tmp_path / "service.yaml").write_text(PACK, encoding="utf-8")
    assert load(tmp_path).service == load_text(PACK).service


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "service.yaml"
    file.write_bytes(b"schema: 1\ntitle: \xff\n")
    found = load(file).findings[0]
    assert (found.code, found.line, found.column) == ("encoding", 2, 8)
