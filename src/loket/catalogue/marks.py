"""A finding before it has a place: the path of what it is about."""

from dataclasses import dataclass

from loket.catalogue.reading import Path
from loket.catalogue.types import Level


@dataclass(frozen=True, slots=True)
class Mark:
    """`line` and `column` count from 1 inside the text at `path`; 0 where the whole of it is meant."""

    level: Level
    code: str
    message: str
    path: Path
    line: int = 0
    column: int = 0
    of_key: bool = False


def error(code: str, message: str, path: Path, *, of_key: bool = False) -> Mark:
    return Mark(Level.ERROR, code, message, path, of_key=of_key)


def warning(code: str, message: str, path: Path, *, of_key: bool = False) -> Mark:
    return Mark(Level.WARNING, code, message, path, of_key=of_key)


def not_shown(code: str, message: str, path: Path, *, of_key: bool = False) -> Mark:
    return Mark(Level.NOT_SHOWN, code, message, path, of_key=of_key)


def info(code: str, message: str, path: Path, *, of_key: bool = False) -> Mark:
    return Mark(Level.INFO, code, message, path, of_key=of_key)
