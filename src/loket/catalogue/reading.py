"""Reads YAML 1.2 into plain data and remembers where everything stood.

Packs come from anybody, so this reads a subset: no tags, no merge keys, no key twice, and bounded size, depth
and number of values. What an alias repeats counts again each time, because a few lines of aliases of aliases
can grow to gigabytes.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from ruamel.yaml.reader import ReaderError

MOST_BYTES = 512 * 1024
_MOST_VALUES = 50_000
_MOST_DEPTH = 40
_MOST_ALIASES = 200

Path = tuple[str | int, ...]
Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

# YAML 1.2's core schema. Dates stay text: whoever expects a date reads it.
_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
# A longer run of digits is a number only by its looks, and must not lose any.
_MOST_DIGITS = 18
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

# What YAML counts as the end of a line; str.splitlines() knows more.
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a value stands and where its key does; `style` is YAML's mark for quotes and blocks."""

    key: Place
    value: Place
    style: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """Plain data with the place of every value by its path."""

    data: dict[str, Plain]
    entries: dict[Path, Entry]
    lines: tuple[str, ...]


class Unreadable(Exception):
    """The text is not a pack at all; `str()` is the sentence that says why."""

    def __init__(self, code: str, message: str, place: Place) -> None:
        super().__init__(message)
        self.code, self.place = code, place


def read(text: str) -> Located:
    """The document in `text`. Raises Unreadable."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise Unreadable(
            "too-large", f"The file is larger than {MOST_BYTES // 1024} kB, the most there is room for.", _TOP
        )
    try:
        return _Reader(text).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else _TOP
        raise Unreadable("yaml", f"This is not YAML: {error.problem or error.context}.", place) from None
    except ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise Unreadable("yaml", "There is a character here that YAML does not allow.", place) from None
    except YAMLError as error:
        raise Unreadable("yaml", f"This is not YAML: {error}.", _TOP) from None


_TOP = Place(1, 1)


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A value with a name: where it stands and how many values it holds, itself included."""

    path: Path
    value: Plain
    values: int


class _Reader:
    """Builds data from parser events rather than nodes: a bomb is refused before it goes off."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)
        self._entries: dict[Path, Entry] = {}
        self._values = self._aliases = 0
        self._anchors: dict[str, _Anchored] = {}
        self._lines = tuple(_LINE_END.split(text))

    def document(self) -> Located:
        event = self._next(StreamStartEvent)
        event = next(self._events)
        if isinstance(event, StreamEndEvent):
            raise Unreadable("empty", "The file is empty.", _TOP)
        event = next(self._events)
        if not isinstance(event, MappingStartEvent):
            raise Unreadable(
                "not-a-service", "A service starts with keys such as “schema: 1”.", _place(event)
            )
        data = self._mapping(event, ())
        self._next(DocumentEndEvent)
        following = next(self._events)
        if isinstance(following, DocumentStartEvent):
            raise Unreadable(
                "second-document", "One file holds one service; here starts a second.", _place(following)
            )
        return Located(data, self._entries, self._lines)

    def _next(self, expected: type[Event]) -> Event:
        event = next(self._events)
        if not isinstance(event, expected):
            raise Unreadable("yaml", "This is not one whole YAML document.", _place(event))
        return event

    def _value(self, event: Event, path: Path) -> Plain:
        before = self._values
        self._count(1, event)
        self._check_depth(path, event)
        if isinstance(event, AliasEvent):
            return self._repeated(event, path)
        value = self._scalar_or_collection(event, path)
        if isinstance(event, NodeEvent) and event.anchor:
            # Known from here on only, so nothing can contain itself.
            self._anchors[str(event.anchor)] = _Anchored(path, value, self._values - before)
        return value

    def _scalar_or_collection(self, event: Event, path: Path) -> Plain:
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        if isinstance(event, CollectionStartEvent) and event.tag:
            raise Unreadable("tag", f"Tags ({event.tag}) are not read here.", _place(event))
        return self._mapping(event, path) if isinstance(event, MappingStartEvent) else self._sequence(path)

    def _check_depth(self, path: Path, event: Event) -> None:
        if len(path) > _MOST_DEPTH:
            raise Unreadable(
                "too-deep", f"This is nested more than {_MOST_DEPTH} levels deep.", _place(event)
            )

    def _count(self, values: int, event: Event) -> None:
        self._values += values
        if self._values > _MOST_VALUES:
            raise Unreadable(
                "too-large",
                f"The file holds more than {_MOST_VALUES} values; what an alias repeats counts each time.",
                _place(event),
            )

    def _repeated(self, event: AliasEvent, path: Path) -> Plain:
        """The value of an anchor, with its own places, where mistakes in it are mended."""
        self._aliases += 1
        if self._aliases > _MOST_ALIASES:
            raise Unreadable("alias", f"The file has more than {_MOST_ALIASES} aliases.", _place(event))
        anchored = self._anchors.get(str(event.anchor))
        if anchored is None:
            raise Unreadable(
                "alias", f"No whole value called &{event.anchor} stands before this alias.", _place(event)
            )
        self._count(anchored.values, event)
        length = len(anchored.path)
        copied = {
            (*path, *there[length:]): entry
            for there, entry in self._entries.items()
            if len(there) > length and there[:length] == anchored.path
        }
        self._check_depth(max(copied, key=len, default=path), event)
        self._entries |= copied
        return anchored.value

    def _sequence(self, path: Path) -> list[Plain]:
        items: list[Plain] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            here = (*path, len(items))
            self._remember(here, event, event)
            items.append(self._value(event, here))
        return items

    def _mapping(self, start: Event, path: Path) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        if not path:
            self._remember(path, start, start)
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event)
            if key in found:
                first = self._entries[(*path, key)].key.line
                raise Unreadable(
                    "duplicate-key", f"“{key}” is written twice; the first is in line {first}.", _place(event)
                )
            value = next(self._events)
            here = (*path, key)
            self._remember(here, event, value)
            found[key] = self._value(value, here)
        return found

    def _key(self, event: Event) -> str:
        if isinstance(event, AliasEvent):
            raise Unreadable("alias", "A key can't be an alias.", _place(event))
        if not isinstance(event, ScalarEvent) or event.tag:
            raise Unreadable("key", "A key must be a plain word.", _place(event))
        if event.value == "<<" and _is_plain(event):
            raise Unreadable("merge", "Merge keys (<<) are not read here; write the keys out.", _place(event))
        return str(event.value)

    def _remember(self, path: Path, key: Event, value: Event) -> None:
        self._entries[path] = Entry(_place(key), _place(value), getattr(value, "style", None) or "")


def _is_plain(event: ScalarEvent) -> bool:
    return not event.style


def _scalar(event: ScalarEvent) -> Plain:
    text = str(event.value)
    if event.tag and event.tag != "!":
        raise Unreadable("tag", f"Tags ({event.tag}) are not read here.", _place(event))
    if not _is_plain(event) or event.tag:
        return text
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _MOST_DIGITS else text
    if _DECIMAL.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def _place(event: Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1)
