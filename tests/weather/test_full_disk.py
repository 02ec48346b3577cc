"""The disk for uploads is full: a sentence at the question, the other answers kept, well again by itself."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from loket.casework.models import Case
from loket.files.models import StoredFile
from loket.kernel import clock
from tests import county
from tests.files.samples import PDF
from tests.hostile.test_files import to_the_proof
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
_MEGABYTE = 2**20


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """This process may write no longer files: what a full disk does, wherever the tests run."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "We could not store the file. Your other answers are kept."),
        ("id", "Berkas belum dapat kami simpan."),
        ("sw", "Hatukuweza kuhifadhi faili"),
    ],
)
def test_a_full_disk_is_said_at_the_question(db: None, tmp_path: Path, language: str, says: str) -> None:
    county.county(clock.now())
    visitor = Visitor(Client(), language)
    with override_settings(FILES=tmp_path):
        path = to_the_proof(visitor)
        with files_of_at_most(_MEGABYTE):
            page = visitor.post(path, {"q-identity_proof": large()})
        assert says in page
        assert "govuk-error-summary" in page
        assert not StoredFile.objects.exists()
        assert not [left for left in tmp_path.rglob("*") if left.is_file()]
        visitor.post(path, {"q-identity_proof": large()})
        assert visitor.page_id == "urgency"
        assert StoredFile.objects.count() == 1


def test_sending_waits_for_room_and_loses_nothing(db: None, tmp_path: Path) -> None:
    """What was uploaded is written anew, under the case's key, when it is sent."""
    county.county(clock.now())
    visitor = Visitor(Client())
    with override_settings(FILES=tmp_path):
        visitor.post(to_the_proof(visitor), {"q-identity_proof": large()})
        service = county.service(county.INFORMATION)
        while visitor.page_id != "check":
            answers = {**county.INFORMATION_ANSWERS, "about_me": True}
            visitor.post(visitor.path, visitor.fields(service, answers, visitor.page_id))
        check = visitor.path
        with files_of_at_most(_MEGABYTE):
            page = visitor.post(check, status=503)
        assert "Nothing you saved or sent is lost" in page
        assert not Case.objects.exists()
        visitor.post(check)
        assert visitor.reference
        assert Case.objects.count() == 1


def large() -> SimpleUploadedFile:
    return SimpleUploadedFile("passport.pdf", PDF + bytes(2 * _MEGABYTE) + b"\n%%EOF\n")
