"""Keyed digests: how values are found or compared without being stored.

The digests hang from a random secret in the key store and not from the master key itself, so that changing
masters leaves every index as it is.
"""

import functools
import hmac
import unicodedata

from loket.privacy.keystore.models import RootSecret
from loket.privacy.sealing import derived
from loket.privacy.wrapping import key_ring, master_id

_DIGESTS = "digests"


def digest(purpose: str, value: str) -> bytes:
    """32 bytes that tell whether two values are the same, to nobody without the key (HMAC-SHA256).

    The value is taken as it is. No statement once the process holds the root secret.
    """
    return hmac.digest(_purpose_key(purpose), value.encode("utf-8", "surrogatepass"), "sha256")


def blind_index(agency_id: int, field: str, value: str) -> bytes:
    """What an `indexed` value is found by, in one agency and field only (32 bytes).

    Case, compatibility forms and runs of spaces don't matter. Whoever holds the key can guess values of low
    entropy such as dates; docs/security.md says so.
    """
    return digest(f"index/{agency_id}/{field}", normalised(value))


def normalised(value: str) -> str:
    """The spelling under which two ways of typing the same thing meet."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def about_root(purpose: str) -> bytes:
    """What the wrapping of a root secret is bound to."""
    return b"root " + purpose.encode()


def forget() -> None:
    """Drops what this process remembers, as after a restore of the key store."""
    _root.cache_clear()
    _purpose_key.cache_clear()


@functools.lru_cache(maxsize=1024)
def _purpose_key(purpose: str) -> bytes:
    return derived(_root(_DIGESTS), purpose)


@functools.lru_cache(maxsize=4)
def _root(purpose: str) -> bytes:
    stored = RootSecret.objects.filter(purpose=purpose).first()
    if stored is None:
        _, wrapped = key_ring().new_key(about_root(purpose))
        # Two processes may get here at once: one of them wins, both read the winner.
        RootSecret.objects.bulk_create(
            [RootSecret(purpose=purpose, wrapped=wrapped, master_id=master_id(wrapped))],
            ignore_conflicts=True,
        )
        stored = RootSecret.objects.get(purpose=purpose)
    return key_ring().unwrap(stored.wrapped, about_root(purpose)).reveal()
