"""Entries, the leaves of the tree they are sealed into, and the signed checkpoints over it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Entry(models.Model):
    """Something that was done. A trigger refuses changes and deletion; only `seal` is set, once.

    The table has one more column, `tx`, that PostgreSQL fills with the id of the writing transaction; sealing
    waits for it (see `sealing.py`).
    """

    not_personal: ClassVar = "ids and plain facts, never answers or addresses; kept by law's term"

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=80)
    about_kind = models.CharField(max_length=40)
    about_id = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)
    # The number of the checkpoint that first covers it.
    seal = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["about_kind", "about_id", "at"], name="entry_by_subject"),
            models.Index(fields=["id"], condition=models.Q(seal=None), name="entry_unsealed"),
        ]


class Leaf(models.Model):
    """One leaf of the tree: its place, which entry it stands for, and that entry's hash."""

    not_personal: ClassVar = "hashes of audit entries"

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)


class Checkpoint(models.Model):
    """The signed state of the tree after one sealing."""

    not_personal: ClassVar = "hashes and signatures"

    number = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    previous_root = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    key_id = models.BinaryField(max_length=8)
    signature = models.BinaryField(max_length=64)
    # The roots of the full sub-trees, largest first: enough to go on without reading the whole log.
    peaks = ArrayField(models.BinaryField(max_length=32))
    witnessed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["number"], condition=models.Q(witnessed_at=None), name="checkpoint_unwitnessed"
            ),
        ]
