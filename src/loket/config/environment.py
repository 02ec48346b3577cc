"""Reads `LOKET_*` from the environment: the only place that does."""

import hashlib
import ipaddress
import json
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# What stands in for LOKET_SECRET_KEY in tests and type checks; nothing is served on it.
TEST_SECRET_KEY = "only-for-tests-and-type-checks"  # noqa: S105 - known to everybody, and refused


_CONNECT_SECONDS = 3
# A network that goes silent in mid-statement would hold a process for long: what is sent must be
# received within 15 s, and whoever is silent is asked after 10 whether they are there.
_VANISHED = {
    "tcp_user_timeout": "15000", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "2",
}  # fmt: skip
# Where systemd puts the first socket that it passes on.
_FIRST_PASSED = 3
# So many times a statement is sent as text on one connection; from then on the server keeps its plan.
_PREPARED_AFTER = 5


class EnvironmentProblem(Exception):
    """A `LOKET_*` variable is missing or makes no sense; the message says which and what to do."""


def text(name: str, default: str = "") -> str:
    return os.environ.get(f"LOKET_{name}", default)


def secret(name: str) -> str:
    """A password or key from `LOKET_<name>`, or from the file that `LOKET_<name>_FILE` names.

    Raises EnvironmentProblem.
    """
    path = text(f"{name}_FILE")
    try:
        return (Path(path).read_text(encoding="ascii") if path else text(name)).strip()
    except (OSError, UnicodeDecodeError):
        raise EnvironmentProblem(f"LOKET_{name}_FILE names a file that can't be read.") from None


def switch(name: str, *, default: bool = False) -> bool:
    given = text(name).strip().lower()
    if given in {"", "0", "no", "false", "off", "1", "yes", "true", "on"}:
        return default if given == "" else given in {"1", "yes", "true", "on"}
    raise EnvironmentProblem(f"LOKET_{name} is {given!r}; write 1 or 0.")


def networks(name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """IP networks such as `10.20.0.0/16`, by comma. Raises EnvironmentProblem."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text(name).split(",") if part.strip())
    except ValueError as problem:
        raise EnvironmentProblem(
            f"LOKET_{name} must list networks such as 10.20.0.0/16: {problem}."
        ) from None


def logs_are_json() -> bool:
    """LOKET_LOG_FORMAT; in the demo people read the terminal. Raises EnvironmentProblem."""
    given = text("LOG_FORMAT").strip().lower()
    if given not in {"", "json", "text"}:
        raise EnvironmentProblem(f"LOKET_LOG_FORMAT is {given!r}; write json or text.")
    return given != "text" if given else not switch("DEMO")


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def folder_or_none(name: str) -> Path | None:
    return Path(text(name)).expanduser().resolve() if text(name) else None


def whole_number(name: str, default: int) -> int:
    """Raises EnvironmentProblem."""
    given = text(name).strip()
    if given and not (given.isascii() and given.isdigit()):
        raise EnvironmentProblem(f"LOKET_{name} is {given!r}; write a whole number.")
    return int(given) if given else default


def metrics_folder(data: Path) -> Path:
    """Where the processes of this machine keep their counts, for prometheus-client to add up.

    In the folder for temporary files, since process numbers mean nothing on another machine or in another
    container. The library finds it in the environment only. Raises EnvironmentProblem.
    """
    mark = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    found = folder("METRICS_FOLDER", Path(tempfile.gettempdir()) / f"loket-metrics-{os.geteuid()}-{mark}")
    try:
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = found.stat()
    except OSError as problem:
        raise EnvironmentProblem(f"LOKET_METRICS_FOLDER can't be used: {problem.strerror}.") from None
    if known.st_uid != os.geteuid() or known.st_mode & 0o022:
        raise EnvironmentProblem(
            f"{found} belongs to others; set LOKET_METRICS_FOLDER to a folder of your own."
        )
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(found)
    return found


def keys(name: str) -> tuple[bytes, ...]:
    """Keys of 32 bytes in hex, separated by spaces, commas or lines, from `LOKET_<name>` or the file that
    `LOKET_<name>_FILE` names. Raises EnvironmentProblem."""
    written = text(name)
    path = text(f"{name}_FILE")
    if path:
        try:
            written = Path(path).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise EnvironmentProblem(f"LOKET_{name}_FILE names a file that can't be read.") from None
    try:
        found = tuple(bytes.fromhex(key) for key in written.replace(",", " ").split())
    except ValueError:
        found = (b"",)
    if any(len(key) != 32 for key in found):
        raise EnvironmentProblem(f"LOKET_{name} must hold keys of 64 hexadecimal digits each; it doesn't.")
    return found


def database(name: str, url: str) -> dict[str, Any]:
    """Django's connection settings for a PostgreSQL address. Raises EnvironmentProblem."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise EnvironmentProblem(
            f"LOKET_{name} must look like postgresql://user:password@host:5432/name; it doesn't."
        )
    return {
        "ENGINE": "loket.config.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": _CONNECT_SECONDS,
            **_VANISHED,
            **dict(parse_qsl(parts.query)),
            "server_side_binding": True,
            # A pooler that gives each transaction another connection can't keep plans.
            "prepare_threshold": _PREPARED_AFTER if switch("PREPARED", default=True) else None,
        },
    }


def passed_socket() -> int | None:
    """The number of the listening socket that systemd opened for this process (its LISTEN_FDS), if it did."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS", "0") == "0":
        return None
    return _FIRST_PASSED


def by_agency(name: str) -> dict[str, str]:
    """A text for every agency (under ""), or JSON with texts by agency key. Raises EnvironmentProblem."""
    return _texts(name, "agency-key")


def by_language(name: str) -> dict[str, str]:
    """A text for every language (under ""), or JSON with texts by language. Raises EnvironmentProblem."""
    return _texts(name, "en")


def _texts(name: str, example: str) -> dict[str, str]:
    written = text(name).strip()
    if not written.startswith("{"):
        return {"": written} if written else {}
    try:
        found = json.loads(written)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise EnvironmentProblem(f'LOKET_{name} must be a text or JSON such as {{"{example}": "text"}}.')
    return found


def mail_server(name: str) -> dict[str, Any]:
    """Django's mail settings for smtp://user:password@host:587, smtps:// for TLS from the first byte.

    Empty: the mail server of this machine. Raises EnvironmentProblem.
    """
    parts = urlsplit(text(name) or "smtp://localhost:25")
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise EnvironmentProblem(f"LOKET_{name} must look like smtp://user:password@host:587; it doesn't.")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        # A password never travels in the clear.
        "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
    }
