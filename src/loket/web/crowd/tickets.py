"""What newcomers hold: a ticket with the moment they came; once let in, a pass. Signed, nobody's name."""

import hashlib
import hmac
import math
import re

from django.conf import settings

PLACE, PASS = "loket-place", "loket-turn"
# Long enough to begin something; whoever has begun has a cookie that says so.
PASS_SECONDS = 20 * 60
# What was read from a ticket is written the same again.
_ROUNDING = 0.01
_COOKIE = re.compile(r"(?:^|;\s*)(loket-place|loket-turn)=([0-9]{1,13})\.([0-9a-f]{24})(?=;|$)")


def written(name: str, moment: float) -> str:
    """The cookie's value: milliseconds and a signature over them and its name."""
    # Never later than it was: a ticket from the future counts for nothing.
    stamp = str(math.floor(moment * 1000 + _ROUNDING))
    return f"{stamp}.{_signature(name, stamp)}"


def read(cookies: str) -> dict[str, float]:
    """The moments in those of our cookies that are genuine."""
    return {
        name: int(stamp) / 1000
        for name, stamp, signature in _COOKIE.findall(cookies)
        if hmac.compare_digest(signature, _signature(name, stamp))
    }


def set_cookie(name: str, value: str) -> str:
    """A header's value; empty: the cookie goes. It ends with the browser."""
    gone = "" if value else "; Max-Age=0"
    secure = "; Secure" if settings.SECURE_COOKIES else ""
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{gone}"


def _signature(name: str, stamp: str) -> str:
    key = f"loket.web.crowd/{settings.SECRET_KEY}".encode()
    return hmac.new(key, f"{name}={stamp}".encode(), hashlib.sha256).hexdigest()[:24]
