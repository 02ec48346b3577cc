"""Writing rows where every statement counts: with SQL that is made once, and several tables in one statement.

Django's signals and defaults of the database don't take part.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connections, models, router


def insert_together(*tables: Sequence[models.Model]) -> None:
    """Inserts new rows, each argument of one table; empty ones are left out. Exactly 1 statement.

    Foreign keys between them hold: they are checked when the transaction ends.
    """
    filled = [rows for rows in tables if rows]
    if not filled:
        return
    alias = _database(filled[0][0])
    sql = _insert_sql(tuple((type(rows[0]), len(rows)) for rows in filled))
    values = [value for rows in filled for row in rows for value in _values(row, _inserted(type(row)), alias)]
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, values)
    for rows in filled:
        for row in rows:
            row._state.adding, row._state.db = False, alias


def insert(row: models.Model) -> None:
    """Inserts one new row (1 statement)."""
    insert_together([row])


def insert_unless_there(row: models.Model) -> bool:
    """The same where no row has what must be unique; says whether it was inserted (1 statement)."""
    alias = _database(row)
    with connections[alias].cursor() as cursor:
        sql = f"{_insert_sql(((type(row), 1),))} ON CONFLICT DO NOTHING"
        cursor.execute(sql, _values(row, _inserted(type(row)), alias))
        inserted = bool(cursor.rowcount)
    row._state.adding, row._state.db = not inserted, alias
    return inserted


def update(row: models.Model, *names: str, where: Mapping[str, object] | None = None) -> bool:
    """Writes these fields of a row (1 statement); whether it is there, and still as `where` says."""
    alias = _database(row)
    connection, held = connections[alias], where or {}
    values = [
        field.get_db_prep_save(field.pre_save(row, add=False), connection)
        for field in _fields(type(row), names)
    ]
    found = [
        field.get_db_prep_save(held[name], connection)
        for name, field in zip(held, _fields(type(row), tuple(held)), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_update_sql(type(row), names, tuple(held)), [*values, row.pk, *found])
        return bool(cursor.rowcount)


def _database(row: models.Model) -> str:
    return router.db_for_write(type(row), instance=row)


def _values(row: models.Model, fields: Sequence[Any], alias: str) -> list[Any]:
    connection = connections[alias]
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]


@lru_cache(maxsize=256)
def _insert_sql(tables: tuple[tuple[type[models.Model], int], ...]) -> str:
    *before, last = [_insert(model, count) for model, count in tables]
    named = ", ".join(f"put{place} AS ({sql})" for place, sql in enumerate(before))
    return f"WITH {named} {last}" if named else last


def _insert(model: type[models.Model], count: int) -> str:
    fields = _inserted(model)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * count)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {places}'  # noqa: S608


@lru_cache(maxsize=256)
def _inserted(model: type[models.Model]) -> tuple[Any, ...]:
    # What the database draws or knows by itself is not ours to give.
    return tuple(
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField) and not field.has_db_default()
    )


@lru_cache(maxsize=256)
def _update_sql(model: type[models.Model], names: tuple[str, ...], held: tuple[str, ...]) -> str:
    changes = ", ".join(f'"{field.column}" = %s' for field in _fields(model, names))
    key: Any = model._meta.pk
    found = "".join(f' AND "{field.column}" = %s' for field in _fields(model, held))
    return f'UPDATE "{model._meta.db_table}" SET {changes} WHERE "{key.column}" = %s{found}'  # noqa: S608


@lru_cache(maxsize=256)
def _fields(model: type[models.Model], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(model._meta.get_field(name) for name in names)
