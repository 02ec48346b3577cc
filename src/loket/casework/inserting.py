"""Rows of several tables in one statement, for where every statement counts."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def insert_together(*tables: Sequence[models.Model]) -> None:
    """Inserts new rows, each argument of one table; empty ones are left out. Exactly 1 statement.

    Foreign keys between them hold: they are checked when the transaction ends. Django's signals and defaults
    of the database don't take part.
    """
    filled = [rows for rows in tables if rows]
    if not filled:
        return
    parts: list[str] = []
    values: list[Any] = []
    for rows in filled:
        sql, given = _insert(rows)
        parts.append(sql)
        values += given
    *before, last = parts
    named = ", ".join(f"put{place} AS ({sql})" for place, sql in enumerate(before))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {named} {last}" if named else last, values)
    for rows in filled:
        for row in rows:
            row._state.adding, row._state.db = False, connection.alias


def _insert(rows: Sequence[models.Model]) -> tuple[str, list[Any]]:
    meta = rows[0]._meta
    # A number that the database draws is not ours to give.
    fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * len(rows))
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields
    ]
    return f'INSERT INTO "{meta.db_table}" ({columns}) VALUES {places}', values  # noqa: S608
