"""One try at one address: bounded in time and in what is read, without following anybody elsewhere."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_match_hostname import CertificateError

from loket.webhooks import addresses
from loket.webhooks.addresses import AddressRefused, Target
from loket.webhooks.types import BadAddress

SECONDS = 15.0
_CONNECT_SECONDS = 5.0
_KEPT = 500
_LONGEST_WISH = 4 * 3600


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a try. `trouble` is empty where it was taken; `wait`: seconds it asked us to wait."""

    status: int | None = None
    trouble: str = ""
    answer: str = ""
    wait: int = 0


def post(address: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Never raises; ends within SECONDS and what the system takes to look up a name."""
    try:
        target = addresses.parsed(address)
        ips = addresses.looked_up(target)
    except (BadAddress, AddressRefused):
        return Reply(trouble="address_refused")
    except OSError:
        return Reply(trouble="unknown_host")
    ends = time.monotonic() + SECONDS
    reply = Reply(trouble="unreachable")
    for ip in ips:
        reply = _tried(target, ip, body, headers, ends)
        if reply.trouble != "unreachable" or time.monotonic() >= ends:
            break
    return reply


class _Alarm:
    """Hangs up when the time is over: the library's limit is for each read, however many there are."""

    def __init__(self, seconds: float) -> None:
        self.rang = False
        self.line: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()

    def _ring(self) -> None:
        self.rang = True
        if self.line is not None:
            with contextlib.suppress(OSError):
                # The plain way for TLS too, whose own one is not made for two threads.
                socket.socket.shutdown(self.line, socket.SHUT_RDWR)


def _tried(target: Target, ip: str, body: bytes, headers: Mapping[str, str], ends: float) -> Reply:
    left = max(ends - time.monotonic(), 0.1)
    connection, alarm = _connection(target, ip, left), _Alarm(left)
    try:
        return _said(connection, target, body, headers, left, alarm)
    except urllib3.exceptions.NewConnectionError:
        return Reply(trouble="unreachable")
    except (urllib3.exceptions.TimeoutError, TimeoutError):
        return Reply(trouble="timeout")
    except (ssl.SSLError, CertificateError):
        return Reply(trouble="timeout" if alarm.rang else "certificate")
    except Exception:
        # Whatever a receiver can make the library raise: its words may hold what was sent.
        return Reply(trouble="timeout" if alarm.rang else "broken_answer")
    finally:
        alarm.cancel()
        with contextlib.suppress(Exception):
            connection.close()


def _said(
    connection: HTTPConnection,
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    left: float,
    alarm: _Alarm,
) -> Reply:
    try:
        connection.connect()
    except (ssl.SSLError, CertificateError, urllib3.exceptions.TimeoutError, TimeoutError):
        raise
    except (OSError, urllib3.exceptions.HTTPError):
        return Reply(trouble="unreachable")
    # Kept here, because the library lets go of it once it has the head of the answer.
    alarm.line = connection.sock
    connection.sock.settimeout(left)
    connection.request(
        "POST",
        target.path,
        body=body,
        headers={
            "Host": target.host_header,
            "Content-Type": "application/json",
            "User-Agent": "Loket-Webhooks/1",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        },
        preload_content=False,
        decode_content=False,
        enforce_content_length=False,
    )
    response = connection.getresponse()
    if alarm.rang:
        # A head that was cut off looks like one that had ended.
        raise TimeoutError
    status = int(response.status)
    answer = b""
    # It has answered; whether the rest comes, or ever ends, is nothing to us.
    with contextlib.suppress(Exception):
        answer = response.read1(_KEPT, decode_content=False) or b""
    told = "".join(letter if letter.isprintable() else " " for letter in answer.decode("utf-8", "replace"))
    trouble = "" if 200 <= status < 300 else _TROUBLE.get(status // 100, "broken_answer")
    return Reply(status, trouble, told.strip()[:_KEPT], _wait(response.headers.get("Retry-After", "")))


_TROUBLE = {3: "redirected", 4: "refused", 5: "failed_there"}


def _wait(asked: str) -> int:
    """Seconds only: a date would need their clock to be right."""
    return min(int(asked), _LONGEST_WISH) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0


def _connection(target: Target, ip: str, left: float) -> HTTPConnection:
    timeout = min(_CONNECT_SECONDS, left)
    if target.scheme == "http":
        return HTTPConnection(ip, target.port, timeout=timeout)
    return HTTPSConnection(
        ip,
        target.port,
        timeout=timeout,
        ssl_context=ssl.create_default_context(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )
