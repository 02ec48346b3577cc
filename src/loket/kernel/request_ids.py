"""What a request is called in the logs, in the jobs that it leads to, and by whoever reports a fault.

Made here, or taken from a proxy where the operator says that it sends one. It says nothing about anybody.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# What proxies make: 32 hexadecimal digits, a UUID, a ULID. No telephone number, no e-mail address.
_WELL_FORMED = re.compile(r"[0-9A-Za-z]{8}[0-9A-Za-z-]{8,56}")

_current: ContextVar[str] = ContextVar("loket_request_id", default="")


def current() -> str:
    """The id of the request that is being answered, or that deferred the job at hand; empty outside both."""
    return _current.get()


def new() -> str:
    """16 hexadecimal digits: short enough to be read out on the telephone."""
    return secrets.token_hex(8)


def is_well_formed(given: str) -> bool:
    """Whether a proxy may have made it; anything else could carry what somebody typed."""
    return _WELL_FORMED.fullmatch(given) is not None and any(letter.isdigit() for letter in given)


@contextmanager
def working_on(request_id: str) -> Iterator[None]:
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)
