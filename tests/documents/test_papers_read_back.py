"""What is made is read back: tags, language, title and alternative texts; text; and by eye's stand-in."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loket.documents import certifying, typesetting
from loket.documents import payload as codes
from loket.documents.types import Statement
from tests.documents.reading import alternative_texts, picture, tags, text_of
from tests.documents.samples import NAME, NOW, a_letter, an_order

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
NUMBER = "7K3P-2M9X-QR5T"


def a_certificate(language: str = "en", holder: str = NAME) -> bytes:
    statement = Statement(
        NUMBER, "good_conduct", "police", holder, {"born": "1990-01-01"}, date(2026, 11, 22), None
    )
    return certifying.pdf(an_order(language), NUMBER, codes.sign(statement, b"abcd", KEY), NOW)


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_a_letter_is_tagged_and_says_its_language(language: str) -> None:
    pdf = typesetting.letter(a_letter(language))
    found = tags(pdf)
    assert found["/Document"] == 1
    assert found["/H1"] == 1
    assert found["/H2"] == 1
    assert found["/Table"] == 2
    assert found["/TH"] == 4
    assert found["/TD"] == 6
    assert found["/P"] >= 6
    assert found["/L"] == 2
    assert found["/LI"] == 4
    # Each question is the label of its answer.
    assert found["/LBody"] == 4
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == language
        assert opened.Root.MarkInfo.Marked
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        with opened.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert about["dc:title"] == "Your application – Certificate of good conduct"


def test_questions_and_answers_are_written_as_they_are() -> None:
    shown = text_of(typesetting.letter(a_letter()))
    assert "What is your full name?" in shown
    assert 'Why? a "b" \\ c' in shown


def test_pictures_have_words() -> None:
    assert alternative_texts(typesetting.letter(a_letter())) == ["Mark of the agency"]
    assert alternative_texts(a_certificate("sw")) == [
        "Nembo ya taasisi",
        "Msimbo unaoelekeza kwenye ukurasa wa kukagua hati hii",
    ]


def test_a_certificate_is_tagged() -> None:
    found = tags(a_certificate())
    assert (found["/Document"], found["/H1"], found["/H2"], found["/Figure"]) == (1, 1, 1, 2)


def test_every_font_is_embedded() -> None:
    with pikepdf.open(BytesIO(typesetting.letter(a_letter()))) as opened:
        fonts = [
            item for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/FontName" in item
        ]
        assert {str(font.FontName).partition("+")[2].partition("-")[0] for font in fonts} == {
            "NotoSans",
            "NotoNaskhArabic",
        }
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_words_are_found_in_each_language() -> None:
    for language, words in (
        ("en", "Is this genuine?"),
        ("id", "Apakah dokumen ini asli?"),
        ("sw", "halisi?"),
    ):
        shown = text_of(a_certificate(language))
        assert words in shown
        assert NUMBER in shown
        assert "Otieno" in shown


def test_a_lost_letter_is_said() -> None:
    shown = text_of(typesetting.letter(a_letter(answer="王 Wang")))
    assert "� Wang" in shown
    assert "stands for a letter" in shown
    assert "stands for a letter" not in text_of(typesetting.letter(a_letter()))


def test_a_mark_that_sits_on_a_foreign_letter_does_not_stop_a_letter() -> None:
    assert "Wang" in text_of(typesetting.letter(a_letter(answer="ا\u0f71 Wang")))


def test_a_logo_that_cannot_be_drawn_does_not_stop_a_letter() -> None:
    given = a_letter()
    broken = replace(given.agency, theme=replace(given.agency.theme, logo_svg="<svg"))
    assert "Otieno" in text_of(typesetting.letter(replace(given, agency=broken)))


def test_ink_is_where_it_should_be() -> None:
    """A page of nothing, or of black, would pass every test above."""
    seen = picture(a_certificate(), dots=50).convert("L")
    dark = sum(seen.histogram()[:128]) / (seen.width * seen.height)
    assert 0.01 < dark < 0.25
