# Audit entries, leaves and checkpoints.

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("previous_root", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                ("key_id", models.BinaryField(max_length=8)),
                ("signature", models.BinaryField(max_length=64)),
                (
                    "peaks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BinaryField(max_length=32), size=None
                    ),
                ),
                ("witnessed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("witnessed_at", None)),
                        fields=["number"],
                        name="checkpoint_unwitnessed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor_id", models.CharField(blank=True, max_length=64)),
                ("action", models.CharField(max_length=80)),
                ("about_kind", models.CharField(max_length=40)),
                ("about_id", models.CharField(max_length=80)),
                ("facts", models.JSONField(default=dict)),
                ("seal", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["about_kind", "about_id", "at"], name="entry_by_subject"),
                    models.Index(condition=models.Q(("seal", None)), fields=["id"], name="entry_unsealed"),
                ],
            },
        ),
    ]
