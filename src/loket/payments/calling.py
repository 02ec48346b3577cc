"""Calls to providers: HTTPS, one time limit a conversation, no redirects, bounded answers in JSON."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection

from loket.payments.registry import ProviderAway

_CONNECT_SECONDS = 5.0
_BIGGEST = 2**20
_CHUNK = 2**14
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class _Plain(HTTPConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as in urllib3 itself
        with _ended_in_time(self):
            return super().getresponse()


class _Secure(HTTPSConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as in urllib3 itself
        with _ended_in_time(self):
            return super().getresponse()


@contextlib.contextmanager
def _ended_in_time(connection: HTTPConnection) -> Iterator[None]:
    """Hangs up on a head that trickles: the library's limit is for each read, however many there are."""
    alarm = threading.Timer(float(connection.timeout or 0), _hang_up, (connection.sock,))
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # The plain way for TLS too, whose own one is not made for two threads.
        socket.socket.shutdown(line, socket.SHUT_RDWR)


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


# No retries: whether a call may be made twice is for the plug-in to know.
_POOL = urllib3.PoolManager(num_pools=4, maxsize=4, retries=False)
_POOL.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered: always a JSON object, whatever the status."""

    status: int
    fields: Mapping[str, object]

    def text(self, name: str) -> str:
        """The field where it is text, else empty."""
        found = self.fields.get(name)
        return found if isinstance(found, str) else ""

    def within(self, name: str) -> Mapping[str, object]:
        """The object inside, else an empty one."""
        found = self.fields.get(name)
        return found if isinstance(found, dict) else {}


class Conversation:
    """Calls to one provider that together end within PAYMENT_CALL_SECONDS.

    A call raises ProviderAway where nothing is known of what came of it, with one of the codes
    insecure_address, unreachable, timeout, too_much, nonsense. What was sent is in no message and no log.
    """

    def __init__(self) -> None:
        self._ends = time.monotonic() + settings.PAYMENT_CALL_SECONDS

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        if not _safe(url):
            raise ProviderAway("insecure_address")
        try:
            response = _POOL.request(
                method,
                url,
                body=body,
                headers={"Accept": "application/json", "User-Agent": "Loket", **headers},
                timeout=urllib3.Timeout(connect=min(_CONNECT_SECONDS, self._left()), read=self._left()),
                redirect=False,
                preload_content=False,
            )
            try:
                content = self._read(response)
            except BaseException:
                # What is left in this connection is no beginning of another answer.
                response.close()
                raise
            response.release_conn()
        except urllib3.exceptions.NewConnectionError:
            # Which urllib3 counts among the time-outs.
            raise ProviderAway("unreachable") from None
        except urllib3.exceptions.TimeoutError:
            raise ProviderAway("timeout") from None
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            self._left()
            raise ProviderAway("unreachable") from None
        return Answer(response.status, _parsed(content))

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes:
        """A provider that trickles is as slow as one that is silent."""
        content = b""
        while chunk := response.read1(_CHUNK):
            content += chunk
            self._left()
            if len(content) > _BIGGEST:
                raise ProviderAway("too_much")
        self._left()
        return content

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise ProviderAway("timeout")
        return left


def _parsed(content: bytes) -> Mapping[str, object]:
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise ProviderAway("nonsense") from None
    if not isinstance(fields, dict):
        raise ProviderAway("nonsense")
    return fields


def _safe(url: str) -> bool:
    """Secrets travel encrypted, except to this very machine, where tests and sidecars are."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    except ValueError:
        return False
