"""Asks ClamAV about an upload, in the INSTREAM dialogue of its daemon (see clamd(8))."""

import socket
import struct

from django.conf import settings

from loket.files.types import Infected, ScannerAway

_CHUNK = 64 * 2**10
_SECONDS = 30
_LONGEST_ANSWER = 4096


def scan(content: bytes) -> None:
    """Returns where the scanner finds nothing, or where none is configured.

    Refuses Infected, and ScannerAway where it gives no clear answer: an unknown file is not a clean one.
    """
    address: str = getattr(settings, "CLAMAV", "")
    if not address:
        return
    try:
        answer = _asked(address, content)
    except (OSError, ValueError) as away:
        raise ScannerAway from away
    if answer.endswith("FOUND"):
        raise Infected
    if answer != "stream: OK":
        raise ScannerAway


def _asked(address: str, content: bytes) -> str:
    with _connected(address) as daemon:
        daemon.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _CHUNK):
            chunk = content[start : start + _CHUNK]
            daemon.sendall(struct.pack("!I", len(chunk)) + chunk)
        daemon.sendall(struct.pack("!I", 0))
        answer = b""
        while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
            more = daemon.recv(_LONGEST_ANSWER)
            if not more:
                break
            answer += more
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _connected(address: str) -> socket.socket:
    """`host:port`, or `unix:/path`."""
    if address.startswith("unix:"):
        daemon = socket.socket(socket.AF_UNIX)
        daemon.settimeout(_SECONDS)
        try:
            daemon.connect(address.removeprefix("unix:"))
        except OSError:
            daemon.close()
            raise
        return daemon
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS)
