"""Starting the press, giving it work, and throwing it away when it hangs, dies or has served long enough."""

import atexit
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from loket.documents.press.locks import Lock
from loket.kernel.refusals import Refusal

_SOURCE = Path(__file__).resolve().parents[3]
_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
FONTS = Path(__file__).resolve().parent.parent / "fonts" / "built"
# What a document may take on a busy machine; it usually takes ten milliseconds.
SECONDS = 10.0
# Typst remembers much of what it set; a fresh start gives that memory back.
DOCUMENTS = 2_000
_START_SECONDS = 30.0
_LARGEST_ANSWER = 64 << 20
_PDF = b"%PDF"


class TypesettingRefused(Refusal):
    """The template can't be set. `words` says why, for the author of the template; it may quote the data."""

    code = "typesetting_refused"

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class TakesTooLong(TypesettingRefused):
    """Setting it took longer than is allowed; the press was ended."""

    code = "typesetting_takes_too_long"


class PressBroke(TypesettingRefused):
    """The press died over it, as when a template asks for all the memory there is."""

    code = "typesetting_broke"


class FontsMissing(TypesettingRefused):
    """The fonts were not built, so that nothing can be set."""

    code = "fonts_missing"


class Press:
    """One worker process, started on first need. Threads take turns."""

    def __init__(self, seconds: float = SECONDS, documents: int = DOCUMENTS) -> None:
        self._seconds, self._documents = seconds, documents
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._root = ""
        self._done = 0
        self._owner = 0
        self._locks: tuple[Lock, ...] = ()
        atexit.register(self.stop)

    def typeset(self, template: str, data: Mapping[str, object], at: datetime) -> bytes:
        """A tagged PDF/UA-1 of a stranger's template, which finds `data` among the system's inputs.

        Refuses TypesettingRefused and its kinds.
        """
        return self._set({"template": template}, data, at)

    def fill(self, form: str, data: Mapping[str, object], at: datetime) -> bytes:
        """The same of our own `<form>.typ`, a function of that name: at half the cost."""
        return self._set({"form": form}, data, at)

    def _set(self, what: Mapping[str, str], data: Mapping[str, object], at: datetime) -> bytes:
        request = {
            **what,
            "data": json.dumps(data, ensure_ascii=False),
            "timestamp": str(int(at.timestamp())),
        }
        with self._turn:
            answer = self._ask(request)
        if isinstance(answer, bytes):
            return answer
        hints = answer.get("hints")
        words = [str(answer.get("problem", "")), *(map(str, hints) if isinstance(hints, list) else ())]
        raise TypesettingRefused("; ".join(words))

    def locks(self) -> tuple[Lock, ...]:
        """Which locks hold on this machine."""
        with self._turn:
            self._started()
            return self._locks

    @property
    def process_id(self) -> int:
        """0 while there is none."""
        return self._process.pid if self._process is not None else 0

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
            process.wait()
            shutil.rmtree(self._root, ignore_errors=True)

    def _ask(self, request: Mapping[str, str]) -> bytes | dict[str, object]:
        process = self._started()
        try:
            _write(process, json.dumps(request).encode())
            answer = _answer(_read(process, time.monotonic() + self._seconds))
        except TimeoutError:
            self.stop()
            raise TakesTooLong(f"it took longer than {self._seconds:.0f} seconds") from None
        except (OSError, EOFError, ValueError):
            self.stop()
            raise PressBroke("it used more memory or time than there is") from None
        self._done += 1
        if self._done >= self._documents:
            self.stop()
        return answer

    def _started(self) -> "subprocess.Popen[bytes]":
        # A forked child must not share its parent's pipes.
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        self.stop()
        if not FONTS.is_dir():
            raise FontsMissing("the fonts are not built; run: make setup")
        self._root = tempfile.mkdtemp(prefix="loket-press-")
        for template in _TEMPLATES.glob("*.typ"):
            shutil.copy(template, self._root)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-P", "-s", "-m", "loket.documents.press.worker", str(FONTS), self._root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._root,
            env={"PYTHONPATH": str(_SOURCE), "RAYON_NUM_THREADS": "1"},
            start_new_session=True,
        )
        self._process, self._owner, self._done = process, os.getpid(), 0
        try:
            greeting = _told(_read(process, time.monotonic() + _START_SECONDS))
        except (OSError, EOFError, ValueError):
            self.stop()
            raise PressBroke("the press does not start") from None
        locks = greeting.get("locks")
        self._locks = tuple(Lock(name) for name in locks) if isinstance(locks, list) else ()
        return process


def _write(process: "subprocess.Popen[bytes]", body: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(len(body).to_bytes(4, "big") + body)
    process.stdin.flush()


def _answer(body: bytes) -> bytes | dict[str, object]:
    return body if body.startswith(_PDF) else _told(body)


def _told(body: bytes) -> dict[str, object]:
    """Raises ValueError."""
    found: dict[str, object] = json.loads(body)
    return found


def _read(process: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    """Raises TimeoutError, EOFError, ValueError."""
    size = int.from_bytes(_exactly(process, 4, deadline), "big")
    if size > _LARGEST_ANSWER:
        raise ValueError("too large")
    return _exactly(process, size, deadline)


def _exactly(process: "subprocess.Popen[bytes]", size: int, deadline: float) -> bytes:
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    ready = select.poll()
    ready.register(descriptor, select.POLLIN | select.POLLHUP)
    found = b""
    while len(found) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not ready.poll(left * 1000):
            raise TimeoutError
        piece = os.read(descriptor, min(size - len(found), 1 << 20))
        if not piece:
            raise EOFError
        found += piece
    return found


# The press of this process.
PRESS = Press()
