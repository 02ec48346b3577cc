"""What the stories' staff signs in with, and the code of the moment."""

import base64
import hashlib
import hmac
import struct
import time

PASSWORD = "a-password-for-stories-only"
TOTP_SECRET = base64.b32encode(b"stories, not secrets").decode()
PERIOD = 30


def totp(at: float | None = None) -> str:
    """RFC 6238, six digits, as an authenticator app shows it."""
    counter = struct.pack(">Q", int((time.time() if at is None else at) // PERIOD))
    digest = hmac.new(base64.b32decode(TOTP_SECRET), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
