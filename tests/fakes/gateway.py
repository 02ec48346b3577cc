"""An HTTP gateway on loopback: remembers what it is sent, and answers as it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4


@dataclass(slots=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: object


@dataclass(slots=True)
class Gateway:
    """`answer` gives status and body for a request; None closes the connection without a word."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answer: Callable[[Request], tuple[int, object] | None] = lambda request: (200, {"ok": True})


@contextmanager
def gateway() -> Iterator[Gateway]:
    told = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            request = Request(
                self.command,
                parts.path,
                parse_qs(parts.query),
                {name.lower(): value for name, value in self.headers.items()},
                json.loads(raw) if raw else None,
            )
            told.requests.append(request)
            answer = told.answer(request)
            if answer is None:
                self.connection.close()
                return
            body = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._any()

        def do_POST(self) -> None:
            self._any()

        def log_message(self, *words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Notify:
    """What GOV.UK Notify does with requests, as its documentation tells; see tests/fakes/test_notify.py."""

    def __init__(self) -> None:
        self.taken: list[dict[str, object]] = []
        self.refuse: tuple[int, str, str] | None = None
        self.templates = {"email": "11111111-1111-1111-1111-111111111111", "sms": "2" * 8}

    def __call__(self, request: Request) -> tuple[int, object]:
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _error(401, "AuthError", "Unauthorized: authentication token must be provided")
        if self.refuse:
            return _error(*self.refuse)
        if request.method == "GET":
            wanted = request.query.get("reference", [""])[0]
            kind = request.query.get("template_type", [""])[0]
            found = [one for one in self.taken if one["reference"] == wanted and one["type"] == kind]
            return 200, {"notifications": found, "links": {"current": request.path}}
        body = request.body
        assert isinstance(body, dict)
        kind = request.path.rpartition("/")[2]
        if body["template_id"] != self.templates[kind]:
            return _error(400, "BadRequestError", "Template not found")
        missing = {"subject", "body"} if kind == "email" else {"body"}
        if missing - set(body.get("personalisation", {})):
            return _error(400, "BadRequestError", "Missing personalisation")
        made = {"id": str(uuid4()), "reference": body.get("reference"), "uri": "…", "content": {}}
        self.taken.append({**made, "sent": body, "type": kind})
        return 201, made


def _error(status: int, kind: str, message: str) -> tuple[int, object]:
    return status, {"status_code": status, "errors": [{"error": kind, "message": message}]}
