"""The one window of maintenance, as a row that every host sees."""

from typing import ClassVar

from django.db import models


class Maintenance(models.Model):
    """At most one row. No row: nothing is planned."""

    not_personal: ClassVar = "when the system is looked after, and the operator's words about it"

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    begins_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    message = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="upkeep_one_window"),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("begins_at")),
                name="upkeep_ends_after_it_begins",
            ),
        )
