"""Logs: one line of JSON an event, with ids and never with answers, names or addresses.

A message's template is logged, its parameters only where they are numbers, ids or our own code's words; an
error is its type and where it arose, because the words of an error quote what people typed.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

_FRAMES = 6


class OneLine(logging.Formatter):
    """A record as one JSON object: at, level, from, event; and what is known about a request or an error."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": _event(record),
        }
        line |= _about_request(record)
        if record.exc_info and record.exc_info[1] is not None:
            line |= {"error": type(record.exc_info[1]).__qualname__, "where": _where(record.exc_info[1])}
        return json.dumps(line, ensure_ascii=False)


def configuration(level: str = "INFO") -> dict[str, Any]:
    """Django's LOGGING. Everything goes to standard error; whoever runs Loket collects it from there."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": OneLine}},
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


def _event(record: logging.LogRecord) -> str:
    template = str(record.msg)
    if not record.args:
        return template
    if record.name.startswith("loket.") or _is_harmless(record.args):
        return record.getMessage()
    return template


def _is_harmless(args: Any) -> bool:
    values = args.values() if isinstance(args, dict) else args
    return all(isinstance(value, int | float | UUID) for value in values)


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


def _where(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames]
