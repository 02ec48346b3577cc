"""Migrations must be safe while the code before them still runs: finds the operations that are not.

Run: python -m tools.lint.migrations

The old code goes on reading and writing while a migration runs and until the last host has been replaced.
It breaks, or waits for long, where a table or column goes or changes its name or type, where a new column
must have a value that it doesn't give, and where an index or a constraint is made on a large table.

Migrations of before the rule are listed in ALLOWED by name; so is whatever somebody decided with open eyes.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import django
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models.fields import NOT_PROVIDED

# What ran before there was an installation to protect, app by app: up to and with these numbers.
ALLOWED: Mapping[str, int] = {
    "applications": 1,
    "audit": 2,
    "casework": 9,
    "catalogue": 4,
    "documents": 1,
    "files": 1,
    "identity": 2,
    "keystore": 1,
    "limits": 1,
    "notifications": 3,
    "payments": 5,
    "privacy": 2,
}
# With open eyes: `app.name` and why nothing breaks.
DECIDED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Finding:
    migration: str
    words: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.words}"


def findings(
    app: str, name: str, operations: Sequence[Operation], *, atomic: bool = True
) -> Iterator[Finding]:
    """What is unsafe in one migration. Tables that it makes itself are its own to change."""
    made = {
        operation.name.lower() for operation in operations if isinstance(operation, migrations.CreateModel)
    }
    for operation in operations:
        table = getattr(operation, "model_name", "") or ""
        if table.lower() not in made:
            yield from (Finding(f"{app}.{name}", words) for words in _unsafe(operation, made))
    if atomic and any(isinstance(one, AddIndexConcurrently | RemoveIndexConcurrently) for one in operations):
        yield Finding(f"{app}.{name}", "made concurrently only outside a transaction: atomic = False")


_LATER = "the old code still asks for it; take it away one release later"
_UNSAFE: tuple[tuple[type[Operation], str], ...] = (
    (migrations.DeleteModel, _LATER),
    (migrations.RenameModel, _LATER),
    (migrations.AlterModelTable, _LATER),
    (migrations.RemoveField, _LATER),
    (migrations.RenameField, _LATER),
    (migrations.AlterField, "may rewrite or lock the table; add a column and move over instead"),
    (migrations.AddIndex, "locks writes; AddIndexConcurrently, with atomic = False"),
    (migrations.AddConstraint, "reads the whole table under a lock; NOT VALID first (RunSQL)"),
    (migrations.AlterUniqueTogether, "locks the table; an index made concurrently instead"),
    (migrations.AlterIndexTogether, "locks the table; an index made concurrently instead"),
)


def _unsafe(operation: Operation, made: set[str]) -> Iterator[str]:
    match operation:
        case AddIndexConcurrently():
            return
        case migrations.AddField():
            yield from _unsafe_column(operation)
        case migrations.SeparateDatabaseAndState(database_operations=inner):
            for one in inner:
                yield from _unsafe(one, made)
        case migrations.RunSQL(sql=sql):
            yield from _unsafe_words(str(sql))
        case _:
            yield from (
                f"{operation.describe()}: {why}" for kind, why in _UNSAFE if isinstance(operation, kind)
            )


def _unsafe_column(operation: migrations.AddField) -> Iterator[str]:
    field = operation.field
    if not (field.null or field.has_db_default() or field.many_to_many):
        given = "" if field.default is NOT_PROVIDED else " (`default` is Python's, not the table's)"
        yield f"{operation.describe()}: the old code gives it no value{given}; null or db_default"
    elif field.unique or (getattr(field, "db_index", False) and field.has_db_default()):
        yield f"{operation.describe()}: its index locks the table; add it concurrently, in another one"


def _unsafe_words(sql: str) -> Iterator[str]:
    """A glance at hand-written SQL: the words that lock or take away."""
    said = " ".join(sql.upper().split())
    for words, why in (
        ("DROP TABLE", "the old code still asks for it"),
        ("DROP COLUMN", "the old code still names it"),
        (" RENAME ", "the old code knows the old name only"),
        (" TYPE ", "rewrites the table"),
        ("SET NOT NULL", "reads the whole table under a lock"),
        ("LOCK TABLE", "whoever comes waits"),
        ("VACUUM FULL", "whoever comes waits"),
    ):
        if words in said:
            yield f"RunSQL {words.strip().lower()}: {why}"
    if "CREATE INDEX" in said and "CONCURRENTLY" not in said:
        yield "RunSQL create index: locks writes; CONCURRENTLY"


def all_findings() -> list[Finding]:
    """Over our own migrations that are newer than ALLOWED and not decided."""
    found: list[Finding] = []
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        number = int(name.partition("_")[0]) if name[:4].isdigit() else 0
        ours = type(migration).__module__.startswith("loket.")
        if ours and number > ALLOWED.get(app, 0) and f"{app}.{name}" not in DECIDED:
            found += findings(app, name, migration.operations, atomic=migration.atomic)
    return found


def main() -> int:
    django.setup()
    found = all_findings()
    for finding in found:
        print(finding, file=sys.stderr)
    print(f"migrations: {len(found)} unsafe" if found else "migrations: safe while the old code runs")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
