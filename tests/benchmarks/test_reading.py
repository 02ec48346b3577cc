"""What the bench reads: answers over the wire, the database's log, links of a page, /proc; what it writes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import page, visits
from benchmarks.figures import told
from benchmarks.first_visit import in_style, linked
from benchmarks.programs import Program, cpu_seconds
from benchmarks.watching import counted_in
from benchmarks.wire import Browser, parsed

_ANSWER = b"HTTP/1.1 302 Found\r\nLocation: /en/next/\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\n"


def test_an_answer_is_read_once_all_of_it_is_there() -> None:
    whole = _ANSWER + b"Content-Length: 3\r\n\r\nabc"
    assert [parsed(whole[:end]) for end in range(len(whole))] == [None] * len(whole)
    answer = parsed(whole)
    assert answer is not None
    assert (answer.status, answer.body, answer.header(b"location")) == (302, b"abc", b"/en/next/")
    browser = Browser("10.0.0.1")
    browser.keep(answer)
    assert browser.cookies == {b"a": b"1", b"b": b"2"}
    assert b"Cookie: a=1; b=2\r\n" in browser.get("/", "page").head


def test_an_answer_in_pieces_is_put_together() -> None:
    whole = _ANSWER + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2;x=y\r\nef\r\n0\r\n\r\n"
    assert parsed(whole[:-3]) is None
    answer = parsed(whole)
    assert answer is not None
    assert answer.body == b"abcdef"


def test_fields_are_sent_as_a_browser_sends_them() -> None:
    assert visits.fields("start_date", "2026-03-09") == {
        "q-start_date-day": "9", "q-start_date-month": "3", "q-start_date-year": "2026",
    }  # fmt: skip
    assert visits.fields("declaration", True) == {"q-declaration": "yes"}
    assert len(visits.answers("a@home.example")) == 14


def test_statements_are_counted_by_who_made_them() -> None:
    log = "\n".join(
        [
            "loket web server|LOG:  statement: SELECT 1",
            "loket web server|LOG:  execute <unnamed>: INSERT INTO x",
            "loket web server|LOG:  statement: BEGIN",
            "loket web server|LOG:  statement: savepoint s",
            "loket web server|LOG:  statement: ",
            "loket background worker|LOG:  execute _pg3_0: UPDATE y",
            "        AND more of a statement",
            "|LOG:  checkpoint starting: time",
        ]
    )
    assert counted_in(log) == {"loket web server": 2, "loket background worker": 1}


def test_what_a_page_loads_is_found_on_its_own_host_only() -> None:
    html = (
        '<link rel="stylesheet" href="/static/a.css"><link rel="canonical" href="/en/">'
        '<script src="b.js"></script><img src="data:image/png;base64,xx">'
        '<img src="https://elsewhere.example/c.png"><a href="/en/more/">more</a>'
    )
    assert linked(html, "/en/") == ["/static/a.css", "/en/b.js"]
    assert in_style("a{background:url('../x.svg')}b{src:url(data:font)}", "/static/built/a.css") == [
        "/static/x.svg"
    ]


def test_what_a_program_cost_counts_children_that_ended(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    child = f"import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', {burn!r}])\ntime.sleep(60)"
    program = Program("spender", [sys.executable, "-c", child], os.environ, tmp_path, tmp_path / "log")
    program.start()
    end = time.monotonic() + 30
    while cpu_seconds(program.pid) < 0.28 and time.monotonic() < end:
        time.sleep(0.05)
    try:
        # The system counts in hundredths, of each process by itself.
        assert cpu_seconds(program.pid) >= 0.28
    finally:
        program.kill()
    assert not program.running


def test_killing_takes_the_children_along(tmp_path: Path) -> None:
    child = "import subprocess, sys, time\nsubprocess.Popen(['sleep', '60'])\ntime.sleep(60)"
    program = Program("parent", [sys.executable, "-c", child], os.environ, tmp_path, tmp_path / "log")
    program.start()
    end = time.monotonic() + 30
    while len(program.pids()) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    pids = program.pids()
    program.kill()
    left = subprocess.run(
        ["ps", "-o", "stat=", "-p", ",".join(map(str, pids))], capture_output=True, text=True, check=False
    )
    assert len(pids) == 2
    assert all(state.startswith("Z") for state in left.stdout.split())


def test_a_program_that_ends_at_once_says_why(tmp_path: Path) -> None:
    program = Program(
        "liar", [sys.executable, "-c", "raise SystemExit('no disk')"], os.environ, tmp_path, tmp_path / "log",
        ready=lambda: False,
    )  # fmt: skip
    with pytest.raises(RuntimeError, match="no disk"):
        program.start()


def test_the_page_says_what_was_met_and_what_was_missed() -> None:
    def results(journeys: float) -> page.Results:
        figures = told([{"journeys_per_second": journeys}], [{"requests_per_second": 1000.0}], {})
        machine = dict.fromkeys(
            ("processor", "processors", "memory_gb", "system", "python", "file_system", "load_before"), "?"
        )
        return {
            "at": "2026-11-22T15:35:00+00:00", "loket": "1", "minutes": 1, "command": "loket bench journey",
            "machine": machine, "scenarios": {"journey": {"8": figures}},
        }  # fmt: skip

    def verdict(text: str) -> str:
        return next(line for line in text.splitlines() if "at least 60/s" in line)

    assert "goal: met" in verdict(page.text(results(61.0)))
    assert "goal: **missed**" in verdict(page.text(results(59.0)))
    assert "loket bench journey" in page.text(results(59.0))
    assert page.bar(50, 100, width=8) == "████"
    assert page.bar(0.001, 100, width=8) == "▏"
    assert page.bar(0, 100) == ""
