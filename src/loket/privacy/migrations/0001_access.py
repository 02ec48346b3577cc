# Access records.

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AccessRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("shown_from", models.DateTimeField()),
                ("actor_id", models.CharField(max_length=64)),
                ("actor_name", models.CharField(max_length=254)),
                ("agency_id", models.BigIntegerField()),
                ("agency_names", models.JSONField()),
                (
                    "case_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                ("kind", models.CharField(max_length=20)),
                ("reason", models.TextField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["case_ids"], name="access_by_case"),
                    models.Index(fields=["actor_id", "at"], name="access_by_actor"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["opened", "file_opened", "looked_up", "listed", "exported"])
                        ),
                        name="access_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="access_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shown_from__gte", models.F("at"))), name="access_shown_later"
                    ),
                ],
            },
        ),
    ]
