"""An HTTP server on loopback that answers as a provider does, and misbehaves when told to."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class Weather(StrEnum):
    """How the server behaves, whatever it would have said."""

    FAIR = "fair"
    HANGS_UP = "hangs up"
    SILENT = "says nothing"
    TRICKLES = "a byte at a time"
    HEAD_TRICKLES = "a header at a time"
    ERROR_PAGE = "an error page of a proxy"
    ERROR = "its own error 500"
    BROKEN = "broken JSON"
    LIST = "JSON that is no object"
    NEST = "JSON nested without end"
    HUGE = "without end"
    ELSEWHERE = "redirects"
    BUSY = "too many requests"


_SAID = {
    Weather.ERROR_PAGE: (502, b"<html><h1>Bad gateway</h1></html>"),
    Weather.ERROR: (500, b'{"error": {"type": "api_error", "message": "secret words"}}'),
    Weather.BROKEN: (200, b'{"id": "cs_test_'),
    Weather.LIST: (200, b'["cs_test_1"]'),
    Weather.NEST: (200, b"[" * 200_000),
    Weather.ELSEWHERE: (302, b"{}"),
    Weather.BUSY: (429, b'{"error": {"type": "invalid_request_error", "code": "rate_limit"}}'),
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it came and the answer as it was meant, whatever the weather made of it."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: str
    status: int
    answer: Any


class FakeServer(ThreadingHTTPServer):
    """Subclasses say what they `answer`. `log` keeps every exchange."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.weather = Weather.FAIR
        self.after = False
        self.only = ""
        self.log: list[Exchange] = []
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: str
    ) -> tuple[int, Any]:
        raise NotImplementedError

    def storm(self, weather: Weather, *, after: bool = False, only: str = "") -> None:
        """`after`: the work is done first, and only the answer is lost. `only` for this method."""
        self.weather, self.after, self.only = weather, after, only

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that gave up waiting is what some tests are about."""

    def __enter__(self) -> "FakeServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: FakeServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def _serve(self) -> None:
        server, parts = self.server, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        fair = server.weather is Weather.FAIR or server.only not in {"", self.command}
        if not fair and not server.after:
            return self._misbehave(server.weather)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        with server.lock:
            status, answer = server.answer(self.command, parts.path, dict(query), headers, body)
            server.log.append(
                Exchange(
                    self.command, parts.path, query, headers, body, status, json.loads(json.dumps(answer))
                )
            )
        if not fair:
            return self._misbehave(server.weather)
        return self._say(status, json.dumps(answer).encode())

    def _say(self, status: int, content: bytes, kind: str = "application/json", **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _misbehave(self, weather: Weather) -> None:
        match weather:
            case Weather.HANGS_UP:
                self.close_connection = True
            case Weather.SILENT:
                self.server.closing.wait(60)
            case Weather.TRICKLES:
                self._say_without_end(b" ", pause=0.05)
            case Weather.HEAD_TRICKLES:
                self._trickle_head()
            case Weather.HUGE:
                self._say_without_end(b" " * 65_536, pause=0)
            case _:
                self._say(*_SAID[weather])

    def _say_without_end(self, piece: bytes, pause: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.close_connection = True
        while not self.server.closing.wait(pause):
            self.wfile.write(piece)
            self.wfile.flush()

    def _trickle_head(self) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(90):
            if self.server.closing.wait(0.05):
                return
            self.wfile.write(b"X-%d: x\r\n" % number)
            self.wfile.flush()
