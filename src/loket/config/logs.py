"""Logs: one event a line, with ids and never with answers, names or addresses.

A message's template is logged, its parameters only where they are numbers, ids or our own code's words; an
error is its type and where it arose, because the words of an error quote what people typed.
"""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

from loket.config import environment
from loket.kernel import request_ids

_FRAMES = 6
_OURS = "loket."
_JOBS = "procrastinate"
# Under this name a record of ours may carry, in `extra`, plain words and numbers to write beside the event.
FIELDS = "fields"
# Under this name a job carries the id of the request that deferred it, beside its own arguments.
CARRIED = "request_id"
_KEPT_BACK = "(words that were filled in before they came here are kept back)"

_log = logging.getLogger("loket.uncaught")


class OneLine(logging.Formatter):
    """A record as one JSON object: at, level, from, event; and what is known about request, job or error."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(described(record), ensure_ascii=False)


class Readable(logging.Formatter):
    """The same for people at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        known = described(record)
        head = (
            f"{known.pop('at')} {str(known.pop('level')).upper():7} {known.pop('from')}: {known.pop('event')}"
        )
        places = known.pop("where", ())
        rest = "".join(f" {name}={value}" for name, value in known.items())
        return "\n    ".join([head + rest, *map(str, places)])  # type: ignore[call-overload]


def formatter() -> logging.Formatter:
    """As LOKET_LOG_FORMAT wishes. Called by our configuration of logging and by granian's."""
    return OneLine() if environment.logs_are_json() else Readable()


def configuration(level: str = "INFO") -> dict[str, Any]:
    """Django's LOGGING. Everything goes to standard error; whoever runs Loket collects it from there."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "loket.config.logs.formatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would print whole tracebacks, and mail them.
            "django": {"handlers": [], "level": level, "propagate": True},
            # 404s and the like are no news.
            "django.request": {"level": "ERROR"},
            # Say at every start that tasks exist.
            "procrastinate.blueprints": {"level": "WARNING"},
            "procrastinate.periodic": {"level": "WARNING"},
        },
    }


def catch_what_nobody_catches() -> None:
    """For servers and workers: errors that end a process or a thread are logged like all others.

    Python itself would print their words to standard error, and logging those of a line it can't write.
    """
    sys.excepthook = _uncaught
    threading.excepthook = lambda given: _uncaught(
        given.exc_type, given.exc_value or given.exc_type(), given.exc_traceback
    )
    sys.unraisablehook = lambda given: _uncaught(
        given.exc_type, given.exc_value or given.exc_type(), given.exc_traceback
    )
    logging.raiseExceptions = False
    logging.captureWarnings(True)


def _uncaught(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    _log.critical("an error ended a process or a thread", exc_info=(kind, error, where))


def described(record: logging.LogRecord) -> dict[str, object]:
    """What is told of a record, in the order in which it is written."""
    line: dict[str, object] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "from": record.name,
        "event": _event(record),
    }
    if request_id := request_ids.current():
        line["request"] = request_id
    line |= _about_request(record) | _about_jobs(record)
    if record.name.startswith(_OURS):
        line |= getattr(record, FIELDS, {})
    if record.exc_info and record.exc_info[1] is not None:
        line |= {"error": type(record.exc_info[1]).__qualname__, "where": _where(record.exc_info[1])}
    return line


def _event(record: logging.LogRecord) -> str:
    template = str(record.msg)
    if record.name.startswith(_JOBS):
        # Its sentences hold the arguments of jobs; its word for what happened holds nothing.
        return str(getattr(record, "action", record.funcName))
    if record.name.startswith(_OURS):
        return record.getMessage() if record.args else template
    if record.name == "django.request":
        # Its parameters are a phrase and the address.
        return "request failed"
    if record.args:
        return record.getMessage() if _is_harmless(record.args) else template
    return template if _stands_in_source(template, record.pathname) else _KEPT_BACK


def _is_harmless(args: Any) -> bool:
    values = args.values() if isinstance(args, Mapping) else args
    return all(isinstance(value, int | float | UUID) for value in values)


def _stands_in_source(template: str, path: str) -> bool:
    """Whether others' words were written by a programmer; others may hold anything."""
    lines = template.splitlines()
    return len(lines) == 1 and lines[0] in _source(path)


@lru_cache(maxsize=256)
def _source(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _about_request(record: logging.LogRecord) -> dict[str, object]:
    """The pattern of the address and not the address itself, which may hold a token."""
    request = getattr(record, "request", None)
    match = getattr(request, "resolver_match", None)
    about = {
        "status": getattr(record, "status_code", None),
        "method": getattr(request, "method", None),
        "route": getattr(match, "route", None),
    }
    return {name: value for name, value in about.items() if value is not None}


def _about_jobs(record: logging.LogRecord) -> dict[str, object]:
    """Numbers and tasks of the jobs that procrastinate speaks of, without their arguments."""
    if not record.name.startswith(_JOBS):
        return {}
    spoken = getattr(record, "jobs", None) or [getattr(record, "job", None)]
    known = [job for job in spoken if isinstance(job, Mapping)]
    if not known:
        return {}
    about: dict[str, object] = {
        "job": [job.get("id") for job in known] if len(known) > 1 else known[0].get("id"),
        "task": str(known[0].get("task_name", "")),
    }
    arguments = known[0].get("task_kwargs")
    if isinstance(arguments, Mapping) and request_ids.is_well_formed(str(arguments.get(CARRIED, ""))):
        about["request"] = arguments[CARRIED]
    return about


def _where(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames]
