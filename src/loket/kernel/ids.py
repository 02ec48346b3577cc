"""References for people, tokens for machines."""

import hashlib
import re
import secrets
import time
import uuid

# Crockford's base 32 without the letters that are mistaken for digits or for each other.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8
_NUMBER_LENGTH = 12
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015.]+")


def new_reference() -> str:
    """A reference such as `7K3P-2M9X`: 30^8 possibilities, no letter that reads as another."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def normalised_reference(typed: str) -> str | None:
    """What a person typed as the reference it must be, or None where it can't be one.

    Spaces, dashes and case don't matter.
    """
    letters = _SEPARATORS.sub("", typed).upper()
    if len(letters) != _LENGTH or any(letter not in _ALPHABET for letter in letters):
        return None
    return f"{letters[:4]}-{letters[4:]}"


def new_number() -> str:
    """A document's number such as `7K3P-2M9X-QR5T`: 30^12 possibilities, so that trying finds none."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_NUMBER_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, _NUMBER_LENGTH, 4))


def normalised_number(typed: str) -> str | None:
    """The same as for references."""
    letters = _SEPARATORS.sub("", typed).upper()
    if len(letters) != _NUMBER_LENGTH or any(letter not in _ALPHABET for letter in letters):
        return None
    return "-".join(letters[at : at + 4] for at in range(0, _NUMBER_LENGTH, 4))


def new_pin() -> str:
    """An eight-digit number to keep on paper."""
    return f"{secrets.randbelow(10**8):08d}"


def new_code() -> str:
    """A six-digit one-time code."""
    return f"{secrets.randbelow(10**6):06d}"


def new_token() -> str:
    """An unguessable token for links and cookies: 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored in place of a token (32 bytes). The token's own entropy makes salt needless."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_id() -> uuid.UUID:
    """A time-ordered id (RFC 9562, version 7), so that new rows sit together in an index.

    Within a millisecond too: its 12 free bits hold the fraction (section 6.2, method 3). 62 are random.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds << 80) | (0x7 << 76) | (rest * 4096 // 1_000_000 << 64)
    value |= (0b10 << 62) | secrets.randbits(62)
    return uuid.UUID(int=value)
