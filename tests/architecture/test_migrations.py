"""Migrations are safe while the old code runs; planted ones that are not are found."""

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from tools.lint.migrations import all_findings, findings

UNSAFE: dict[str, Operation] = {
    "drops a table": migrations.DeleteModel("Case"),
    "renames a table": migrations.RenameModel("Case", "File"),
    "drops a column": migrations.RemoveField("case", "title"),
    "renames a column": migrations.RenameField("case", "title", "name"),
    "a column without a value": migrations.AddField("case", "title", models.TextField()),
    "a value that only new code gives": migrations.AddField("case", "title", models.TextField(default="")),
    "a unique column": migrations.AddField("case", "code", models.TextField(null=True, unique=True)),
    "changes a type": migrations.AlterField("case", "title", models.IntegerField()),
    "an index that locks": migrations.AddIndex("case", models.Index(fields=["title"], name="case_title")),
    "a constraint that reads all": migrations.AddConstraint(
        "case", models.CheckConstraint(condition=models.Q(id__gt=0), name="case_id")
    ),
    "an index in a transaction": AddIndexConcurrently("case", models.Index(fields=["title"], name="case_t")),
    "hand-written index": migrations.RunSQL("create index case_title on casework_case (title)"),
    "hand-written drop": migrations.RunSQL("ALTER TABLE casework_case\n  DROP COLUMN title"),
    "hidden in a state change": migrations.SeparateDatabaseAndState(
        [migrations.RemoveField("case", "title")]
    ),
}
SAFE: dict[str, list[Operation]] = {
    "a table": [migrations.CreateModel("Visit", [("id", models.BigAutoField(primary_key=True))])],
    "a nullable column": [migrations.AddField("case", "title", models.TextField(null=True))],
    "a column that the table fills": [migrations.AddField("case", "title", models.TextField(db_default=""))],
    "a new table's own index": [
        migrations.CreateModel("Visit", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddIndex("visit", models.Index(fields=["id"], name="visit_id")),
    ],
    "concurrent by hand": [migrations.RunSQL("CREATE INDEX CONCURRENTLY a ON casework_case (title)")],
}


def test_ours_are_safe() -> None:
    assert [str(found) for found in all_findings()] == []


@pytest.mark.parametrize("what", UNSAFE)
def test_an_unsafe_one_is_found(what: str) -> None:
    assert list(findings("casework", "9999_planted", [UNSAFE[what]]))


@pytest.mark.parametrize("what", SAFE)
def test_a_safe_one_is_let_through(what: str) -> None:
    assert not list(findings("casework", "9999_planted", SAFE[what]))


def test_an_index_made_concurrently_is_safe_outside_a_transaction() -> None:
    added = AddIndexConcurrently("case", models.Index(fields=["title"], name="case_t"))
    assert not list(findings("casework", "9999_planted", [added], atomic=False))
