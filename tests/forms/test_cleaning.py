import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.forms.cleaning import TOO_LONG, UNREADABLE, ascii_digits, clean, is_clean
from loket.forms.types import Problem

ANYTHING = st.text(st.characters(codec=None), max_size=300)


def check_kept(text: str | Problem, *, limit: int, lines: bool) -> None:
    """What is kept can be stored, shown and compared, and would be kept as it is."""
    if isinstance(text, Problem):
        return
    text.encode("utf-8")
    assert len(text) <= limit
    assert text == unicodedata.normalize("NFC", text)
    assert text == text.strip()
    allowed = {"\n"} if lines else set()
    assert not [
        letter for letter in text if unicodedata.category(letter) == "Cc" and letter not in allowed | {"\t"}
    ]
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    assert clean(text, limit=limit, lines=lines) == text
    assert is_clean(text, limit=limit, lines=lines) or text == ""


@given(ANYTHING, st.booleans())
def test_what_is_kept_is_safe_and_stable(typed: str, lines: bool) -> None:
    check_kept(clean(typed, limit=200, lines=lines), limit=200, lines=lines)


@pytest.mark.parametrize("careless", ["e\u0301", "a\x00b", "\u202egnp.exe", " padded ", "a\rb", "x" * 201])
def test_the_check_notices_text_kept_as_it_came(careless: str) -> None:
    with pytest.raises(AssertionError):
        check_kept(careless, limit=200, lines=True)


@pytest.mark.parametrize(
    "typed",
    [
        "👩🏽‍⚕️👨‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "नमस्ते क्‍ष",
        "می‌خواهم",
        "ผู้หญิง",
        "Nguyễn Thị Ánh",
        "‏שלום‎ (abc)",
        "𠮷野家",
        "<b>bold</b> & 100 % {{ 7*7 }}",
    ],
)
def test_scripts_emoji_and_joiners_stay(typed: str) -> None:
    assert clean(typed, limit=100) == unicodedata.normalize("NFC", typed).strip()


def test_lines_stay_only_where_they_are_asked_for() -> None:
    assert clean("one\r\ntwo\u2028three\x0bfour", limit=50, lines=True) == "one\ntwo\nthree\nfour"
    assert clean("one\r\n two", limit=50) == "one two"


def test_control_characters_go_and_the_words_stay() -> None:
    assert clean("Moi\x00 Ave\x07nue\x7f", limit=50) == "Moi Avenue"


def test_half_a_surrogate_pair_is_refused() -> None:
    assert clean("Ana\ud83d", limit=50) == Problem(UNREADABLE)


def test_marks_piled_on_one_letter_are_refused() -> None:
    assert clean("a" + "\u0315\u0316" * 40, limit=500) == Problem(UNREADABLE)


def test_marks_that_come_apart_are_counted_apart() -> None:
    assert clean("a" + "\u0344" * 30, limit=500) == Problem(UNREADABLE)


def test_length_counts_characters_after_composing() -> None:
    assert clean("e\u0301" * 10, limit=10) == "é" * 10
    assert clean("a" * 11, limit=10) == Problem(TOO_LONG.with_params(limit=10, count=11))


def test_an_enormous_answer_is_refused_before_any_costly_work() -> None:
    refused = clean("a" + "\u0315" * 2_000_000, limit=200)
    assert refused == Problem(TOO_LONG.with_params(limit=200, count=2_000_001))


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u200d", "\ufeff", "\u3164", "\u2800", "\t\r\n"])
def test_nothing_visible_is_nothing(typed: str) -> None:
    assert clean(typed, limit=10) == ""


def test_digits_of_every_script_count() -> None:
    assert ascii_digits("٢٠٢٦ 27 ४२ ²") == "2026 27 42 ²"
