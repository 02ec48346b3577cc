"""Requests that no browser of ours sends: a page in words comes back, and nothing else happens.

Each test tries many and lists what went wrong: opening the county takes longer than a hundred requests.
"""

import html
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from loket.applications.models import Draft
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
BASE = "/en/apply/civil-registry/change-of-address/"
NAME = f"{BASE}name/"
COOKIE = "loket-d-civil-registry-change-of-address"
PAGES = ("/en/", "/en/search/", BASE, NAME, f"{BASE}save/", "/en/track/", "/en/return/", "/en/finish/", "/")


def begun(visitor: Visitor) -> Client:
    """With one answer in a draft."""
    visitor.open(BASE)
    visitor.post(visitor.path, {"q-full_name": "Zuhura Mwinyi"})
    return visitor.client


def in_words(response: HttpResponse) -> bool:
    page = response.content.decode()
    return "<h1" in page and "Traceback" not in page and "DoesNotExist" not in page


def nothing_lost(visitor: Visitor) -> bool:
    return "Zuhura Mwinyi" in visitor.open(NAME)


def test_a_strange_address_is_not_found(visitor: Visitor) -> None:
    wrong = []
    for path in (
        "/en/search/%00",
        "/en/services/civil-registry%00/change-of-address/",
        "/en/apply/civil-registry/change-of-address%00/name/",
        "/en/life/%00/",
        "/en/track/files/%00/",
        "/theme/%00.css",
        "/static/%00",
        "/static/built/%00.css",
        "/%00",
        "/en/%ff%fe",
        "/en/agencies/" + "a" * 8000 + "/",
        "/en/" + "%25" * 2000,
        "/en/desk/%00/",
    ):
        got, sent = visitor.client.get(path), visitor.client.post(path)
        if got.status_code != 404 or not in_words(got) or sent.status_code not in {404, 405}:
            wrong.append((path[:60], got.status_code, sent.status_code))
    for path in ("/en/return/%00/", "/en/return/" + "t" * 8000 + "/"):
        if visitor.client.post(path).status_code != 404:
            wrong.append((path[:60], 0, 0))
    assert not wrong


def test_a_strange_query_changes_nothing(visitor: Visitor) -> None:
    queries = ("q=%00", "q=%ff%fe", "q=" + "w" * 7000, "q[]=1&q=2", "=&&&=", "from=%00", "%00=1", "page=-1")
    wrong = [
        (path, query[:20])
        for path in PAGES
        for query in queries
        if visitor.client.get(f"{path}?{query}", follow=True).status_code != 200
    ]
    assert not wrong
    assert not Draft.objects.exists()


def test_a_strange_cookie_opens_nothing(visitor: Visitor) -> None:
    """As raw as a program that obeys nobody would send it."""
    names = ("loket-case", COOKIE, "csrftoken", "sessionid", "messages", "loket-d-\x00", "loket-d-;", "")
    values = ("\x00", "1:\x00:x", "é", "a" * 4000, '"quoted"', "{}", "1:t:s:s:s:s", "9" * 40 + ":t", "")
    wrong = []
    for header in (f"{name}={value}" for name in names for value in values):
        for path in (NAME, "/en/track/case/", "/en/finish/", "/en/", f"{BASE}check/"):
            for send in (visitor.client.get, visitor.client.post):
                response = send(path, headers={"Cookie": header})
                if response.status_code not in {200, 302, 404, 405}:
                    wrong.append((path, header[:40], response.status_code))
    assert not wrong


def test_a_wrong_content_type_is_asked_again(visitor: Visitor) -> None:
    client, wrong = begun(visitor), []
    for kind in (
        "application/json",
        "text/plain",
        "text/xml",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "b" * 300,
        "multipart/form-data; boundary=é",
        "application/x-www-form-urlencoded; charset=utf-16",
        "",
        "x",
    ):
        for path in (NAME, "/en/track/", "/en/return/", f"{BASE}save/"):
            response = client.post(path, data=b"q-full_name=A\x00&{}", content_type=kind)
            if response.status_code not in {200, 400} or not in_words(response):
                wrong.append((path, kind[:60], response.status_code))
    assert not wrong
    assert nothing_lost(visitor)


def test_broken_multipart_is_asked_again(visitor: Visitor) -> None:
    client, wrong = begun(visitor), []
    for body in (
        b"",
        b"--b",
        b"--b\r\n\r\n",
        b'--b\r\nContent-Disposition: form-data; name="q-full_name"; filename="x\r\n\r\n--b--',
        b'--b\r\nContent-Disposition: form-data; name="' + b"n" * 5000 + b'"\r\n\r\nv\r\n--b--',
        b'--b\r\nContent-Disposition: form-data; name="q-other"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--b--",
        b"--b\r\nX: y\r\n\r\nv\r\n--b--",
        bytes(range(256)) * 20,
    ):
        response = client.post(NAME, data=body, content_type="multipart/form-data; boundary=b")
        if response.status_code not in {200, 400} or not in_words(response):
            wrong.append((body[:40], response.status_code))
    assert not wrong
    assert nothing_lost(visitor)


def test_a_field_sent_twice_is_one_answer(visitor: Visitor) -> None:
    client = begun(visitor)
    assert client.post(NAME, {"q-full_name": ["First Person", "Second Person"]}).status_code in {200, 302}
    born = {"q-date_of_birth-day": ["1", "2"], "q-date_of_birth-month": "3", "q-date_of_birth-year": "1990"}
    assert client.post(f"{BASE}birth/", born).status_code in {200, 302}
    page = visitor.open(NAME)
    assert ("First Person" in page) != ("Second Person" in page)


def test_more_than_any_form_has_is_refused_in_words(visitor: Visitor) -> None:
    client = begun(visitor)
    many = "&".join(f"q-x{n}=1" for n in range(3000)).encode()
    response = client.post(NAME, data=many, content_type="application/x-www-form-urlencoded")
    assert (response.status_code, in_words(response)) == (400, True)
    long = b"q-full_name=" + b"a" * 3_000_000
    response = client.post(NAME, data=long, content_type="application/x-www-form-urlencoded")
    assert (response.status_code, in_words(response)) == (413, True)
    assert nothing_lost(visitor)
    response = client.post(NAME, {"q-full_name": "a" * 1_000_000})
    assert response.status_code == 200
    assert "govuk-error-summary" in response.content.decode()


def test_a_form_without_its_token_is_sent_again(visitor: Visitor) -> None:
    begun(visitor)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(visitor.client.cookies)
    for path in (NAME, f"{BASE}check/", f"{BASE}again/", "/en/track/", "/en/finish/", "/en/return/x/"):
        response = strict.post(path, {"q-full_name": "Somebody Else", "sure": "yes"})
        assert response.status_code == 403, path
        assert "Please send it again" in response.content.decode()
    response = strict.post(NAME, {"q-full_name": "X"}, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert nothing_lost(visitor)


def test_another_host_s_name_is_refused_and_never_repeated(visitor: Visitor) -> None:
    for host in ("evil.example", "localhost@evil.example", "localhost:80:80", "a\x00b", "x" * 5000, ""):
        for path in ("/", "/en/", "/search/", NAME, "/en/track/case/"):
            response = visitor.client.get(path, headers={"Host": host})
            told = response.content.decode() + str(response.headers)
            assert response.status_code in {400, 302, 200, 404}, (host[:20], path)
            assert "evil.example" not in told, (host[:20], path)
            assert response.headers["Content-Security-Policy"]
    response = visitor.client.get("/en/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in response.content.decode() + str(response.headers)


def test_no_page_leads_to_another_site(visitor: Visitor) -> None:
    begun(visitor)
    wrong = []
    for target in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)",
                   "/%09/evil.example", "https:evil.example", "\thttps://evil.example"):  # fmt: skip
        named = dict.fromkeys(("next", "from", "url", "return_to", "redirect", "language"), target)
        query = "&".join(f"{name}={quote(target)}" for name in named)
        for path in PAGES:
            got = visitor.client.get(path, named)
            sent = visitor.client.post(f"{path}?{query}", {**named, "sure": "no"})
            wrong += [(path, target) for response in (got, sent) if leads_away(response, target)]
    for path in (
        "//evil.example/",
        "//evil.example",
        "/en//evil.example/",
        "/\\evil.example/",
        "///evil.example/..",
    ):
        wrong += [(path, path) for response in (visitor.client.get(path),) if leads_away(response, path)]
    assert not wrong


def leads_away(response: HttpResponse, target: str) -> bool:
    there = response.headers.get("Location", "/")
    linked = f'href="{html.escape(target)}' in response.content.decode() and target != "/en//evil.example/"
    return linked or not there.startswith("/") or there[1:2] in {"/", "\\", "\t"}


def test_the_look_for_ways_off_the_site_finds_them() -> None:
    for away in ("//evil.example/", "/\\evil.example", "https://evil.example", "/\t/evil.example"):
        assert leads_away(HttpResponse(headers={"Location": away}), "x")
    assert leads_away(HttpResponse('<a href="//evil.example/">'), "//evil.example/")
    assert not leads_away(HttpResponse(headers={"Location": "/en/"}), "x")


def test_no_address_leaves_its_folder(visitor: Visitor) -> None:
    for path in (
        "/static/../config/settings.py",
        "/static/%2e%2e/%2e%2e/config/settings.py",
        "/static/..%2fsettings.py",
        "/static/built/../../templates/web/error.html",
        "/static//etc/passwd",
        "/static/built/",
        "/static/",
        "/theme/../alive",
        "/theme/..%2f..%2falive.css",
        "/theme/civil-registry/..%2f0000000000.svg",
        "/en/track/files/../../../etc/passwd",
        "/en/track/files/..%2f..%2fetc%2fpasswd/",
    ):
        response = visitor.client.get(path)
        assert response.status_code == 404, path
        assert b"root:" not in response.content
        assert b"SECRET_KEY" not in response.content


def test_other_methods_change_nothing(visitor: Visitor) -> None:
    client, wrong = begun(visitor), []
    for path in ("/en/", NAME, f"{BASE}check/", "/en/track/", "/en/finish/", "/alive"):
        for method in ("put", "patch", "delete", "options", "trace"):
            if (status := getattr(client, method)(path).status_code) != 405:
                wrong.append((path, method, status))
        if client.head(path).status_code not in {200, 302}:
            wrong.append((path, "head", 0))
    assert not wrong
    assert nothing_lost(visitor)
