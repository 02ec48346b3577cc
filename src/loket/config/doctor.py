"""What `loket doctor` looks at. Each check says what is well or what is wrong, and then what to do."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from loket.catalogue import queries as catalogue
from loket.catalogue.queries import VersionUnreadable
from loket.catalogue.types import VersionId
from loket.config import safety
from loket.config.routers import KEYS
from loket.documents import actions as documents
from loket.documents.types import Lock
from loket.identity import queries as identity
from loket.kernel import clock
from loket.payments.registry import providers

_OLDEST_PYTHON, _OLDEST_POSTGRESQL = (3, 11), 15
_LEAST_FREE = 500 * 1024 * 1024
_SKEW_SECONDS = 5
_CENTRE = "centre"
_SOURCE = Path(__file__).resolve().parent.parent
# Options of a connection that are not the server's.
_DJANGO_S = frozenset({"server_side_binding", "prepare_threshold"})
_SECONDS = 5
# Settings of PostgreSQL, and what they may be, the usual first.
_DISCREET: Mapping[str, tuple[str, ...]] = {
    "log_min_error_statement": ("panic", "fatal"),
    "log_error_verbosity": ("terse",),
    "log_statement": ("none", "ddl"),
    "log_min_duration_statement": ("-1",),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `remedy` is empty where there is nothing to do."""

    subject: str
    well: bool
    words: str
    remedy: str = ""


def examine() -> list[Finding]:
    return [finding for check in _CHECKS for finding in check()]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= _OLDEST_PYTHON:
        yield Finding("Python", True, version)
    else:
        yield Finding("Python", False, f"{version} is too old", "Install Python 3.11 or later.")


def _secrets() -> Iterator[Finding]:
    found = safety.problems()
    for problem in found:
        yield Finding("Keys", False, problem, "docs/operations.md, Environment, says how to keep them.")
    if not found:
        yield Finding("Keys", True, "secret and master key are set and no test keys")


def _traces() -> Iterator[Finding]:
    for problem in safety.lacking():
        yield Finding("Traces", False, problem, "Install the packages, or unset LOKET_OTEL_ENDPOINT.")


def _databases() -> Iterator[Finding]:
    for alias, subject, variable in (
        ("default", "Database", "LOKET_DATABASE_URL"),
        (KEYS, "Key store", "LOKET_KEYS_URL"),
    ):
        try:
            _knock(connections[alias])
        except psycopg.Error as problem:
            yield Finding(
                subject,
                False,
                f"can't be reached ({_first_line(problem)})",
                f"Check {variable} and the server.",
            )
        else:
            yield from _database(subject, connections[alias])


def _database(subject: str, connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    version = _value(connection, "SHOW server_version_num")
    major = int(str(version)) // 10_000
    yield Finding(
        subject,
        major >= _OLDEST_POSTGRESQL,
        f"PostgreSQL {major} answers",
        "" if major >= _OLDEST_POSTGRESQL else f"PostgreSQL {_OLDEST_POSTGRESQL} or later is needed.",
    )
    if _value(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        yield Finding(
            subject,
            False,
            "Loket connects as a superuser",
            "ALTER ROLE … NOSUPERUSER, or use a role of its own.",
        )
    if not _value(connection, "SELECT has_schema_privilege(current_user, current_schema(), 'CREATE')"):
        yield Finding(
            subject,
            False,
            "Loket's role may not create tables",
            "GRANT CREATE, USAGE ON SCHEMA public TO its role.",
        )
    skew = abs((clock.now() - _value(connection, "SELECT clock_timestamp()")).total_seconds())  # type: ignore[operator]
    if skew > _SKEW_SECONDS:
        yield Finding(
            subject, False, f"its clock is {skew:.0f} s away from ours", "Run a time service on both hosts."
        )
    yield from _server_log(subject, connection)
    yield _migrations(subject, connection)


def _server_log(subject: str, connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    """The server's own log, which Loket doesn't write, quotes statements with what people typed."""
    told = {name: str(_value(connection, f"SHOW {name}")) for name in _DISCREET}
    loose = [name for name, fine in _DISCREET.items() if told[name] not in fine]
    if loose:
        yield Finding(
            subject,
            False,
            f"its server writes what people typed into its own log ({', '.join(loose)})",
            f"ALTER DATABASE … SET {loose[0]} = '{_DISCREET[loose[0]][0]}'; as a superuser, and so on.",
        )


def _migrations(subject: str, connection: BaseDatabaseWrapper) -> Finding:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        return Finding(subject, False, f"{waiting} changes of its tables are waiting", "Run: loket migrate")
    return Finding(subject, True, "its tables are up to date")


def _apart() -> Iterator[Finding]:
    """Two addresses may still lead to one database: through another name of the host, or a pooler."""
    question = "SELECT current_database() || pg_postmaster_start_time() || inet_server_port()"
    try:
        main, keys = (_value(connections[alias], question) for alias in ("default", KEYS))
    except Error:
        return
    if main == keys:
        yield Finding(
            "Key store",
            False,
            "is the same database as the main one",
            "Give LOKET_KEYS_URL its own, with its own short-lived backups.",
        )


def _built() -> Iterator[Finding]:
    manifest = _SOURCE / "web" / "static" / "built" / "manifest.json"
    if manifest.exists():
        yield Finding("Front end", True, "style sheets and scripts are built")
    else:
        yield Finding("Front end", False, "style sheets and scripts are not built", "Run: make setup")


def _press() -> Iterator[Finding]:
    """Documents are set by templates that may come from strangers: what keeps these in."""
    try:
        held = documents.press_locks()
    except documents.TypesettingRefused as problem:
        yield Finding("Documents", False, problem.words, "Run: make setup")
        return
    missing = [lock.value for lock in Lock if lock not in held]
    words = f"the press is held by limits of time and memory, {', '.join(held) or 'and no more'}"
    if missing:
        # One lock stands in for another; where there is none, templates are only as safe as their authors.
        words += f"; not possible here: {', '.join(missing)}"
    yield Finding(
        "Documents",
        bool(held),
        words,
        "" if held else "Publish only packs whose templates you trust, or use a newer Linux.",
    )


def _texts() -> Iterator[Finding]:
    stale = [
        source
        for source in _SOURCE.rglob("*.po")
        if not (made := source.with_suffix(".mo")).exists() or made.stat().st_mtime < source.stat().st_mtime
    ]
    if stale:
        yield Finding("Texts", False, f"{len(stale)} catalogues are not compiled", "Run: make setup")
    else:
        yield Finding("Texts", True, "compiled")


def _folders() -> Iterator[Finding]:
    for subject, folder in (("Data folder", settings.DATA), ("Uploads folder", settings.FILES)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                free = shutil.disk_usage(folder).free
        except OSError as problem:
            yield Finding(
                subject,
                False,
                f"{folder} can't be written ({problem.strerror})",
                f"Give account {os.geteuid()} the right to write there, or set LOKET_DATA and LOKET_FILES.",
            )
            continue
        enough = free >= _LEAST_FREE
        yield Finding(
            subject,
            enough,
            f"{folder} can be written; {free >> 20} MB free",
            "" if enough else f"Free some space: less than {_LEAST_FREE >> 20} MB is left.",
        )


def _mail() -> Iterator[Finding]:
    carried_by = settings.EMAIL_CHANNEL or ("the outbox of the demonstration" if settings.DEMO else "smtp")
    if "smtp" not in carried_by:
        yield Finding("Mail", True, f"goes by {carried_by}")
        return
    connection = get_connection(timeout=_SECONDS)
    if not isinstance(connection, EmailBackend):
        yield Finding("Mail", True, f"goes through {settings.EMAIL_BACKEND}")
        return
    try:
        connection.open()
        connection.close()
    except OSError as problem:  # SMTP's own errors are OSErrors too
        yield Finding(
            "Mail",
            False,
            f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} doesn't take mail ({type(problem).__name__})",
            "Check LOKET_EMAIL_URL and the mail server.",
        )
    else:
        yield Finding("Mail", True, f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} answers")


def _payments() -> Iterator[Finding]:
    """A way to pay that lacks a setting is quietly not offered; here it is said aloud."""
    outside = [name for name in settings.PAYMENT_PROVIDERS if name not in {"offline", "sandbox"}]
    for name in settings.PAYMENT_PROVIDERS:
        if name not in providers:
            yield Finding(
                "Payments",
                False,
                f"there is no way to pay called {name}",
                f"LOKET_PAYMENT_PROVIDERS may name: {', '.join(providers)}.",
            )
        elif not providers[name].configured():
            yield Finding(
                "Payments",
                False,
                f"{name} lacks a setting, so nobody is offered it",
                "docs/payments.md lists what it needs.",
            )
        else:
            yield Finding("Payments", True, f"{name} is set up")
    if outside and not settings.PUBLIC_ADDRESS.startswith("https://"):
        yield Finding(
            "Payments",
            False,
            f"{settings.PUBLIC_ADDRESS} can't be called back",
            "Set LOKET_PUBLIC_ADDRESS to the https:// address that people use.",
        )


def _centres() -> Iterator[Finding]:
    """A service that asks where to pick something up, of an agency that has nowhere, can't be finished."""
    try:
        live = catalogue.all_live()
        lacking = {
            one.agency_key: one.key
            for one in reversed(live)
            if not identity.agency_known(one.agency_id).open_centres and _asks_for_centre(one.version_id)
        }
    except (Error, VersionUnreadable):
        # The databases' own lines say what is wrong with them.
        return
    for agency, service in sorted(lacking.items()):
        yield Finding(
            "Centres",
            False,
            f"{agency} has no centre, but {service} asks people to choose one",
            "Give the agency a centre, or take the question out of the service.",
        )


def _asks_for_centre(version_id: VersionId) -> bool:
    questions = catalogue.compiled(version_id).form.questions.values()
    return any(question.definition.kind == _CENTRE for question in questions)


def _knock(connection: BaseDatabaseWrapper) -> None:
    """Connects once, by itself, to say why where it can't."""
    given = connection.settings_dict
    address = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "dbname": given["NAME"]}
    options = {name: value for name, value in given["OPTIONS"].items() if name not in _DJANGO_S}
    psycopg.connect(**address, password=given["PASSWORD"], **options | {"connect_timeout": _SECONDS}).close()


def _value(connection: BaseDatabaseWrapper, question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return row[0] if row else None


def _first_line(problem: Exception) -> str:
    """Enough to act on; what libpq says there names hosts and roles, never passwords."""
    return next(iter(str(problem).strip().splitlines()), type(problem).__name__)


_CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _python,
    _secrets,
    _traces,
    _databases,
    _apart,
    _built,
    _press,
    _texts,
    _folders,
    _mail,
    _payments,
    _centres,
)
