"""A receiver on loopback: checks every signature by itself, and behaves badly when told to.

It shares no code with what signs: the scheme is written down here once more, from its specification.
"""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class Mood(StrEnum):
    """How it answers."""

    TAKES = "takes it"
    BROKEN = "an error with words in it"
    BUSY = "asks to wait"
    GONE = "says that it is gone"
    ELSEWHERE = "redirects"
    SILENT = "says nothing"
    HEAD_TRICKLES = "a header at a time"
    BODY_TRICKLES = "takes it, and never ends its answer"
    HANGS_UP = "hangs up"
    NONSENSE = "no HTTP at all"
    HUGE_HEAD = "headers without end"


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery that came, and whether its signature was right by each secret that the receiver knows."""

    id: str
    timestamp: int
    event: Any
    body: bytes
    genuine: tuple[bool, ...]
    path: str
    host: str


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scheme = "https" if context else "http"
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.mood = Mood.TAKES
        self.secrets: list[str] = []
        self.told: list[Told] = []
        self.asked = 0
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/loket?for=registry"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that gave up waiting is what some tests are about."""

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


def genuine(secret: str, headers: Any, body: bytes) -> bool:
    """As the specification has it; False also for what is more than five minutes old."""
    stamp = headers["webhook-timestamp"]
    if abs(time.time() - int(stamp)) > 300:
        return False
    signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
    key = base64.b64decode(secret.split("_", 1)[1])
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(one, f"v1,{expected}") for one in headers["webhook-signature"].split(" "))


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        getattr(self, f"_{self.server.mood.name.lower()}")(body)

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def _takes(self, body: bytes) -> None:
        self._keep(body)
        self._say(204)

    def _keep(self, body: bytes) -> None:
        self.server.told.append(
            Told(
                self.headers["webhook-id"],
                int(self.headers["webhook-timestamp"]),
                json.loads(body),
                body,
                tuple(genuine(secret, self.headers, body) for secret in self.server.secrets),
                self.path,
                self.headers["Host"],
            )
        )

    def _broken(self, body: bytes) -> None:
        self._say(500, b"<h1>Our database\x00 is away</h1>" + b"x" * 5000)

    def _busy(self, body: bytes) -> None:
        self._say(429, b"later", **{"Retry-After": "7200"})

    def _gone(self, body: bytes) -> None:
        self._say(410, b"no more")

    def _elsewhere(self, body: bytes) -> None:
        self._say(307, b"", Location=f"http://127.0.0.1:{self.server.port}/other")

    def _silent(self, body: bytes) -> None:
        self.close_connection = True
        self.server.closing.wait(60)

    def _head_trickles(self, body: bytes) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(90):
            if self.server.closing.wait(0.05):
                return
            self.wfile.write(b"X-%d: x\r\n" % number)

    def _body_trickles(self, body: bytes) -> None:
        self._keep(body)
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        while not self.server.closing.wait(0.05):
            self.wfile.write(b" ")

    def _hangs_up(self, body: bytes) -> None:
        self.close_connection = True

    def _nonsense(self, body: bytes) -> None:
        self.close_connection = True
        self.wfile.write(b"\x16\x03\x01 hello\r\n\r\n" * 10)

    def _huge_head(self, body: bytes) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(2000):
            self.wfile.write(b"X-X: " + b"x" * 1000 + b"\r\n")

    def _say(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
