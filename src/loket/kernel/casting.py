"""Rows in great numbers: one row made in the usual way is the mould, and what differs is put in anew.

The rows come out as PostgreSQL's COPY takes them (its binary format). Pure: values in, bytes out.
"""

import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
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
_Picker = Callable[[Sequence[bytes]], bytes]


def microseconds(moment: datetime) -> int:
    """As PostgreSQL counts."""
    return (moment - EPOCH) // _MICROSECOND


class Mould:
    """Casts the rows of one example for others. `tables` says where they go: store, table, columns.

    Whatever a cast is put together from stands in one list, its pool: bytes that never differ, then what is
    given, then each field as it is made. A picker takes its places out of it and joins them, all in C.
    """

    def __init__(self, rows: Sequence[Row], example: Example, *, telltale: str) -> None:
        """`telltale` is part of every text that differs. Raises NotUnderstood where it would be copied."""
        self._example, self._telltale = example, telltale.encode()
        self._places = _places(example)
        self._search = re.compile(
            b"|".join(re.escape(mark) for mark in sorted(self._places, key=len, reverse=True))
        )
        # In the order in which a cast makes them; what stands in several columns is made once.
        self._moments: dict[int, None] = {}
        self._texts: list[_Parts] = []
        self._sealed: list[tuple[_Parts, _Parts]] = []
        self._wrapped: list[_Parts] = []
        self._digested: dict[tuple[Callable[..., bytes], tuple[int, ...]], None] = {}
        of_tables: dict[tuple[str, str, tuple[str, ...]], list[bytes | tuple[str, int]]] = {}
        for row in rows:
            table = row.store, row.table, tuple(column.name for column in row.columns)
            of_tables.setdefault(table, []).extend(self._row(row))
        self.tables = tuple(of_tables)
        self._number(of_tables.values())
        self.moments_used = frozenset(self._moments) | {one.moment for one in self._written}

    def cast(self, given: Given) -> list[bytes]:
        """The rows for each of `tables`. Of `moments` only those in `moments_used` need be there."""
        ids, moments = given.ids, given.moments
        pool = [*self._constants, *[text.encode() for text in given.texts], *ids]
        pool += [_hyphened(ids[place]) for place in self._hyphened]
        pool += [one.how(_moment(moments[one.moment])).encode() for one in self._written]
        pool += [_UUID + value for value in ids]
        pool += [_TIME(8, moments[place]) for place in self._moments]
        for text in self._pick_texts:
            made = text(pool)
            pool.append(_LENGTH(len(made)) + made)
        encrypt = given.sealer.encrypt
        for plain, about in self._pick_sealed:
            made = encrypt(plain(pool), about=about(pool))
            pool.append(_LENGTH(len(made)) + made)
        for about in self._pick_wrapped:
            made = given.wrap(about(pool))
            pool.append(_LENGTH(len(made)) + made)
        for make, of in self._pick_digested:
            made = make(*[pool[place].decode() for place in of])
            pool.append(_LENGTH(len(made)) + made)
        return [rows(pool) for rows in self._pick_rows]

    def _number(self, of_tables: Iterable[list[bytes | tuple[str, int]]]) -> None:
        """Gives everything its place in the pool, and makes the pickers."""
        texts, ids = len(self._example.texts), len(self._example.ids)
        # Few of the example's ids and moments are written out anywhere.
        holes = sorted({part for part in self._in_values() if isinstance(part, int)})
        written = texts + 2 * ids
        hyphened = [hole for hole in holes if texts + ids <= hole < written]
        used = [hole for hole in holes if hole >= written]
        self._hyphened = tuple(hole - texts - ids for hole in hyphened)
        self._written = tuple(self._example.written[hole - written] for hole in used)
        joined = [_joined(rows) for rows in of_tables]
        parts = (*self._in_values(), *(part for rows in joined for part in rows))
        constants = {part: None for part in parts if isinstance(part, bytes)}
        self._constants = tuple(constants)
        order = (*constants, *range(texts + ids), *hyphened, *used, *self._fields())
        at: dict[object, int] = {name: place for place, name in enumerate(order)}

        def picker(parts: Iterable[object]) -> _Picker:
            return _picker([at[part] for part in parts])

        self._pick_texts = [picker(parts) for parts in self._texts]
        self._pick_sealed = [(picker(plain), picker(about)) for plain, about in self._sealed]
        self._pick_wrapped = [picker(about) for about in self._wrapped]
        self._pick_digested = [(make, tuple(at[place] for place in of)) for make, of in self._digested]
        self._pick_rows = [picker(parts) for parts in joined]

    def _fields(self) -> Iterable[tuple[str, int]]:
        """What stands between the constant parts of rows, in the order in which a cast makes it."""
        groups = {
            "ids": len(self._example.ids),
            "moments": len(self._moments),
            "texts": len(self._texts),
            "sealed": len(self._sealed),
            "wrapped": len(self._wrapped),
            "digested": len(self._digested),
        }
        return ((name, place) for name, size in groups.items() for place in range(size))

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
            digest = value.make, tuple(self._places[text.encode()] for text in value.of)
            self._digested.setdefault(digest)
            found = "digested", list(self._digested).index(digest)
        elif isinstance(value, UUID) and value in self._example.ids:
            found = "ids", self._example.ids.index(value)
        elif isinstance(value, datetime):
            if value not in self._example.moments:
                raise NotUnderstood(f"no rule gives {value.isoformat()}")
            moment = self._example.moments.index(value)
            self._moments.setdefault(moment)
            found = "moments", list(self._moments).index(moment)
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

    def _in_values(self) -> Iterable[bytes | int]:
        """The parts of everything that a cast puts together before it comes to rows."""
        several = [*self._texts, *self._wrapped, *(parts for pair in self._sealed for parts in pair)]
        several += [of for _, of in self._digested]
        return (part for parts in several for part in parts)


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


def _joined(parts: Iterable[bytes | tuple[str, int]]) -> tuple[bytes | tuple[str, int], ...]:
    """Neighbours that never differ become one."""
    joined: list[bytes | tuple[str, int]] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, bytes) and isinstance(last, bytes):
            joined[-1] = last + part
        else:
            joined.append(part)
    return tuple(joined)


def _picker(places: Sequence[int]) -> _Picker:
    """Joins what stands at these places."""
    if not places:
        return lambda _: b""
    if len(places) == 1:
        return itemgetter(*places)
    take, join = itemgetter(*places), b"".join
    return lambda pool: join(take(pool))


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
