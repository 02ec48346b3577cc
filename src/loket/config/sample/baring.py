"""Tables without what makes writing slow: foreign keys and indexes, taken away and put back as they were.

Checking a million rows' foreign keys one by one, and keeping every index while they come, costs far more than
the rows. All of it happens in the transaction of the load: PostgreSQL itself puts everything back where the
load fails or is killed, and nobody else ever sees a table without them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

# Whoever reads or writes these tables waits until the load is over: it must not begin among others.
_PATIENCE = "2s"
# For sorting and joining once what would have been looked up a million times.
_MEMORY = "512MB"
_FOREIGN_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY 1, 2
"""
# Those of primary keys and unique constraints stay: other tables point at them.
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f') ORDER BY 1
"""


class Busy(Exception):
    """Somebody else uses the tables."""


@contextmanager
def bared(tables: Sequence[str]) -> Iterator[None]:
    """Inside a transaction: these tables of the main database without foreign keys and secondary indexes.

    Afterwards they are there again and hold for every row. Raises Busy where somebody uses the tables,
    having changed nothing.
    """
    keys, indexes = _take_away(tables)
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [_MEMORY])
        for (definition,) in indexes:
            cursor.execute(definition)
        # After the indexes and their statistics, by which a foreign key is checked in one go.
        for table in tables:
            cursor.execute(f"ANALYZE {table}")
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _take_away(tables: Sequence[str]) -> tuple[list[tuple[str, str, str]], list[tuple[str]]]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
            cursor.execute(_FOREIGN_KEYS, [list(tables)])
            keys = cursor.fetchall()
            cursor.execute(_INDEXES, [list(tables)])
            indexes = cursor.fetchall()
            for table, name, _ in keys:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            for name, _ in indexes:
                cursor.execute(f"DROP INDEX {name}")
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as problem:
        raise Busy from problem
    return keys, [(definition,) for _, definition in indexes]
