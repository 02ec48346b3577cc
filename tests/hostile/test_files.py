"""Files that are not what they say: refused in a sentence at their question, and nothing is kept."""

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from loket.files.models import StoredFile
from tests import county
from tests.files.samples import EXE, PDF, image
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
FOI = "apply/information-commission/freedom-of-information-request/"


def to_the_proof(visitor: Visitor) -> str:
    """To where the information service asks for a file; the address."""
    service = county.service(county.INFORMATION)
    visitor.open(FOI)
    answers = {**county.INFORMATION_ANSWERS, "about_me": True}
    while visitor.page_id != "proof":
        visitor.post(visitor.path, visitor.fields(service, answers, visitor.page_id))
    return visitor.path


def bomb() -> bytes:
    """A picture of 60,000 by 60,000 points in a few hundred bytes: 14 GB once opened."""
    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def test_a_file_that_is_not_what_it_says_is_refused_at_its_question(visitor: Visitor) -> None:
    path = to_the_proof(visitor)
    for name, content, says in (
        ("letter.pdf", EXE, "this kind of file"),
        ("photo.jpg", EXE, "this kind of file"),
        ("page.pdf", b"<html><script>alert(1)</script>", "this kind of file"),
        ("photo.png", bomb(), "too many pixels"),
        ("photo.png", image("PNG")[:60], "open this picture"),
        ("empty.pdf", b"", "empty"),
    ):
        page = visitor.post(path, {"q-identity_proof": SimpleUploadedFile(name, content)})
        assert visitor.page_id == "proof"
        assert says in page, (name, says)
        assert "govuk-error-summary" in page
        assert 'href="#q-identity_proof' in page
    assert not StoredFile.objects.exists()


def test_a_strange_file_name_harms_nothing(visitor: Visitor) -> None:
    path, names = to_the_proof(visitor), (
        "../../etc/passwd.pdf", "a\x00b.pdf", "a\r\nSet-Cookie: x=1.pdf", '"><script>.pdf', "n" * 3000,
        ".pdf", "\u202efdp.exe.pdf", "",
    )  # fmt: skip
    for name in names:
        body = io.BytesIO()
        said = f'Content-Disposition: form-data; name="q-identity_proof"; filename="{name}"'
        body.write(
            f"--b\r\n{said}\r\nContent-Type: application/pdf\r\n\r\n".encode() + PDF + b"\r\n--b--\r\n"
        )
        response = visitor.client.post(
            path, data=body.getvalue(), content_type="multipart/form-data; boundary=b"
        )
        assert response.status_code in {200, 302, 400}, name
        page = visitor.open(path)
        assert not any(sign in page for sign in ("<script>.pdf", "../", "\u202e", "\x00", "n" * 400))
        for stored in StoredFile.objects.values_list("id", flat=True):
            visitor.post(path, {"q-identity_proof-remove": str(stored)})
