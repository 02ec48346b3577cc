"""Wrapped keys: of one subject each, and the few that belong to the whole installation."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class StoredKey(models.Model):
    """The data key of one subject, wrapped by a master; without its bytes once it is destroyed."""

    not_personal: ClassVar = "random keys; subjects are ids that mean nothing here"

    id = models.UUIDField(primary_key=True)
    subject = models.UUIDField(db_index=True)
    wrapped = models.BinaryField(null=True)
    # Also inside `wrapped`; here so that rotation finds what is left to do.
    master_id = models.BinaryField(max_length=8)
    created_at = models.DateTimeField(db_default=Now())
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["master_id", "id"], condition=Q(destroyed_at=None), name="key_by_master"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(wrapped=None, destroyed_at__isnull=False)
                | Q(wrapped__isnull=False, destroyed_at=None),
                name="key_destroyed_is_gone",
            ),
        ]


class RootSecret(models.Model):
    """A secret of the whole installation from which keys for one purpose each are derived."""

    not_personal: ClassVar = "random secrets"

    purpose = models.CharField(max_length=40, primary_key=True)
    wrapped = models.BinaryField()
    master_id = models.BinaryField(max_length=8)
    created_at = models.DateTimeField(db_default=Now())
