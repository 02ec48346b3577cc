"""What holds for every response: headers, language, compression, words when something is wrong."""

import gzip
from collections.abc import Iterator

import brotli
import pytest
from django.test import Client, override_settings

from loket.web import theme
from loket.web.policy import CONTENT_SECURITY_POLICY
from tests.web import planted


@pytest.fixture(autouse=True)
def _planted() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.web.planted"):
        yield
    planted.database["away"] = False


@pytest.mark.parametrize(
    "address", ["/", "/alive", "/en/open/", "/en/nothing/", "/en/undeclared/", "/static/no.css"]
)
def test_security_headers_are_on_every_response(client: Client, address: str) -> None:
    headers = client.get(address).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "Strict-Transport-Security" not in headers


def test_strict_transport_is_promised_only_when_secure(client: Client) -> None:
    assert "max-age=31536000" in client.get("/alive", secure=True).headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("wish", "home"),
    [("id-ID,en;q=0.5", "/id/"), ("sw", "/sw/"), ("fr", "/en/"), ("", "/en/"), ("*;q=x", "/en/")],
)
def test_the_front_door_leads_to_the_browser_s_language(client: Client, wish: str, home: str) -> None:
    response = client.get("/", headers={"Accept-Language": wish})
    assert response.headers["Location"] == home
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Page not found"), ("id", "Halaman tidak ditemukan"), ("sw", "Ukurasa haukupatikana")],
)
def test_the_address_decides_the_language_whatever_the_browser_says(
    client: Client, language: str, words: str
) -> None:
    response = client.get(f"/{language}/nothing/?a=1", headers={"Accept-Language": "fr"})
    page = response.content.decode()
    assert response.status_code == 404
    assert f'<html lang="{language}" dir="ltr"' in page
    assert words in page
    assert response.headers["Content-Language"] == language
    for other in {"en", "id", "sw"} - {language}:
        assert f'href="/{other}/nothing/?a=1"' in page


def test_an_address_without_language_gets_one(client: Client) -> None:
    response = client.get("/open/?a=1", headers={"Accept-Language": "sw"})
    assert response.headers["Location"] == "/sw/open/?a=1"


@pytest.mark.django_db
def test_a_lost_database_is_told_in_all_languages_and_comes_back(client: Client) -> None:
    planted.database["away"] = True
    response = client.get("/sw/records/")
    page = response.content.decode()
    assert (response.status_code, response.headers["Retry-After"]) == (503, "20")
    positions = [page.index(words) for words in ("Samahani, huduma", "Sorry, the service", "Maaf, layanan")]
    assert positions == sorted(positions)
    planted.database["away"] = False
    assert client.get("/sw/records/").content == b"here"


@pytest.mark.parametrize("method", ["get", "post"])
def test_errors_need_no_database(client: Client, method: str) -> None:
    # No django_db mark: a query would fail the test.
    assert getattr(client, method)("/id/nothing/").status_code == 404


def test_a_forged_or_stale_post_is_explained() -> None:
    response = Client(enforce_csrf_checks=True).post("/id/posting/", {"a": "1"})
    assert response.status_code == 403
    assert "Silakan kirim sekali lagi" in response.content.decode()


def test_pages_are_sent_compressed_to_who_can_read_it(client: Client) -> None:
    plain = client.get("/en/open/")
    small = client.get("/en/open/", headers={"Accept-Encoding": "gzip, br"})
    old = client.get("/en/open/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert brotli.decompress(small.content) == plain.content
    assert gzip.decompress(old.content) == plain.content
    assert len(small.content) < len(plain.content) / 2


def test_an_agency_s_colours_are_kept_for_ever_under_their_hash(client: Client) -> None:
    name = theme.sheet_name("#8a1538", "#ffffff")
    response = client.get(f"/theme/{name}.css")
    assert response.headers["Content-Type"].startswith("text/css")
    assert "immutable" in response.headers["Cache-Control"]
    assert "Vary" not in response.headers
    assert b"--loket-brand:#8a1538" in response.content
    stale = client.get("/theme/8a1538-ffffff-0000000000.css")
    assert stale.headers["Cache-Control"] == "public, max-age=60"
    assert client.get("/theme/zz1538-ffffff-0000000000.css").status_code == 404


def test_the_page_holds_only_the_inline_script_that_the_policy_allows(client: Client) -> None:
    page = client.get("/en/open/").content.decode()
    assert page.count("<script>") == 1
    assert " style=" not in page
    assert "onclick" not in page
