"""A browser of one person: cookies, forms with their token, its own address; follows nothing by itself."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from time import monotonic
from urllib.parse import urlencode, urlsplit

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`at` and `seconds` are of this process's monotonic clock; `location` is a path, empty without one."""

    status: int
    text: str
    location: str
    at: float
    seconds: float
    retry_after: str = ""

    @property
    def moved(self) -> bool:
        return self.status in {301, 302, 303}


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    media_type: str
    content: bytes


NO_FILES: Mapping[str, Upload] = {}


class NoAnswer(Exception):
    """The connection was refused, broke or stayed silent: nobody knows what became of the request."""

    def __init__(self, kind: str, at: float, seconds: float) -> None:
        super().__init__(kind)
        self.kind, self.at, self.seconds = kind, at, seconds


class Browser:
    """Not for several threads at once. `address` is this person's, as the proxy would tell it."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address = port, address
        self.cookies: dict[str, str] = {}
        self.token = ""
        self._connection: HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None, {})

    def post(
        self, path: str, fields: Mapping[str, object], files: Mapping[str, Upload] | None = None
    ) -> Answer:
        form = {"csrfmiddlewaretoken": self.token, **fields}
        if files:
            body, kind = _multipart(form, files)
        else:
            body, kind = urlencode(form, doseq=True).encode(), "application/x-www-form-urlencoded"
        return self._send("POST", path, body, {"Content-Type": kind})

    def send(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """As a program sends it. Raises NoAnswer."""
        return self._send("POST", path, body, headers)

    def twin(self) -> "Browser":
        """The same person in a second tab, for pressing a button twice at once."""
        other = Browser(self.port, self.address)
        other.cookies, other.token = dict(self.cookies), self.token
        return other

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Raises NoAnswer."""
        begun = monotonic()
        try:
            return self._asked(method, path, body, headers, begun)
        except (OSError, HTTPException) as problem:
            self.close()
            raise NoAnswer(type(problem).__name__, monotonic(), monotonic() - begun) from None

    def _asked(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], begun: float
    ) -> Answer:
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        ours = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-Forwarded-For": self.address,
            "X-Forwarded-Proto": "https",
            "Origin": f"https://127.0.0.1:{self.port}",
            **headers,
        }
        self._connection.request(method, path, body, ours)
        response = self._connection.getresponse()
        text = response.read().decode(errors="replace")
        for header in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        if response.will_close:
            self.close()
        found = _TOKEN.search(text)
        self.token = found[1] if found else self.token
        location = urlsplit(response.headers.get("Location", ""))
        target = location.path + (f"?{location.query}" if location.query else "")
        now = monotonic()
        return Answer(
            response.status, text, target, now, now - begun, response.headers.get("Retry-After", "")
        )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _multipart(fields: Mapping[str, object], files: Mapping[str, Upload]) -> tuple[bytes, str]:
    edge = secrets.token_hex(12)
    parts: list[bytes] = []
    for name, value in fields.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n'
            parts.append(head.encode())
    for name, upload in files.items():
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{upload.name}"\r\n'
            f"Content-Type: {upload.media_type}\r\n\r\n"
        )
        parts += [head.encode(), upload.content, b"\r\n"]
    parts.append(f"--{edge}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={edge}"
