"""Every public page and every form of a journey, sent whatever can be sent: no fault, no hang, no leak.

    python -m pytest tests/hostile/test_form_fuzz.py                     some hundreds of requests
    python -m tools.prove bad-input                                      25,000, in parts side by side
    LOKET_FUZZ=<seed> python -m pytest … -k again -m prove               what a finding's line says, again

In chunks that are rolled back, so that the last request meets the same data as the first.
"""

import logging
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client, override_settings

from loket.catalogue import queries as catalogue
from loket.identity import queries as identity
from loket.kernel import clock
from loket.limits.memory import MemoryBuckets
from loket.portal import cookies, pace
from loket.web.access import Holder, Public, every_route
from loket.web.arriving import Arriving
from tests import county
from tests.access import scene as making
from tests.access.doors import doors
from tests.access.test_matrix import address
from tests.hostile.fuzzing import shares
from tests.hostile.fuzzing.calling import Call, rolled_back, send
from tests.hostile.fuzzing.fuzzer import Browser, Tally, fuzz, wrong
from tests.hostile.fuzzing.mutations import MARK
from tests.hostile.fuzzing.shares import Say

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
CHUNK = 1_000
# Their forms end what a browser holds; their pages are opened all the same.
_FORGETTING = ("/finish/", "/leave/", "/again/", "/clear/")
App = Callable[..., Any]


@pytest.fixture(scope="module")
def app() -> App:
    """As it is served."""
    return Arriving(get_wsgi_application())


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One draft is answered more often than any person could; what is refused for that tells nothing."""
    monkeypatch.setattr(pace, "_answers", MemoryBuckets(limit=10**9, seconds=1.0))
    logging.disable(logging.CRITICAL)
    # As Django's own client does: a test's transaction must outlive a request.
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)
    logging.disable(logging.NOTSET)


class Town:
    """The public addresses, and people at their browsers: strangers, and those with drafts and cases."""

    def __init__(self, everything: str) -> None:
        now = clock.now()
        self.scene = making.scene(now)
        rules = {route.name: route.rule for route in every_route()}
        made = doors(self.scene)
        self.starts = [
            address(name, door) for name, door in made.items() if isinstance(rules[name], Public | Holder)
        ]
        self.starts += [
            start.replace("/en/", f"/{language}/") for start in self.starts for language in ("id", "sw")
        ]
        self.starts += [everything] * 5
        self._jars = [
            {},
            self._jar(making.applicant(draft=self.scene.draft, now=now)),
            self._jar(making.applicant(grant=cookies.Grant(self.scene.waiting.id, full=True), now=now)),
            *(self._jar(self._applying(key, answers)) for key, answers in _JOURNEYS.items()),
        ]

    def browsers(self) -> list[Browser]:
        return [Browser(dict(jar)) for jar in self._jars]

    def run(self, app: App, seed: str, requests: int, tally: Tally) -> None:
        """One chunk, after which all is as before."""
        with rolled_back():
            fuzz(
                app,
                self.browsers(),
                self.starts,
                seed=seed,
                requests=requests,
                tally=tally,
                left_out=lambda path: path.endswith(_FORGETTING),
            )
        identity.forget_agencies()
        catalogue.forget_live()

    def _applying(self, key: str, answers: dict[str, Any]) -> Client:
        found = county.service(key)
        token = county.fill_in(key, answers, now=self.scene.now)
        client, response = Client(), HttpResponse()
        agency = next(one.agency_key for one in catalogue.all_live() if one.key == key)
        draft = cookies.DraftCookie(found.version_id, token)
        cookies.keep_draft(response, cookies.draft_name(agency, key), draft)
        for name, morsel in response.cookies.items():
            client.cookies[name] = morsel.value
        return client

    def _jar(self, client: Client) -> dict[str, str]:
        return {name: morsel.coded_value for name, morsel in client.cookies.items()}


_JOURNEYS: dict[str, dict[str, Any]] = {
    county.ADDRESS: county.ADDRESS_ANSWERS,
    county.INFORMATION: county.INFORMATION_ANSWERS,
}


def told(tally: Tally) -> str:
    return "\n\n".join(str(one) for one in tally.findings[:5])


def test_no_page_breaks_whatever_it_is_sent(
    app: App, everything: str, record_property: Callable[..., None]
) -> None:
    tally = Tally()
    Town(everything).run(app, "1", 500, tally)
    for name, figure in tally.figures().items():
        record_property(name, figure)
    assert not tally.findings, told(tally)
    assert len(tally.pages) > 40, "it went nowhere"
    assert {200, 302, 400, 403, 404, 405} <= set(tally.statuses)
    assert len(tally.broken) > 20, "it broke little"


@pytest.mark.prove
@pytest.mark.parametrize("part", range(shares.PARTS))
def test_no_page_breaks_in_its_share_of_requests(
    app: App, everything: str, part: int, say: Say, record_property: Callable[[str, object], None]
) -> None:
    tally, town, share = Tally(), Town(everything), shares.requests()
    seed = os.environ.get("LOKET_FUZZ") or f"{clock.now():%Y%m%d%H%M}"
    for chunk in range(0, share, CHUNK):
        town.run(app, f"{seed}-{part}-{chunk}", min(CHUNK, share - chunk), tally)
        say(f"pages, part {part}: {tally.requests:,} of {share:,} requests, {len(tally.findings)} found")
        if tally.findings:
            break
    for name, figure in {**tally.figures(), "seed": seed}.items():
        record_property(name, figure)
    assert not tally.findings, told(tally)
    assert tally.requests == share


@pytest.mark.prove
@pytest.mark.skipif("LOKET_FUZZ" not in os.environ, reason="LOKET_FUZZ names what to send again")
def test_it_is_sent_again(app: App, everything: str) -> None:
    seed, _, number = os.environ["LOKET_FUZZ"].partition(":")
    tally = Tally()
    Town(everything).run(app, seed, int(number or CHUNK) + 1, tally)
    assert not tally.findings, told(tally)


def _planted(way: str) -> App:
    """An application that fails on what the fuzzer sends now and then."""

    def planted(environ: dict[str, Any], start: Any) -> list[bytes]:
        sent = environ["wsgi.input"].read().decode("latin-1") + environ["QUERY_STRING"]
        if way == "fault" and "%00" in sent:
            raise ValueError("a NUL")
        if way == "status" and "%00" in sent:
            start("500 Oh", [("Content-Type", "text/html")])
            return [b"<h1>Oh</h1>"]
        shown = MARK if way == "markup" and "zq7" in sent else ""
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        form = '<form method="post" action="/x/"><input name="a" value="b"><input name="c"></form>'
        return [f'<a href="/y/">y</a>{form}{shown}'.encode()]

    return planted


@pytest.mark.parametrize("way", ["fault", "status", "markup"])
def test_what_is_planted_is_found(way: str) -> None:
    tally = Tally()
    fuzz(_planted(way), [Browser()], ["/"], seed="1", requests=600, tally=tally)
    assert tally.findings
    assert "LOKET_FUZZ=1:" in str(tally.findings[0])
    sound = Tally()
    fuzz(_planted("nothing"), [Browser()], ["/"], seed="1", requests=200, tally=sound)
    assert not sound.findings


def test_a_page_that_hangs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(environ: dict[str, Any], start: Any) -> list[bytes]:
        while True:
            pass

    monkeypatch.setattr("tests.hostile.fuzzing.calling.PATIENCE", 0.2)
    assert "no answer within" in wrong(send(hangs, Call("GET", "/")))


def test_a_fault_of_the_real_application_is_noticed(app: App) -> None:
    with override_settings(ROOT_URLCONF="tests.hostile.failing"):
        assert "ValueError" in wrong(send(app, Call("GET", "/broken/")))


def test_the_same_seed_sends_the_same() -> None:
    def sent(seed: str) -> list[str]:
        calls: list[str] = []

        def app(environ: dict[str, Any], start: Any) -> list[bytes]:
            calls.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {environ['QUERY_STRING']}")
            return list(_planted("nothing")(environ, start))

        fuzz(app, [Browser()], ["/"], seed=seed, requests=50, tally=Tally())
        return calls

    assert sent("1") == sent("1") != sent("2")
