"""A running server through bad weather: huge uploads, dead workers, databases that go and come back."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path

import psycopg
import pytest

from tests.weather.filling import INFORMATION_BASE, INFORMATION_PAGES, WITHOUT_FILE
from tests.weather.load import Load, until
from tests.weather.server import Answer, Browser, Loket

RESTING = (
    "Sorry, the service is resting for a moment",
    "Maaf, layanan sedang tidak tersedia sebentar",
    "Samahani, huduma imesimama kwa muda mfupi",
)
_MEGABYTE = 2**20
# Two workers load their code one after the other, which takes a busy machine long.
BACK = 120
MOST_GROWN_MB = 300


def test_an_upload_of_200_mb_gets_a_sentence_and_little_memory(loket: Loket) -> None:
    """Streamed as a browser would; the worker keeps no more of it than a form may carry."""
    browser = Browser(loket.port)
    path = browser.fill_in(INFORMATION_BASE, INFORMATION_PAGES)
    assert path.endswith("/proof/")
    before = peak(loket)
    answer = upload(browser, path, 200)
    assert answer.status == 200
    assert "The file is too large" in answer.text
    assert 'href="#q-identity_proof' in answer.text
    grown = peak(loket) - before
    # 10 MB of a file and 30 MB of a request are ever kept; the server itself takes the body in first.
    assert grown < MOST_GROWN_MB, f"{grown} MB more"
    assert browser.get(f"{INFORMATION_BASE}request/").status == 200
    small = upload(browser, path, 1)
    assert small.status == 302


def upload(browser: Browser, path: str, megabytes: int) -> Answer:
    field = f'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{browser.token}\r\n'
    head = field + (
        '--b\r\nContent-Disposition: form-data; name="q-identity_proof"; filename="passport.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n"
    )
    tail = b"\ntrailer <</Root 1 0 R>>\n%%EOF\n\r\n--b--\r\n"

    def body() -> Iterator[bytes]:
        yield head.encode()
        for _ in range(megabytes):
            yield bytes(_MEGABYTE - 2048)
        yield tail

    length = len(head.encode()) + megabytes * (_MEGABYTE - 2048) + len(tail)
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(length)}
    return browser.send("POST", path, body(), headers, timeout=60)


def peak(loket: Loket) -> int:
    """The most memory that a worker has had, in MB."""
    found = []
    for pid in loket.workers():
        kept = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        assert kept
        found.append(int(kept[1]) // 1024)
    return max(found)


def test_a_stopped_database_is_said_kindly_and_comes_back_by_itself(loket: Loket) -> None:
    browser = Browser(loket.port)
    assert browser.fill_in(INFORMATION_BASE, WITHOUT_FILE).endswith("/check/")
    here = f"{INFORMATION_BASE}request/"
    loket.stop_database()
    try:
        for language in ("en", "id", "sw"):
            away = browser.get(here.replace("/en/", f"/{language}/"), timeout=10)
            assert_resting(away)
        sent = browser.post(here, {"q-topic": "Another", "q-information": "Something else"}, timeout=10)
        assert_resting(sent)
        assert browser.get("/live").status == 200
        assert browser.get("/ready", timeout=10).status == 503
        assert "odhiambo" not in loket.log().lower()
    finally:
        loket.start_database()
    within(10, lambda: browser.get("/ready"), lambda answer: answer.status == 200)
    back = within(10, lambda: browser.get(here), lambda answer: answer.status == 200)
    assert "Cost of the market road" in back.text
    browser.get(f"{INFORMATION_BASE}check/")
    assert browser.post(f"{INFORMATION_BASE}check/").status == 302
    assert "loket-reference" in browser.get(f"{INFORMATION_BASE}done/").text


def test_the_key_store_alone_away_loses_nothing(loket: Loket) -> None:
    """Sending needs it; what was answered waits."""
    browser = Browser(loket.port)
    check = browser.fill_in(INFORMATION_BASE, WITHOUT_FILE)
    browser.get(check)
    loket.keys.cut()
    try:
        assert browser.get("/en/").status == 200
        assert_resting(browser.post(check, timeout=10))
    finally:
        loket.keys.mend()
    sent = within(10, lambda: browser.post(check), lambda answer: answer.status == 302)
    assert sent.headers["Location"].endswith("/done/")
    assert "loket-reference" in browser.get(f"{INFORMATION_BASE}done/").text


def assert_resting(answer: Answer) -> None:
    assert answer.status == 503
    assert answer.seconds < 10
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"]
    for sentence in RESTING:
        assert sentence in answer.text


def within(seconds: float, attempt: Callable[[], Answer], good: Callable[[Answer], bool]) -> Answer:
    end = time.monotonic() + seconds
    while True:
        answer = attempt()
        if good(answer) or time.monotonic() > end:
            assert good(answer), (answer.status, answer.text[:1000])
            return answer
        time.sleep(0.2)


@pytest.mark.parametrize("delay_ms", [0, 8])
def test_a_worker_killed_while_somebody_sends_loses_nothing(loket: Loket, delay_ms: int) -> None:
    """Whatever the browser saw: sending again gives the one application there is."""
    browsers = [Browser(loket.port) for _ in range(3)]
    for browser in browsers:
        browser.get(browser.fill_in(INFORMATION_BASE, WITHOUT_FILE))
    before = cases(loket)

    def send(browser: Browser) -> None:
        try:
            browser.post(f"{INFORMATION_BASE}check/", timeout=5)
        except OSError:
            return

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    time.sleep(delay_ms / 1000)
    for pid in loket.workers():
        os.kill(pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    within(BACK, lambda: _alive(loket), lambda answer: answer.status == 200)
    seen = set()
    for browser in browsers:
        within(BACK, lambda one=browser: _checked(one), lambda answer: answer.status in {200, 302})  # type: ignore[misc]
        browser.post(f"{INFORMATION_BASE}check/")
        done = browser.get(f"{INFORMATION_BASE}done/")
        reference = re.search(r'loket-reference">([0-9A-Z]{4}-[0-9A-Z]{4})<', done.text)
        assert reference, done.status
        seen.add(reference[1])
    assert len(seen) == 3
    assert cases(loket) == before + 3


def test_workers_killed_while_they_start_come_all_the_same(loket: Loket) -> None:
    """As by a machine short of memory: both that serve, and the next one before it has loaded."""
    until(lambda: len(loket.workers()) == 2, BACK)
    before = set(loket.workers())
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: bool(set(loket.workers()) - before), BACK)
    for pid in set(loket.workers()) - before:
        os.kill(pid, signal.SIGKILL)
    within(BACK, lambda: _alive(loket), lambda answer: answer.status == 200)
    until(lambda: len(loket.workers()) == 2, BACK)
    assert loket.process.poll() is None


def _alive(loket: Loket) -> Answer:
    try:
        return Browser(loket.port).get("/alive", timeout=5)
    except OSError:
        return Answer(0, Message(), "", 0)


def _checked(browser: Browser) -> Answer:
    try:
        return browser.get(f"{INFORMATION_BASE}check/", timeout=5)
    except OSError:
        return Answer(0, Message(), "", 0)


def cases(loket: Loket) -> int:
    """Cases with their first event, counted past the server."""
    with psycopg.connect(loket.cluster.url("loket")) as connection:
        row = connection.execute(
            "SELECT count(*) FROM casework_case c WHERE EXISTS "
            "(SELECT 1 FROM casework_caseevent e WHERE e.case_id = c.id)"
        ).fetchone()
    assert row
    return int(row[0])


def test_workers_are_replaced_under_load_without_a_failed_request(loket: Loket) -> None:
    until(lambda: len(loket.workers()) == 2, BACK)
    before = set(loket.workers())
    load = Load(loket.port, "/en/")
    with load.going_on():
        os.kill(loket.process.pid, signal.SIGHUP)
        until(lambda: len(set(loket.workers()) - before) == 2 and not before & set(loket.workers()), BACK)
    assert load.failed == []
    assert load.parted >= 1, "the old workers asked to be left"
    assert load.answered > 50
