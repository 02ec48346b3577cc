"""What a certificate's code holds: the facts, signed, in letters that a QR code packs well. Pure.

The payload is unpadded base 32 (RFC 4648) of: one byte of version, four of the key's id, 64 of an Ed25519
signature, and a compact JSON list of number, key, agency, holder, signed facts, first and last day. The
signature covers `DOMAIN`, version, key id and list. docs/adr/0009 says why so.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from loket.documents.types import Statement

DOMAIN = b"loket certificate\n"
KEY_ID_BYTES = 4
# How a PDF carries its own payload, among its keywords, so that a file can be checked without its picture.
MARK = "loket-certificate:"
_VERSION = b"\x01"
_SIGNATURE_BYTES = 64
_HEAD = 1 + KEY_ID_BYTES + _SIGNATURE_BYTES
_LONGEST = 4_000
_LETTERS = re.compile(r"[A-Z2-7]+")
_IN_FILE = re.compile(re.escape(MARK.encode()) + rb"([A-Z2-7]{100,%d})" % _LONGEST)
_BEGINS, _ENDS = re.compile(rb"stream\r?\n"), b"endstream"
# What one stream, and all of a file together, may unpack to: a file may be made to hang whoever checks it.
_MOST_UNPACKED, _MOST_TOGETHER = 1 << 20, 64 << 20


class NotGenuine(Exception):
    """No key that was given signed these very words: altered, cut off, mistyped, or never ours."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement whose signature holds, and the key that made it."""

    statement: Statement
    key_id: bytes


def sign(statement: Statement, key_id: bytes, private: Ed25519PrivateKey) -> str:
    """The payload."""
    head, body = _VERSION + key_id, _body(statement)
    signature = private.sign(DOMAIN + head + body)
    return base64.b32encode(head + signature + body).decode("ascii").rstrip("=")


def check(payload: str, keys: Mapping[bytes, Ed25519PublicKey]) -> Signed:
    """What was signed. Raises NotGenuine for anything but exactly what one of `keys` signed."""
    raw = _raw(payload)
    key_id, signature, body = raw[1 : 1 + KEY_ID_BYTES], raw[1 + KEY_ID_BYTES : _HEAD], raw[_HEAD:]
    key = keys.get(key_id)
    if raw[:1] != _VERSION or key is None:
        raise NotGenuine
    try:
        key.verify(signature, DOMAIN + _VERSION + key_id + body)
    except InvalidSignature:
        raise NotGenuine from None
    return Signed(_statement(body), key_id)


def payload_in(content: bytes) -> str | None:
    """The payload that a PDF carries among its keywords, or None."""
    found = _IN_FILE.search(content)
    if found is None:
        left = _MOST_TOGETHER
        for stream in _streams(content):
            unpacked = _unpacked(stream)
            found = _IN_FILE.search(unpacked)
            left -= len(unpacked)
            if found is not None or left <= 0:
                break
    return found.group(1).decode("ascii") if found else None


def _raw(payload: str) -> bytes:
    if len(payload) > _LONGEST or not _LETTERS.fullmatch(payload):
        raise NotGenuine
    try:
        raw = base64.b32decode(payload + "=" * (-len(payload) % 8))
    except binascii.Error:
        raise NotGenuine from None
    # The last letter has bits to spare; only one way of writing them is ours.
    if base64.b32encode(raw).decode("ascii").rstrip("=") != payload:
        raise NotGenuine
    return raw


def _body(statement: Statement) -> bytes:
    listed = [
        statement.number,
        statement.key,
        statement.agency,
        statement.holder,
        dict(statement.facts),
        statement.issued_on.isoformat(),
        statement.expires_on.isoformat() if statement.expires_on else "",
    ]
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()


def _statement(body: bytes) -> Statement:
    """Whoever holds our key wrote this, so its shape is only checked."""
    try:
        number, key, agency, holder, facts, issued, expires = json.loads(body)
        return Statement(
            number=str(number),
            key=str(key),
            agency=str(agency),
            holder=str(holder),
            facts={str(name): str(value) for name, value in facts.items()},
            issued_on=date.fromisoformat(issued),
            expires_on=date.fromisoformat(expires) if expires else None,
        )
    except (ValueError, TypeError, AttributeError):
        raise NotGenuine from None


def _streams(content: bytes) -> Iterator[bytes]:
    """What lies between the words that enclose a PDF's streams; each byte is looked at once."""
    at = 0
    while begins := _BEGINS.search(content, at):
        ends = content.find(_ENDS, begins.end())
        if ends < 0:
            return
        yield content[begins.end() : ends]
        at = ends + len(_ENDS)


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, _MOST_UNPACKED)
    except zlib.error:
        return b""
