"""Addresses as a timeline shows them: enough to recognise one's own, too little to learn another's."""

import phonenumbers

from loket.notifications.types import Medium

_HIDDEN = "•••"
_SHORTEST_TAIL = 8


def masked(medium: Medium, address: str) -> str:
    """`a•••@example.org`, `+254•••123`."""
    if medium is Medium.EMAIL:
        name, at, domain = address.rpartition("@")
        return f"{name[:1]}{_HIDDEN}@{domain}" if at else _HIDDEN
    return f"{_country_code(address)}{_HIDDEN}{address[-3:] if len(address) >= _SHORTEST_TAIL else ''}"


def _country_code(number: str) -> str:
    try:
        return f"+{phonenumbers.parse(number).country_code}"
    except phonenumbers.NumberParseException:
        return ""
