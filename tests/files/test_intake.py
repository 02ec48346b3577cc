import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from loket.files.intake import CappedUpload


@pytest.fixture(autouse=True)
def capped(settings: Settings) -> None:
    settings.FILE_UPLOAD_HANDLERS = ["loket.files.intake.CappedUploadHandler"]
    settings.UPLOAD_MAX_BYTES = 1_000_000


def posted(*files: tuple[str, bytes]) -> HttpRequest:
    """A form with a field before and after the files."""
    line = b"--frontier\r\n"
    body = line + b'Content-Disposition: form-data; name="before"\r\n\r\nkept\r\n'
    for name, content in files:
        body += line + f'Content-Disposition: form-data; name="q-scan"; filename="{name}"\r\n'.encode()
        body += b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n"
    body += line + b'Content-Disposition: form-data; name="after"\r\n\r\nkept too\r\n--frontier--\r\n'
    return RequestFactory().post("/", body, content_type="multipart/form-data; boundary=frontier")


def test_a_small_file_arrives_whole() -> None:
    upload = posted(("a.pdf", b"%PDF-" + b"x" * 900_000)).FILES["q-scan"]
    assert isinstance(upload, CappedUpload)
    assert (upload.name, upload.size, upload.too_large) == ("a.pdf", 900_005, False)
    assert upload.read()[:5] == b"%PDF-"


def test_a_file_too_large_is_marked_and_the_rest_of_the_form_arrives() -> None:
    request = posted(("big.pdf", b"x" * 3_000_000))
    upload = request.FILES["q-scan"]
    assert isinstance(upload, CappedUpload)
    assert upload.too_large
    assert upload.size == 3_000_000
    assert upload.read() == b""
    assert (request.POST["before"], request.POST["after"]) == ("kept", "kept too")


def test_a_small_file_after_a_large_one_arrives() -> None:
    large, small = posted(("big.pdf", b"x" * 2_000_000), ("small.pdf", b"%PDF-")).FILES.getlist("q-scan")
    assert isinstance(large, CappedUpload)
    assert isinstance(small, CappedUpload)
    assert (large.too_large, small.too_large, small.read()) == (True, False, b"%PDF-")


def test_many_files_together_are_capped(settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 20 * 2**20
    uploads = posted(*((f"{n}.pdf", b"x" * 12 * 2**20) for n in range(3))).FILES.getlist("q-scan")
    assert [upload.too_large for upload in uploads if isinstance(upload, CappedUpload)] == [
        False,
        False,
        True,
    ]


def test_an_endless_upload_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loket.files.intake._PATIENCE", 500_000)
    request = posted(("endless.pdf", b"x" * 5_000_000))
    assert not request.FILES
    assert request.POST["before"] == "kept"
