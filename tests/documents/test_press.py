"""Templates by strangers: each does its worst, is refused, and the press sets the next document."""

import os
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loket.documents.press import sandbox
from loket.documents.press.client import Press, PressBroke, TakesTooLong, TypesettingRefused
from loket.documents.press.locks import Lock

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = '#set document(title: "T")\n#set text(font: "Noto Sans")\n= #json(bytes(sys.inputs.data)).name'
_TITLED = '#set document(title: "T")\n'

HOSTILE = {
    "a loop without end": (
        "#let x = 0\n#for a in range(99999) { for b in range(99999) { x = calc.rem(x + a * b, 1003) } }\n#x",
        TakesTooLong,
        "longer than",
    ),
    "a text that doubles": (
        '#let x = "aaaaaaaa"\n#for i in range(60) { x = x + x }\n#x.len()',
        PressBroke,
        "more",
    ),
    "an endless list": ("#let x = range(2000000000)\n#x.len()", PressBroke, "more"),
    "a function of itself": ("#let f(x) = f(x + 1)\n#f(0)", TypesettingRefused, "depth"),
    "a system file": ('#read("/etc/passwd")', TypesettingRefused, "not found"),
    "a path upwards": ('#read("../../../../etc/passwd")', TypesettingRefused, "escape"),
    "a data file by an odd path": ('#read("/./../proc/self/environ")', TypesettingRefused, ""),
    "a package from the network": ('#import "@preview/tablex:0.0.8"', TypesettingRefused, "package"),
    "a package from home": ('#import "@local/secrets:0.1.0"', TypesettingRefused, "package"),
    "a program": ('#plugin("/x.wasm")', TypesettingRefused, "not found"),
    "no title": ("#set document(title: none)\n= A", TypesettingRefused, "title"),
    "an image without words": (
        '#image(bytes("<svg xmlns=\\"http://www.w3.org/2000/svg\\" width=\\"9\\" height=\\"9\\"></svg>"))',
        TypesettingRefused,
        "alt",
    ),
    "nonsense": ("#let = (", TypesettingRefused, "expected"),
}


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    made = Press(seconds=20)
    yield made
    made.stop()


@pytest.fixture
def impatient() -> Iterator[Press]:
    made = Press(seconds=3)
    yield made
    made.stop()


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_template_is_refused_and_the_press_lives_on(
    press: Press, impatient: Press, case: str
) -> None:
    template, refusal, words = HOSTILE[case]
    press = impatient if refusal is TakesTooLong else press
    with pytest.raises(refusal) as refused:
        press.typeset(_TITLED + template, {}, NOW)
    assert words in refused.value.words
    assert press.typeset(GOOD, {"name": "Amina"}, NOW).startswith(b"%PDF")


def test_a_killed_press_is_started_again(press: Press) -> None:
    press.typeset(GOOD, {"name": "Amina"}, NOW)
    first = press.process_id
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert press.typeset(GOOD, {"name": "Amina"}, NOW).startswith(b"%PDF")
    assert press.process_id != first


def test_a_press_is_recycled() -> None:
    press = Press(documents=2)
    for _ in range(2):
        press.typeset(GOOD, {"name": "Amina"}, NOW)
    assert press.process_id == 0
    press.typeset(GOOD, {"name": "Amina"}, NOW)
    press.stop()


def test_the_press_has_no_environment_but_its_own(press: Press) -> None:
    press.typeset(GOOD, {"name": "Amina"}, NOW)
    given = Path(f"/proc/{press.process_id}/environ").read_bytes().split(b"\0")
    names = {entry.partition(b"=")[0] for entry in given if entry}
    assert names == {b"PYTHONPATH", b"RAYON_NUM_THREADS"}


def test_locks_are_what_they_say(tmp_path: Path) -> None:
    """In a child of our own: what each lock that holds takes away."""
    (tmp_path / "inside").write_text("yes")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - in the child
        found = b"?"
        try:
            held = {*sandbox.leave_network(), *sandbox.close_doors((str(tmp_path),))}
            found = _tried(held, tmp_path).encode()
        finally:
            os.write(writing, found)
            os._exit(0)
    os.close(writing)
    answer = os.read(reading, 1000).decode()
    os.waitpid(child, 0)
    assert answer == "ok"


def _tried(held: set[Lock], inside: Path) -> str:
    if (inside / "inside").read_text() != "yes":
        return "the inside is closed"
    if Lock.LANDLOCK in held and _opens("/etc/passwd"):
        return "the outside is open"
    if Lock.SECCOMP in held and _connects():
        return "a socket was made"
    return "ok"


def _opens(path: str) -> bool:
    try:
        with open(path):
            return True
    except OSError:
        return False


def _connects() -> bool:
    try:
        socket.socket().close()
    except OSError:
        return False
    return True
