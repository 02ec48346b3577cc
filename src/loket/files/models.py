"""The table of stored files; their bytes lie on disk under `blob_id`."""

from typing import ClassVar

from django.db import models

from loket.files.types import OwnerKind
from loket.kernel.ids import new_id


class StoredFile(models.Model):
    """A file that belongs to a draft, a case or a reply.

    `blob_id` changes when the file moves to another owner and is sealed under that one's key; `id` doesn't,
    so that answers keep pointing at it.
    """

    holding: ClassVar = "files"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in OwnerKind])
    owner_id = models.UUIDField()
    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+", null=True)
    sealed_name = models.BinaryField()
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    blob_id = models.UUIDField(unique=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["owner_id", "owner_kind"], name="file_owner")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner_kind__in=[kind.value for kind in OwnerKind]), name="file_owner_kind"
            ),
            models.CheckConstraint(condition=models.Q(size__gt=0), name="file_not_empty"),
        ]
