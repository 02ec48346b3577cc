"""Is it genuine? The page that a code leads to, as everybody sees it; and what it must not leave behind."""

import json
import logging
from datetime import timedelta

import pytest
from django.test import Client

from loket.config.logs import OneLine
from loket.documents import actions as documents
from loket.documents.types import Issued, WithdrawalReason
from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.limits import actions as limits
from loket.portal import pace
from tests import county
from tests.documents.samples import NAME, an_order, at_home

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def issued() -> Issued:
    now = clock.now()
    county.county(now)
    agency = identity.agency("civil-registry")
    assert agency is not None
    order = at_home(agency)
    return documents.issue(order=order, by=SYSTEM, now=now)


def page(path: str, status: int = 200) -> str:
    response = Client().get(path, follow=True)
    assert response.status_code == status
    return response.content.decode()


def test_the_link_of_a_code_leads_to_what_was_certified(issued: Issued) -> None:
    shown = page(f"/verify/{issued.payload}")
    for words in ("Genuine and valid", NAME, "1990-01-01", "Date of birth", issued.number):
        assert words in shown
    assert "Employment" not in shown
    assert "Tarehe ya kuzaliwa" in page(f"/sw/verify/{issued.payload}/")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Withdrawn"), ("id", "Dicabut"), ("sw", "Imeondolewa, si halali tena")]
)
def test_withdrawn_says_why(issued: Issued, language: str, words: str) -> None:
    documents.revoke(number=issued.number, reason=WithdrawalReason.LOST, by=SYSTEM, now=clock.now())
    shown = page(f"/{language}/verify/{issued.payload}")
    assert words in shown
    assert "Genuine and valid" not in shown
    if language == "en":
        assert "It was reported lost or stolen." in shown


def test_altered_says_so_and_shows_nothing(issued: Issued) -> None:
    altered = issued.payload[:-4] + ("A" if issued.payload[-4] != "A" else "B") + issued.payload[-3:]
    shown = page(f"/en/verify/{altered}")
    assert "Not genuine" in shown
    assert NAME not in shown


def test_a_number_tells_the_standing_and_no_name(issued: Issued) -> None:
    response = Client().post("/en/verify/", {"number": issued.number.lower()}, follow=True)
    shown = response.content.decode()
    assert "Genuine and valid" in shown
    assert NAME not in shown
    assert "Not in our register" in page("/en/verify/2222-2222-2222")


def test_a_pasted_link_is_understood(issued: Issued) -> None:
    link = f" https://example.org/verify/{issued.payload}/ "
    assert NAME in Client().post("/en/verify/", {"number": link}, follow=True).content.decode()


@pytest.mark.parametrize("typed", ["", "?!", "\x00", "نص"])
def test_nonsense_is_asked_again(typed: str) -> None:
    response = Client().post("/en/verify/", {"number": typed})
    assert "Enter the number of the document" in response.content.decode()


def test_the_page_is_kept_nowhere_and_leads_nowhere(issued: Issued) -> None:
    response = Client().get(f"/en/verify/{issued.payload}")
    assert response["Cache-Control"] == "no-store, private"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_our_logs_have_the_pattern_of_the_address_and_not_the_address(issued: Issued) -> None:
    response = Client().get(f"/en/verify/{issued.payload}")
    record = logging.makeLogRecord(
        {"msg": "Internal Server Error: %s", "args": (response.wsgi_request.path,), "name": "django.request"}
    )
    record.request = response.wsgi_request
    line = OneLine().format(record)
    assert issued.payload not in line
    assert "verify" in json.loads(line)["route"]


def test_it_is_checked_only_so_often(issued: Issued) -> None:
    address = "203.0.113.9"
    for _ in range(pace.CHECKS.limit):
        limits.take(
            pace.CHECKS.bucket, address, limit=pace.CHECKS.limit, per=timedelta(hours=1), now=clock.now()
        )
    assert Client(REMOTE_ADDR=address).get("/en/verify/2222-2222-2222").status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.10").get("/en/verify/2222-2222-2222").status_code == 200


def test_keys_are_public_and_the_latest_is_first(issued: Issued) -> None:
    documents.rotate_keys(by=SYSTEM, now=clock.now() + timedelta(seconds=1))
    response = Client().get("/verify/keys.json")
    assert response["Content-Type"] == "application/json"
    latest, first = json.loads(response.content)["keys"]
    assert (latest["retired_at"], len(bytes.fromhex(latest["public"]))) == (None, 32)
    assert first["retired_at"] is not None
    assert an_order().key not in response.content.decode()
