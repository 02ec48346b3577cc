import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.files import sniffing
from tests.files import samples


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (samples.PDF, sniffing.PDF),
        (b"\xef\xbb\xbf \n" + samples.PDF, sniffing.PDF),
        (samples.image("JPEG"), sniffing.JPEG),
        (samples.image("PNG"), sniffing.PNG),
        (samples.image("GIF"), sniffing.GIF),
        (samples.image("WEBP"), sniffing.WEBP),
        (samples.docx(), sniffing.DOCX),
        (samples.odt(), sniffing.ODT),
        ("Jina: Wanjikũ, 12 mei\r\n".encode(), sniffing.TEXT),
        ("\ufeffname,born\n".encode(), sniffing.TEXT),
        (samples.EXE, None),
        (samples.EXE + samples.PDF, None),
        (b"\x7fELF\x02\x01\x01\0", None),
        (b"<!DOCTYPE html><script>alert(1)</script>", None),
        (b"  <svg onload=alert(1)>", None),
        (b"\xff\xfe<\0s\0c\0r\0i\0p\0t\0", None),
        (b"", sniffing.TEXT),
    ],
)
def test_the_bytes_say_what_a_file_is(content: bytes, expected: str | None) -> None:
    assert sniffing.media_type_of(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        samples.zipped({"setup.exe": samples.EXE}),
        samples.docx(**{"word/vbaProject.bin": b"macro"}),
        samples.zipped({"mimetype": b"application/epub+zip", "content.xml": b""}),
        samples.docx(**{"word/media/zeros.bin": bytes(50 * 2**20)}),
        samples.docx(**{f"word/{n}.xml": b"" for n in range(2_001)}),
        samples.docx()[:-30],
        b"PK\x03\x04",
    ],
    ids=["program", "macro", "other", "bomb", "many members", "cut short", "header only"],
)
def test_a_zip_that_is_no_harmless_document_is_nothing(content: bytes) -> None:
    assert sniffing.media_type_of(content) is None


@given(st.sampled_from([samples.docx(), samples.odt()]), st.integers(0, 400), st.binary(max_size=12))
def test_a_damaged_document_never_raises(content: bytes, at: int, damage: bytes) -> None:
    sniffing.media_type_of(content[:at] + damage + content[at + len(damage) :])
