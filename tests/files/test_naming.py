import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.files import sniffing
from loket.files.naming import safe_name


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("letter.pdf", sniffing.PDF, "letter.pdf"),
        ("letter.PDF", sniffing.PDF, "letter.pdf"),
        ("C:\\Users\\me\\scan.pdf", sniffing.PDF, "scan.pdf"),
        ("../../etc/passwd", sniffing.TEXT, "passwd.txt"),
        ("photo.jpeg", sniffing.JPEG, "photo.jpeg"),
        ("animated.gif", sniffing.PNG, "animated.gif.png"),
        ("run.bat", sniffing.TEXT, "run.bat.txt"),
        ("invoice\u202efdp.exe", sniffing.PDF, "invoicefdp.exe.pdf"),
        ("", sniffing.PNG, "file.png"),
        (".pdf", sniffing.PDF, "pdf.pdf"),
        ('a"b;c\r\nd.pdf', sniffing.PDF, "a_b_cd.pdf"),
        ("شهادة الميلاد.pdf", sniffing.PDF, "شهادة الميلاد.pdf"),
    ],
)
def test_a_name_is_made_safe(name: str, media_type: str, expected: str) -> None:
    assert safe_name(name, media_type) == expected


@given(st.text(max_size=400), st.sampled_from(sorted(sniffing.EXTENSIONS)))
def test_any_name_becomes_a_short_one_line_name_of_its_type(name: str, media_type: str) -> None:
    safe = safe_name(name, media_type)
    assert safe.endswith(sniffing.EXTENSIONS[media_type])
    assert len(safe) <= 130
    assert not set(safe) & set('/\\\r\n\0"')
    assert safe_name(safe, media_type) == safe
    safe.encode()
