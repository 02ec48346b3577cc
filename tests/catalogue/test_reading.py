import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.catalogue.reading import MOST_BYTES, Place, Unreadable, read


def refused(text: str) -> Unreadable:
    with pytest.raises(Unreadable) as problem:
        read(text)
    return problem.value


def test_values_follow_yaml_1_2() -> None:
    data = read("a: No\nb: 'x'\nc: 2026-01-31\nd: 012\ne: 1.5\nf: ~\ng: true\nh: '7'\ni: |\n  one\n").data
    assert data == {
        "a": "No",
        "b": "x",
        "c": "2026-01-31",
        "d": 12,
        "e": 1.5,
        "f": None,
        "g": True,
        "h": "7",
        "i": "one\n",
    }


def test_a_long_number_loses_no_digit() -> None:
    assert read("a: 12345678901234567890").data == {"a": "12345678901234567890"}
    assert read("a: 1e999\nb: .nan\nc: .inf").data == {"a": "1e999", "b": ".nan", "c": ".inf"}


def test_places_count_from_one() -> None:
    entries = read("a:\n  - b: 1\n    c: 2\n").entries
    assert entries["a", 0, "c"].key == Place(3, 5)
    assert entries["a", 0, "c"].value == Place(3, 8)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "empty", (1, 1)),
        ("# only a remark\n", "empty", (1, 1)),
        ("- a\n", "not-a-service", (1, 1)),
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", (3, 1)),
        ("a: {b: 1, b: 2}\n", "duplicate-key", (1, 11)),
        ("a: !!python/object:os.system x\n", "tag", (1, 4)),
        ("a: !!str 1\n", "tag", (1, 4)),
        ("a: !x [1]\n", "tag", (1, 4)),
        ("a: {<<: {b: 1}}\n", "merge", (1, 5)),
        ("? [a]\n: 1\n", "key", (1, 3)),
        ("a: 1\n---\nb: 2\n", "second-document", (2, 1)),
        ("a: [1\n", "yaml", (2, 1)),
        ("a: b: c\n", "yaml", (1, 5)),
        ("\ta: 1\n", "yaml", (1, 1)),
        ("a: 1\nb: \x07\n", "yaml", (2, 4)),
        ("a: &x {b: *x}\n", "alias", (1, 11)),
        ("a: *x\n", "alias", (1, 4)),
        ("a: &x b\n*x : 1\n", "alias", (2, 1)),
        ("a: " + "[" * 5000, "too-deep", (1, 44)),
    ],
)
def test_what_is_no_pack_is_refused_at_its_place(text: str, code: str, place: tuple[int, int]) -> None:
    problem = refused(text)
    assert (problem.code, problem.place) == (code, Place(*place))


def test_an_alias_repeats_a_value_with_its_own_places() -> None:
    located = read("a: &x {en: [yes, no]}\nb: *x\n")
    assert located.data["b"] == {"en": ["yes", "no"]}
    assert located.entries["b", "en", 1].value == Place(1, 18)


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for number in range(1, 12):
        repeated = ", ".join([f"*a{number - 1}"] * 10)
        layers.append(f"a{number}: &a{number} [{repeated}]")
    begun = time.monotonic()
    problem = refused("\n".join(layers))
    assert time.monotonic() - begun < 2
    assert problem.code == "too-large"
    assert "more than 50000 values" in str(problem)


def test_aliases_can_not_dig_deeper_than_written_text() -> None:
    deep = "[" * 20 + "]" * 20
    text = f"a: &a {deep}\nb: &b {deep.replace('[]', '[*a]')}\nc: {deep.replace('[]', '[*b]')}\n"
    assert refused(text).code == "too-deep"


def test_too_many_aliases_are_refused() -> None:
    assert "aliases" in str(refused("a: &x 1\nb: [" + "*x, " * 201 + "]\n"))


def test_a_large_file_is_refused_unread() -> None:
    assert refused("a: " + "x" * MOST_BYTES).code == "too-large"


@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"#%@,? \n\t0.~<"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    problem: Unreadable | None = None
    try:
        located = read(text)
    except Unreadable as found:
        problem = found
    else:
        assert isinstance(located.data, dict)
    if problem is not None:
        assert str(problem)
        assert min(problem.place.line, problem.place.column) >= 1
