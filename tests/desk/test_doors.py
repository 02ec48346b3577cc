"""Every address of the desk, knocked at by everybody who may not come in."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from loket.casework.models import Case, Notice
from loket.web.access import Staff, every_route
from tests import county
from tests.desk.conftest import AMINA, DANIEL, ESTHER, HALIMA, LEILA, MEI, TOMAS, SignIn

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
_ANY = {"start", "profile"}
_LOOKING = {"case", "file"}
_PRIVACY = {"accesses"}
# Publishers and administrators read the letters of services, the latter keep the books and say which
# systems are told; neither opens a case.
_HOOKS = ("webhooks", "webhook", "webhook_act", "webhook_again", "tokens", "revoke_token")
_OWN = {TOMAS: {"texts", "letters"}, DANIEL: {"books", "report", "refund_done", "texts", "letters", *_HOOKS}}


def addresses(reference: str) -> dict[str, str]:
    """Each route of the desk, filled in for one case."""
    filled = {
        "reference": reference, "action": "refuse", "day": "2026-11-16", "kind": "csv",
        "agency": "information-commission", "service": county.INFORMATION, "name": "arrived", "what": "test",
        **dict.fromkeys(
            ("file_id", "event_id", "notice_id", "paper_id", "payment_id", "money_id", "refund_id",
             "endpoint_id", "delivery_id", "token_id"),
            uuid4(),
        ),
    }  # fmt: skip
    return {
        name: reverse(
            f"desk:{name}",
            kwargs={key: value for key, value in filled.items() if f":{key}>" in route.pattern},
        )
        for route in every_route()
        if route.name.startswith("desk:")
        for name in [route.name.removeprefix("desk:")]
    }


def knock(client: Client, address: str, reference: str) -> int:
    case = Case.objects.get(reference=reference)
    form = {"case": str(case.id), "revision": "1", "reference": reference, "text": "x", "reason": "curious"}
    got = client.get(address).status_code
    return client.post(address, {**form, "typed": ""}).status_code if got == 405 else got


def test_each_address_has_a_staff_rule() -> None:
    routes = [route for route in every_route() if route.name.startswith("desk:")]
    assert len(routes) >= 14
    assert all(isinstance(route.rule, Staff) for route in routes)


def test_strangers_and_half_signed_in_people_stay_outside(reference: str) -> None:
    for name, address in addresses(reference).items():
        response = Client().get(address)
        assert response.status_code == 302, name
        assert "/account/sign-in/" in response.headers["Location"]


@pytest.mark.parametrize("email", [TOMAS, MEI, DANIEL])
def test_roles_without_cases_open_their_own_pages_only(as_staff: SignIn, reference: str, email: str) -> None:
    client = as_staff(email)
    for name, address in addresses(reference).items():
        status = knock(client, address, reference)
        if name in _OWN.get(email, set()):
            assert status in (200, 404), name
        else:
            assert status == (200 if name in _ANY else 403), name
    assert "This is what your posts let you do now." in client.get("/en/desk/").content.decode()


def test_a_privacy_officer_looks_but_does_not_work(as_staff: SignIn, reference: str) -> None:
    client = as_staff(LEILA)
    for name, address in addresses(reference).items():
        if name in _LOOKING | _ANY | _PRIVACY:
            assert knock(client, address, reference) == 200, name
        else:
            assert knock(client, address, reference) == 403, name


@pytest.mark.parametrize("email", [ESTHER, HALIMA])
def test_an_officer_of_another_agency_finds_nothing_there(
    as_staff: SignIn, reference: str, email: str
) -> None:
    client = as_staff(email)
    for name, address in addresses(reference).items():
        status = knock(client, address, reference)
        if "reference" in address or reference in address or name in {"undo", "notice", "receive"}:
            # 403: what only a supervisor may do anywhere.
            assert status in (403, 404), name
        elif name in _PRIVACY:
            assert status == 403, name
        else:
            # What an id leads to is not theirs; tests/access proves that no page shows it.
            assert status in (200, 302, 403, 404), name
    case = Case.objects.get(reference=reference)
    posted = client.post(
        f"/en/desk/cases/{reference}/act/refuse/",
        {"case": str(case.id), "revision": str(case.revision), "reasons": "privacy"},
    )
    assert posted.status_code == 404
    assert Case.objects.get(reference=reference).closed_at is None


def test_a_case_that_is_not_there_looks_like_one_that_is_not_yours(as_staff: SignIn, reference: str) -> None:
    client = as_staff(ESTHER)
    mine = client.get(f"/en/desk/cases/{reference}/").content
    missing = client.get("/en/desk/cases/2345-6789/").content
    nonsense = client.get("/en/desk/cases/nonsense/").content
    assert mine.replace(reference.encode(), b"") == missing.replace(b"2345-6789", b"")
    assert b"Page not found" in nonsense


def test_only_the_agency_that_was_told_reads_a_notice(as_staff: SignIn, place: None, now: datetime) -> None:
    county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=now)
    county.settle(now)
    notice = Notice.objects.get(agency__key="tax-authority")
    address = f"/en/desk/notices/{notice.id}/"
    for email, status in ((AMINA, 404), (ESTHER, 404), (LEILA, 403), (HALIMA, 200)):
        assert as_staff(email).get(address).status_code == status
    client = as_staff(HALIMA)
    page = client.get(address).content.decode()
    assert "3 Mtaa wa Mnazi" in page
    assert "14 Mtaa wa Pwani" not in page
    page = client.post(f"{address}received/", follow=True).content.decode()
    assert "Marked as taken over." in page
    assert notice.case.reference not in page
    assert notice.case.reference in client.get("/en/desk/notices/?received=1").content.decode()


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_pages_speak_the_language_of_their_address(as_staff: SignIn, reference: str, language: str) -> None:
    client = as_staff(AMINA)
    for address in ("cases/", f"cases/{reference}/", "notices/", "profile/", f"cases/{reference}/act/ask/"):
        page = client.get(f"/{language}/desk/{address}").content.decode()
        assert f'<html lang="{language}"' in page
        assert page.count("<h1") == 1
        assert page.count("<script>") == 1
        assert " style=" not in page
        assert "%(" not in page


def test_the_profile_changes_the_language_of_messages(as_staff: SignIn) -> None:
    client = as_staff(AMINA)
    assert client.post("/en/desk/profile/", {"language": "id"}).headers["Location"] == "/id/desk/profile/"
    assert 'value="id" lang="id" selected' in client.get("/en/desk/profile/").content.decode()
    assert client.post("/en/desk/profile/", {"language": "xx"}).status_code == 200
