"""The signed payload: nothing but exactly what was signed is genuine."""

import string
import time
import zlib
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from loket.documents import payload as codes
from loket.documents.payload import NotGenuine
from loket.documents.types import Statement

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ID = b"\x01\x02\x03\x04"
KEYS = {ID: KEY.public_key()}
STATEMENT = Statement(
    number="7K3P-2M9X-QR5T",
    key="good_conduct",
    agency="police-service",
    holder="Fāṭima فاطمة Otieno",
    facts={"born": "1990-01-01"},
    issued_on=date(2026, 11, 22),
    expires_on=date(2027, 5, 22),
)
PAYLOAD = codes.sign(STATEMENT, ID, KEY)
_TYPED = string.ascii_letters + string.digits + "-_=+/. "


def test_what_was_signed_is_read_back() -> None:
    assert codes.check(PAYLOAD, KEYS) == codes.Signed(STATEMENT, ID)


def test_every_change_of_one_character_is_refused() -> None:
    for at, old in enumerate(PAYLOAD):
        for new in _TYPED:
            if new != old:
                with pytest.raises(NotGenuine):
                    codes.check(PAYLOAD[:at] + new + PAYLOAD[at + 1 :], KEYS)


def test_every_crop_is_refused() -> None:
    for at in range(len(PAYLOAD)):
        for part in (PAYLOAD[:at], PAYLOAD[at + 1 :], PAYLOAD[:at] + PAYLOAD[at + 1 :]):
            with pytest.raises(NotGenuine):
                codes.check(part, KEYS)


@given(st.text(max_size=300))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotGenuine):
        codes.check(text, KEYS)


def test_another_key_of_the_same_id_is_refused() -> None:
    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(NotGenuine):
        codes.check(PAYLOAD, {ID: other})
    with pytest.raises(NotGenuine):
        codes.check(PAYLOAD, {})


def test_a_signature_over_something_else_is_refused() -> None:
    """Our key signs in its own domain only: a signature of the bare words proves nothing."""
    raw = codes._raw(PAYLOAD)
    body = raw[69:]
    forged = codes._VERSION + ID + KEY.sign(body) + body
    with pytest.raises(NotGenuine):
        codes.check(codes.base64.b32encode(forged).decode().rstrip("="), KEYS)


@given(
    st.builds(
        Statement,
        number=st.just("7K3P-2M9X-QR5T"),
        key=st.just("licence"),
        agency=st.just("a"),
        holder=st.text(st.characters(codec="utf-8"), max_size=80),
        facts=st.dictionaries(
            st.text(string.ascii_lowercase, min_size=1, max_size=9),
            st.text(st.characters(codec="utf-8"), max_size=30),
            max_size=4,
        ),
        issued_on=st.dates(),
        expires_on=st.none() | st.dates(),
    )
)
def test_any_statement_survives(statement: Statement) -> None:
    assert codes.check(codes.sign(statement, ID, KEY), KEYS).statement == statement


def _in_a_stream(content: bytes) -> bytes:
    return b"<<>>\nstream\r\n" + zlib.compress(content) + b"\r\nendstream\nendobj\n"


def test_a_file_carries_its_payload_plain_or_packed() -> None:
    marked = f"x {codes.MARK}{PAYLOAD} y".encode()
    assert codes.payload_in(b"%PDF " + marked) == PAYLOAD
    assert codes.payload_in(_in_a_stream(b"something else") + _in_a_stream(marked)) == PAYLOAD
    assert codes.payload_in(_in_a_stream(b"something else")) is None


@pytest.mark.parametrize(
    "bomb",
    [b"stream\n" * 300_000, _in_a_stream(bytes(1 << 20)) * 3_000, _in_a_stream(b"") + b"stream\n" * 300_000],
)
def test_a_file_made_to_hang_whoever_checks_it_does_not(bomb: bytes) -> None:
    begun = time.process_time()
    assert codes.payload_in(bomb) is None
    assert time.process_time() - begun < 5
