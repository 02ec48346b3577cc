"""The open county as rows: opening it by the actions takes a second, and hundreds of tests start from it.

The first test of a process opens it by the actions and keeps the rows that this made. The next ones get
these rows back by COPY, with their own `now` in the place of the first one's. Where a test has made something
before, and on another day (fines count back from it), the actions are called again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps
from django.db import connections, router, transaction
from psycopg import sql

from loket.config.sample.place import open_place

# Sealed with their moment inside, so they keep it.
_SEALED = frozenset({"audit_entry"})
ALIASES = ("default", "keys")


@dataclass(frozen=True, slots=True)
class Rows:
    """By database and table: what COPY gave, and the moment that stands in it."""

    moment: str
    tables: Mapping[str, Mapping[str, bytes]]


_kept: dict[date, Rows] = {}


def open_county(now: datetime) -> None:
    if not _is_empty():
        open_place(now)
        return
    kept = _kept.get(now.date())
    if kept is None:
        open_place(now)
        _kept[now.date()] = take(now)
        return
    lay_down(kept, now)


def take(now: datetime) -> Rows:
    """All rows there are."""
    tables: dict[str, dict[str, bytes]] = {}
    for alias in ALIASES:
        found = {table: _copied_out(alias, table) for table in _tables(alias)}
        tables[alias] = {table: rows for table, rows in found.items() if rows}
    return Rows(_as_written(now), tables)


def lay_down(rows: Rows, now: datetime) -> None:
    moment = _as_written(now)
    for alias in ALIASES:
        with transaction.atomic(using=alias):
            for table, content in rows.tables[alias].items():
                mine = content if table in _SEALED else content.replace(rows.moment.encode(), moment.encode())
                _copied_in(alias, table, mine)
                _draw_further(alias, table)


def _tables(alias: str) -> list[str]:
    return sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and model._meta.app_label not in {"contenttypes", "procrastinate"}
        and model._meta.label_lower != "auth.permission"
        and router.allow_migrate_model(alias, model)
    )


def _is_empty() -> bool:
    for alias in ALIASES:
        asked = sql.SQL(" OR ").join(
            sql.SQL("EXISTS (SELECT FROM {})").format(sql.Identifier(table)) for table in _tables(alias)
        )
        with connections[alias].cursor() as cursor:
            cursor.execute(sql.SQL("SELECT {}").format(asked))
            if cursor.fetchone()[0]:
                return False
    return True


def _as_written(moment: datetime) -> str:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz::text", [moment])
        return str(cursor.fetchone()[0])


def _draw_further(alias: str, table: str) -> None:
    """Whoever emptied the tables may have let the numbers begin again."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_serial_sequence(%s, column_name) FROM information_schema.columns"
            " WHERE table_name = %s AND column_name = 'id' AND table_schema = current_schema()",
            [table, table],
        )
        found = cursor.fetchone()
        if found and found[0]:
            cursor.execute(
                sql.SQL("SELECT setval(%s, greatest(nextval(%s), (SELECT max(id) FROM {})))").format(
                    sql.Identifier(table)
                ),
                [found[0], found[0]],
            )


def _columns(alias: str, table: str) -> sql.Composable:
    """Those that are written, in their order: the database works the others out."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND is_generated = 'NEVER' AND table_schema = current_schema() ORDER BY ordinal_position",
            [table],
        )
        return sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())


def _copied_out(alias: str, table: str) -> bytes:
    asked = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), _columns(alias, table))
    with connections[alias].cursor() as cursor, cursor.cursor.copy(asked) as copy:
        return b"".join(bytes(part) for part in copy)


def _copied_in(alias: str, table: str, content: bytes) -> None:
    told = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _columns(alias, table))
    with connections[alias].cursor() as cursor, cursor.cursor.copy(told) as copy:
        copy.write(content)
