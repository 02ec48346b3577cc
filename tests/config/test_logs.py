"""Logs are one line of JSON, and nothing that people typed is in them."""

import json
import logging
import sys
from types import SimpleNamespace
from typing import Any

from loket.config import logs

_TYPED = "amina@example.org"


def _line(record: logging.LogRecord) -> dict[str, Any]:
    written = logs.OneLine().format(record)
    assert "\n" not in written
    assert _TYPED not in written
    read: dict[str, Any] = json.loads(written)
    return read


def _record(name: str, message: str, *args: object, error: Exception | None = None) -> logging.LogRecord:
    known = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, known)


def test_what_others_fill_into_a_message_stays_out() -> None:
    line = _line(_record("somebody.elses", "could not mail %s", _TYPED))
    assert line["event"] == "could not mail %s"


def test_numbers_are_told() -> None:
    assert _line(_record("somebody.elses", "tried %d times", 3))["event"] == "tried 3 times"


def test_our_own_words_are_told() -> None:
    assert _line(_record("loket.casework", "case %s closed", "7K3P"))["event"] == "case 7K3P closed"


def test_an_error_is_its_type_and_place_and_not_its_words() -> None:
    try:
        raise ValueError(f"duplicate {_TYPED}")
    except ValueError as error:
        line = _line(_record("django.request", "%s: %s", "Error", f"/track/{_TYPED}", error=error))
    assert line["error"] == "ValueError"
    assert any("test_logs.py" in place for place in line["where"])


def test_a_request_is_its_route_and_not_its_address() -> None:
    record = _record("django.request", "%s: %s", "Internal Server Error", f"/resume/{_TYPED}")
    record.request = SimpleNamespace(method="GET", resolver_match=SimpleNamespace(route="resume/<token>"))
    record.status_code = 500
    line = _line(record)
    assert (line["status"], line["method"], line["route"]) == (500, "GET", "resume/<token>")


def test_the_configuration_is_accepted_by_logging() -> None:
    settings = logs.configuration("WARNING")
    assert logging.config.DictConfigurator(settings).config["root"]["level"] == "WARNING"
    assert "logging.config" in sys.modules
