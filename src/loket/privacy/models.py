"""Who looked at which case."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from loket.privacy.types import AccessKind


class AccessRow(models.Model):
    """One look by staff: at one case, or at many at once (a list, an export). A trigger keeps it unchanged.

    Names are kept as they were, because the look was by that person of that agency then.
    """

    holding: ClassVar = "access"

    at = models.DateTimeField()
    # Later than `at` where a law delays telling the subject.
    shown_from = models.DateTimeField()
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=254)
    agency_id = models.BigIntegerField()
    agency_names = models.JSONField()
    case_ids = ArrayField(models.UUIDField())
    kind = models.CharField(max_length=20)
    reason = models.TextField()

    class Meta:
        indexes = [
            GinIndex(fields=["case_ids"], name="access_by_case"),
            models.Index(fields=["actor_id", "at"], name="access_by_actor"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in AccessKind]), name="access_kind"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="access_reason"),
            models.CheckConstraint(
                condition=models.Q(shown_from__gte=models.F("at")), name="access_shown_later"
            ),
        ]
