"""Letters: what fonts lack is shown as lost, what misleads is taken out, everything else stays."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from loket.documents import typesetting
from loket.documents.coverage import BOX, fitted, letters_in
from loket.documents.press.client import FONTS
from tests.documents.samples import a_letter

LETTERS = letters_in(FONTS)


def test_scripts_that_the_fonts_have() -> None:
    for text in (
        "Amina Otieno",
        "Ñandú Łódź Ĩ",
        "فاطمة الزهراء",
        "प्रिया",
        "አማኑኤል",
        "สมชาย",
        "Ελένη",
        "Юлия",
        "5 € − 3 £",
    ):
        assert fitted(text, LETTERS).text == unicodedata.normalize("NFC", text)
        assert not fitted(text, LETTERS).lost


def test_a_letter_that_no_font_has_is_shown_as_lost() -> None:
    found = fitted("王 Wang", LETTERS)
    assert found.text == f"{BOX} Wang"
    assert found.lost


def test_what_would_mislead_goes_and_is_no_loss() -> None:
    found = fitted("a\u202eb\u2066c\x00d\ufeffe\x07", LETTERS)
    assert found.text == "abcde"
    assert not found.lost


def test_spaces_and_line_ends_stay() -> None:
    assert fitted("a\tb\nc\N{NO-BREAK SPACE}d", LETTERS).text == "a b\nc\N{NO-BREAK SPACE}d"


@settings(max_examples=300)
@given(st.text() | st.text(st.sampled_from("aé\t\n\u200d\u200e\u202e\ufeff\u2028\xa0王ا�")))
def test_a_text_is_fitted_the_same_by_either_way(text: str) -> None:
    """A bell, which is left out, has it looked at letter by letter."""
    assert fitted(text, LETTERS) == fitted(text + "\x07", LETTERS)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_name_can_be_set(name: str) -> None:
    assert typesetting.letter(a_letter(answer=name)).startswith(b"%PDF")
