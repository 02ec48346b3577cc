"""Hears every line that any logger writes, as it would be written, whatever its level."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from loket.config.logs import OneLine


@dataclass(slots=True)
class Heard:
    lines: list[str] = field(default_factory=list)

    def leaks(self, marks: Mapping[str, str]) -> list[tuple[str, str]]:
        """What each mark is, and the line that holds it; in whatever spelling of upper and lower case."""
        return [
            (what, line)
            for line in self.lines
            for what, mark in marks.items()
            if mark and mark.lower() in line.lower()
        ]


class _Ear(logging.Handler):
    def __init__(self, heard: Heard) -> None:
        super().__init__(logging.DEBUG)
        self.heard, self.writer = heard, OneLine()

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.lines.append(self.writer.format(record))


@contextmanager
def listening() -> Iterator[Heard]:
    heard = Heard()
    ear, root = _Ear(heard), logging.getLogger()
    known = [
        root,
        *(found for found in root.manager.loggerDict.values() if isinstance(found, logging.Logger)),
    ]
    levels = [(logger, logger.level) for logger in known]
    for logger in known:
        # Statements with their values are logged at DEBUG, where nobody runs Loket: settings refuse it.
        logger.setLevel(logging.INFO if logger.name.startswith("django.db") else logging.DEBUG)
    root.addHandler(ear)
    try:
        yield heard
    finally:
        root.removeHandler(ear)
        for logger, level in levels:
            logger.setLevel(level)
