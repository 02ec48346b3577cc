"""What browsers should not send, and pages that are not this person's."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from loket.applications.models import Draft
from loket.casework.models import Case
from loket.files.models import StoredFile
from tests import county
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
BASE = "apply/civil-registry/change-of-address/"
FOI = "apply/information-commission/freedom-of-information-request/"
COOKIE = "loket-d-civil-registry-change-of-address"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.mark.parametrize("cookie", ["x", "1:token", "1:token:signature"])
def test_a_tampered_cookie_gets_a_kind_page(visitor: Visitor, cookie: str) -> None:
    visitor.client.cookies[COOKIE] = cookie
    for path in (BASE, f"{BASE}name/", f"{BASE}check/", f"{BASE}done/", f"{BASE}save/"):
        assert "We can’t find your answers" in visitor.open(path, 404)
    assert "We can’t find your answers" in visitor.post(f"{BASE}name/", {"q-full_name": "A B"}, 404)
    visitor.post(f"{BASE}again/")
    assert visitor.page_id == "name"


def test_another_service_s_cookie_opens_nothing(visitor: Visitor) -> None:
    visitor.open(BASE)
    visitor.post(visitor.path, {"q-full_name": "Zuhura Mwinyi"})
    stolen = visitor.client.cookies[COOKIE].value
    visitor.client.cookies["loket-d-information-commission-freedom-of-information-request"] = stolen
    assert "We can’t find your answers" in visitor.open(FOI, 404)


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}no-such-page/",
        "apply/civil-registry/no-such-service/",
        "apply/no-such-office/change-of-address/",
        "services/civil-registry/no-such-service/",
        "agencies/no-such-office/",
        "life/no-such-moment/",
        "outbox/",
    ],
)
def test_what_is_not_there_is_not_found(visitor: Visitor, path: str) -> None:
    assert "Page not found" in visitor.open(path, 404)


def test_a_page_too_far_ahead_leads_back_to_the_first_gap(visitor: Visitor) -> None:
    visitor.open(f"{BASE}contact/")
    assert visitor.page_id == "name"
    visitor.open(f"{BASE}check/")
    assert visitor.page_id == "name"
    visitor.open(f"{BASE}done/")
    assert visitor.page_id == "name"
    visitor.post(f"{BASE}check/")
    assert visitor.page_id == "name"
    assert visitor.post(f"{BASE}family/", {"q-family_count": "3"}, 404)


def test_sending_twice_and_from_two_tabs_gives_one_application(visitor: Visitor) -> None:
    visitor.fill_in(county.ADDRESS, county.ADDRESS_ANSWERS)
    visitor.post(f"{BASE}check/")
    reference = visitor.reference
    visitor.post(f"{BASE}check/")
    assert visitor.reference == reference
    visitor.post(f"{BASE}name/", {"q-full_name": "Somebody Else"})
    assert visitor.reference == reference
    visitor.open(f"{BASE}name/")
    assert visitor.page_id == "done"
    assert Case.objects.count() == 1


def test_changing_an_answer_asks_what_it_brings_up(visitor: Visitor) -> None:
    visitor.fill_in(county.ADDRESS, county.ADDRESS_ANSWERS)
    assert f"/en/{BASE}who/?from=check" in visitor.html
    visitor.post(f"{BASE}who/?from=check", {"q-who_is_moving": "family"})
    assert visitor.url == f"/en/{BASE}family/?from=check"
    assert f'href="/en/{BASE}check/"' in visitor.html
    visitor.post(visitor.url, {"q-family_count": "2", "q-family_names": "Juma Mwinyi"})
    assert visitor.page_id == "check"


def test_switching_the_language_keeps_the_page_and_the_answers(visitor: Visitor) -> None:
    visitor.open(BASE)
    visitor.post(visitor.path, {"q-full_name": "Zuhura Mwinyi"})
    assert f'href="/sw/{BASE}birth/"' in visitor.html
    assert "Ulizaliwa tarehe gani?" in visitor.open(f"/sw/{BASE}birth/")
    assert "Zuhura Mwinyi" in visitor.open(f"/sw/{BASE}name/")


def test_markup_in_answers_and_searches_stays_text(visitor: Visitor) -> None:
    visitor.open(BASE)
    visitor.post(visitor.path, {"q-full_name": "<script>alert(1)</script>"})
    assert "<script>alert" not in visitor.open(f"{BASE}name/")
    page = visitor.open("search/?q=%3Cb%3Exyzzy%00")
    assert "<b>xyzzy" not in page
    assert "We found no service" in page


def _to_the_proof(visitor: Visitor) -> str:
    service = county.service(county.INFORMATION)
    visitor.open(FOI)
    answers = {**county.INFORMATION_ANSWERS, "about_me": True}
    while visitor.page_id != "proof":
        visitor.post(visitor.path, visitor.fields(service, answers, visitor.page_id))
    return visitor.path


def test_a_file_is_kept_removed_and_carried_into_the_case(visitor: Visitor) -> None:
    path = _to_the_proof(visitor)
    visitor.post(path, {"q-identity_proof": SimpleUploadedFile("my id.pdf", PDF)})
    assert visitor.page_id == "urgency"
    assert "my id.pdf" in visitor.open(path)
    stored = StoredFile.objects.get()
    page = visitor.post(path, {"q-identity_proof-remove": str(stored.id)})
    assert "There is a problem" not in page
    assert "my id.pdf" not in page
    assert not StoredFile.objects.exists()
    visitor.post(path, {"q-identity_proof": SimpleUploadedFile("again.pdf", PDF)})
    answers = {**county.INFORMATION_ANSWERS, "about_me": True, "contact": {"channel": "none", "address": ""}}
    service = county.service(county.INFORMATION)
    while visitor.page_id != "check":
        visitor.post(visitor.path, visitor.fields(service, answers, visitor.page_id))
    visitor.post(visitor.path)
    person = Visitor(Client())
    person.post("track/", {"reference": visitor.reference, "proof": visitor.pin})
    assert "again.pdf" in person.html
    file_id = StoredFile.objects.get().id
    response = person.client.get(f"/en/track/files/{file_id}/")
    assert response.content == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store, private"
    assert person.client.get(f"/en/track/files/{uuid4()}/").status_code == 404
    assert visitor.client.get(f"/en/track/files/{file_id}/").status_code == 302


def test_another_case_s_file_is_not_found(visitor: Visitor) -> None:
    path = _to_the_proof(visitor)
    visitor.post(path, {"q-identity_proof": SimpleUploadedFile("mine.pdf", PDF)})
    file_id = StoredFile.objects.get().id
    other = Visitor(Client())
    on_paper = {**county.INFORMATION_ANSWERS, "contact": {"channel": "none", "address": ""}}
    reference = other.send(county.INFORMATION, on_paper)
    other.post("track/", {"reference": reference, "proof": other.pin})
    assert other.client.get(f"/en/track/files/{file_id}/").status_code == 404


def test_a_file_that_is_too_large_is_said_at_its_question(visitor: Visitor) -> None:
    path = _to_the_proof(visitor)
    large = SimpleUploadedFile("huge.pdf", PDF + bytes(11 * 2**20))
    page = visitor.post(path, {"q-identity_proof": large})
    assert "The file is too large. It may have at most 10 MB." in page
    page = visitor.post(path, {"q-identity_proof": SimpleUploadedFile("page.html", b"<script>1</script>")})
    assert "this kind of file" in page
    assert not StoredFile.objects.exists()


def test_no_session_and_no_row_for_those_who_only_look(visitor: Visitor) -> None:
    for path in ("", "search/?q=move", "track/", "return/", "finish/", "privacy/", "accessibility/", BASE):
        visitor.open(path)
    assert "sessionid" not in visitor.client.cookies
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("path", ["privacy/", "accessibility/", "finished/", "life/moving-house/"])
@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_plain_pages_open_in_every_language(visitor: Visitor, language: str, path: str) -> None:
    assert f'<html lang="{language}"' in visitor.open(f"/{language}/{path}")
