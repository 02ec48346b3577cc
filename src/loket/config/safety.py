"""What must be set before Loket serves anybody: outside the demo, keys from the source are refused."""

from collections.abc import Mapping

from django.conf import settings

from loket.config.environment import TEST_SECRET_KEY, EnvironmentProblem
from loket.web import traces

_SHORTEST_SECRET = 32
_EASY_MASTERS = frozenset(bytes([byte]) * 32 for byte in range(256))


def problems() -> tuple[str, ...]:
    """What is unsafe in the settings, in sentences that name the variable."""
    found = []
    if settings.SECRET_KEY == TEST_SECRET_KEY:
        found.append("LOKET_SECRET_KEY is not set; give it 50 random characters.")
    elif len(settings.SECRET_KEY) < _SHORTEST_SECRET:
        found.append(f"LOKET_SECRET_KEY is shorter than {_SHORTEST_SECRET} characters.")
    if not settings.MASTER_KEYS:
        found.append("LOKET_MASTER_KEY is not set; make one with: openssl rand -hex 32")
    elif _EASY_MASTERS.intersection(settings.MASTER_KEYS):
        found.append("LOKET_MASTER_KEY is a test key; make your own with: openssl rand -hex 32")
    if _address(settings.DATABASES["default"]) == _address(settings.DATABASES["keys"]):
        found.append("LOKET_KEYS_URL names the same database as LOKET_DATABASE_URL; keys need their own.")
    return tuple(found)


def lacking() -> tuple[str, ...]:
    """What was asked for and can't be had."""
    return (traces.MISSING,) if settings.OTEL_ENDPOINT and not traces.installed() else ()


def refuse_unsafe() -> None:
    """Raises EnvironmentProblem where the settings are unsafe (the demo is what it is) or can't be met."""
    found = (*(() if settings.DEMO else problems()), *lacking())
    if found:
        raise EnvironmentProblem(" ".join(found))


def _address(database: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(database[part] for part in ("HOST", "PORT", "NAME"))
