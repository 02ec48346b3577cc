"""One row for every key that is being counted."""

from typing import ClassVar

from django.db import models


class Bucket(models.Model):
    """How full a bucket is, as the moment at which it will be empty again."""

    not_personal: ClassVar = "keyed hashes, gone within hours"

    digest = models.BinaryField(primary_key=True, max_length=32)
    empty_at = models.DateTimeField(db_index=True)
