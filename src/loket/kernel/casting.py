"""Rows in great numbers: one row made in the usual way is the mould, and what differs is put in anew.

The rows come out as PostgreSQL's COPY takes them (its binary format). Pure: values in, bytes out.
"""

import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from loket.kernel import compact_json

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL = b"\xff\xff"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NULL = b"\xff\xff\xff\xff"
_UUID = b"\0\0\0\x10"
_TIME = struct.Struct(">iq").pack
_LENGTH = struct.Struct(">i").pack
_INTEGERS = {"smallint": ">h", "integer": ">i", "bigint": ">q"}
# PostgreSQL's own number for the type of an array's members.
_UUID_TYPE = 2950


class Sealer(Protocol):
    """What seals: a data key."""

    def encrypt(self, plain: bytes, *, about: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value sealed under the subject's key, opened. `about` is what it is bound to."""

    plain: bytes
    about: bytes


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The subject's key itself; `about` is what its wrapping is bound to."""

    about: bytes


@dataclass(frozen=True, slots=True)
class Same:
    """Bytes that are the same for everybody."""

    value: bytes


@dataclass(frozen=True, slots=True)
class Digested:
    """A digest that `make` makes of other values: of texts among those that differ."""

    make: Callable[..., bytes]
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is the database's word for its type, such as `uuid`."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was made, with sealed values opened. `store` names its database."""

    table: str
    columns: tuple[Column, ...]
    values: tuple[object, ...]
    store: str = "default"

    def value(self, name: str) -> object:
        return next(
            value for column, value in zip(self.columns, self.values, strict=True) if column.name == name
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A moment as it stands in a text: which one, and how it is written."""

    moment: int
    how: Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Example:
    """What of the example is replaced: its texts, its moments, its ids, each in order; `written` says how
    moments may stand in texts. Of two rules that give the same moment the first holds."""

    texts: tuple[str, ...]
    moments: tuple[datetime, ...]
    ids: tuple[UUID, ...]
    written: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The same of one cast, with the key that seals it."""

    texts: Sequence[str]
    moments: Mapping[int, int]
    ids: Sequence[bytes]
    sealer: Sealer
    wrap: Callable[[bytes], bytes]


class NotUnderstood(ValueError):
    """A value of the example that can't be told to be anybody's: a cast would copy it to everybody."""


# A text with holes: bytes as they are, and the places of what is put in.
_Parts = tuple[bytes | int, ...]


def microseconds(moment: datetime) -> int:
    """As PostgreSQL counts."""
    return (moment - EPOCH) // _MICROSECOND


class Mould:
    """Casts the rows of one example for others. `tables` says where each row goes: store, table, columns."""

    def __init__(self, rows: Sequence[Row], example: Example, *, telltale: str) -> None:
        """`telltale` is part of every text that differs. Raises NotUnderstood where it would be copied."""
        self.tables = tuple(
            (row.store, row.table, tuple(column.name for column in row.columns)) for row in rows
        )
        self._example, self._telltale = example, telltale.encode()
        self._places = _places(example)
        self._search = re.compile(
            b"|".join(re.escape(mark) for mark in sorted(self._places, key=len, reverse=True))
        )
        self._moments: list[int] = []
        self._texts: list[_Parts] = []
        self._sealed: list[tuple[_Parts, _Parts]] = []
        self._wrapped: list[_Parts] = []
        self._digested: list[tuple[Callable[..., bytes], tuple[int, ...]]] = []
        rows_with_holes = [self._row(row) for row in rows]
        starts = self._starts()
        self._rows = [
            _joined(tuple(part if isinstance(part, bytes) else starts[part[0]] + part[1] for part in row))
            for row in rows_with_holes
        ]
        first = len(example.texts) + 2 * len(example.ids)
        self._written = {part: example.written[part - first] for part in self._holes() if part >= first}
        self.moments_used = frozenset(self._moments) | {one.moment for one in self._written.values()}

    def cast(self, given: Given) -> list[bytes]:
        """A row for each of `tables`. Of `moments` only those in `moments_used` need be there."""
        raw = [text.encode() for text in given.texts]
        raw += given.ids
        raw += [_hyphened(value) for value in given.ids]
        moments = given.moments
        written = {
            place: one.how(_moment(moments[one.moment])).encode() for place, one in self._written.items()
        }
        fields = [_UUID + value for value in given.ids]
        fields += [_TIME(8, moments[place]) for place in self._moments]
        for parts in self._texts:
            text = _filled(parts, raw, written)
            fields.append(_LENGTH(len(text)) + text)
        encrypt = given.sealer.encrypt
        for plain, about in self._sealed:
            sealed = encrypt(_filled(plain, raw, written), about=_filled(about, raw, written))
            fields.append(_LENGTH(len(sealed)) + sealed)
        for about in self._wrapped:
            wrapped = given.wrap(_filled(about, raw, written))
            fields.append(_LENGTH(len(wrapped)) + wrapped)
        for make, of in self._digested:
            digest = make(*[raw[place].decode() for place in of])
            fields.append(_LENGTH(len(digest)) + digest)
        return [
            b"".join([part if part.__class__ is bytes else fields[part] for part in row])  # type: ignore[index]
            for row in self._rows
        ]

    def _row(self, row: Row) -> list[bytes | tuple[str, int]]:
        """The row's bytes with holes: of which group, and its place there."""
        parts: list[bytes | tuple[str, int]] = [struct.pack(">h", len(row.columns))]
        for column, value in zip(row.columns, row.values, strict=True):
            try:
                parts.append(self._field(column, value))
            except NotUnderstood as problem:
                raise NotUnderstood(f"{row.table}.{column.name}: {problem}") from None
        return parts

    def _field(self, column: Column, value: object) -> bytes | tuple[str, int]:
        found: bytes | tuple[str, int]
        if value is None:
            found = _NULL
        elif isinstance(value, Same):
            found = _LENGTH(len(value.value)) + value.value
        elif isinstance(value, Sealed):
            self._sealed.append((self._parts(value.plain), self._parts(value.about)))
            found = "sealed", len(self._sealed) - 1
        elif isinstance(value, Wrapped):
            self._wrapped.append(self._parts(value.about))
            found = "wrapped", len(self._wrapped) - 1
        elif isinstance(value, Digested):
            self._digested.append((value.make, tuple(self._places[text.encode()] for text in value.of)))
            found = "digested", len(self._digested) - 1
        elif isinstance(value, UUID) and value in self._example.ids:
            found = "ids", self._example.ids.index(value)
        elif isinstance(value, datetime):
            if value not in self._example.moments:
                raise NotUnderstood(f"no rule gives {value.isoformat()}")
            self._moments.append(self._example.moments.index(value))
            found = "moments", len(self._moments) - 1
        else:
            found = self._text(_encoded(column.kind, value))
        return found

    def _text(self, encoded: bytes) -> bytes | tuple[str, int]:
        parts = self._parts(encoded)
        if all(isinstance(part, bytes) for part in parts):
            return _LENGTH(len(encoded)) + encoded
        self._texts.append(parts)
        return "texts", len(self._texts) - 1

    def _parts(self, text: bytes) -> _Parts:
        parts: list[bytes | int] = []
        end = 0
        for found in self._search.finditer(text):
            parts += [text[end : found.start()], self._places[found[0]]]
            end = found.end()
        parts.append(text[end:])
        if any(isinstance(part, bytes) and self._telltale in part for part in parts):
            raise NotUnderstood("something of the example is left in it")
        return tuple(part for part in parts if part != b"")

    def _holes(self) -> Iterable[int]:
        texts = [*self._texts, *self._wrapped, *(parts for pair in self._sealed for parts in pair)]
        return (part for parts in texts for part in parts if isinstance(part, int))

    def _starts(self) -> Mapping[str, int]:
        """Where each group begins among the fields of a cast."""
        groups = {
            "ids": len(self._example.ids),
            "moments": len(self._moments),
            "texts": len(self._texts),
            "sealed": len(self._sealed),
            "wrapped": len(self._wrapped),
            "digested": len(self._digested),
        }
        starts, start = {}, 0
        for name, size in groups.items():
            starts[name] = start
            start += size
        return starts


def _places(example: Example) -> dict[bytes, int]:
    """What is searched for, and where what takes its place is found: texts, ids as bytes, ids written out,
    moments written out."""
    places = {text.encode(): place for place, text in enumerate(example.texts)}
    start = len(example.texts)
    places |= {one.bytes: start + place for place, one in enumerate(example.ids)}
    start += len(example.ids)
    places |= {str(one).encode(): start + place for place, one in enumerate(example.ids)}
    start += len(example.ids)
    for place, one in enumerate(example.written):
        places.setdefault(one.how(example.moments[one.moment]).encode(), start + place)
    return places


def _joined(parts: _Parts) -> _Parts:
    """Neighbours that never differ become one."""
    joined: list[bytes | int] = []
    for part in parts:
        if isinstance(part, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def _filled(parts: _Parts, raw: Sequence[bytes], written: Mapping[int, bytes]) -> bytes:
    if len(parts) == 1 and isinstance(parts[0], bytes):
        return parts[0]
    count = len(raw)
    return b"".join(
        [
            part if part.__class__ is bytes else raw[part] if part < count else written[part]  # type: ignore[index,operator]
            for part in parts
        ]
    )


def _encoded(kind: str, value: object) -> bytes:
    """A value as PostgreSQL sends it. Raises NotUnderstood on what no table of ours had yet."""
    found: bytes | None = None
    if kind in _INTEGERS and isinstance(value, int):
        found = struct.pack(_INTEGERS[kind], value)
    elif kind == "boolean" and isinstance(value, bool):
        found = b"\1" if value else b"\0"
    elif kind == "date" and isinstance(value, date):
        found = struct.pack(">i", (value - EPOCH.date()).days)
    elif kind == "uuid" and isinstance(value, UUID):
        found = value.bytes
    elif kind == "uuid[]" and isinstance(value, Sequence) and value:
        head = struct.pack(">iiIii", 1, 0, _UUID_TYPE, len(value), 1)
        found = head + b"".join(_UUID + one.bytes for one in value)
    elif kind == "jsonb":
        found = b"\1" + compact_json.dump(value)
    elif kind.startswith(("text", "varchar")) and isinstance(value, str):
        found = value.encode()
    if found is None:
        raise NotUnderstood(f"a {type(value).__name__} in a column of {kind}")
    return found


def _hyphened(value: bytes) -> bytes:
    written = value.hex()
    return f"{written[:8]}-{written[8:12]}-{written[12:16]}-{written[16:20]}-{written[20:]}".encode()


def _moment(count: int) -> datetime:
    return EPOCH + count * _MICROSECOND
