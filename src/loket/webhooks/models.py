"""Tables of webhooks."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from loket.kernel.ids import new_id
from loket.webhooks.types import EventType, Off, State

OPEN = (State.QUEUED.value, State.SENDING.value)


class Endpoint(models.Model):
    """A system of an agency that is told what happens. Never deleted, so that what points here stays true.

    The secrets are sealed under a key of the row's own. While it changes, both sign until `former_until`.
    """

    not_personal: ClassVar = "addresses of agencies' own systems"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    address = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=40))
    services = ArrayField(models.CharField(max_length=64), default=list)
    wrapped_key = models.BinaryField()
    sealed_secret = models.BinaryField()
    sealed_former = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    off = models.CharField(max_length=10, blank=True, default="")
    off_since = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency"], condition=Q(removed_at__isnull=True), name="endpoint_of_agency")
        ]
        constraints = [
            models.CheckConstraint(
                name="endpoint_off_since",
                condition=Q(off="", off_since__isnull=True)
                | Q(off__in=[why.value for why in Off], off_since__isnull=False),
            ),
            models.CheckConstraint(
                name="endpoint_former_until",
                condition=Q(sealed_former__isnull=True, former_until__isnull=True)
                | Q(sealed_former__isnull=False, former_until__isnull=False),
            ),
            models.CheckConstraint(
                name="endpoint_failing_since",
                condition=Q(failures=0, failing_since__isnull=True)
                | Q(failures__gt=0, failing_since__isnull=False),
            ),
        ]


class Delivery(models.Model):
    """One event for one endpoint. `due_at` is when it is next looked at, as for messages."""

    holding: ClassVar = "webhooks"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="+")
    event_id = models.UUIDField()
    cause_id = models.UUIDField()
    # The case it tells of; null for tests.
    subject_id = models.UUIDField(null=True)
    type = models.CharField(max_length=40)
    reference = models.CharField(max_length=9, blank=True, default="")
    body = models.TextField()
    state = models.CharField(max_length=10, default=State.QUEUED.value)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    attempted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    trouble = models.CharField(max_length=40, blank=True, default="")
    answer = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["endpoint", "due_at"], condition=Q(state__in=OPEN), name="delivery_next"),
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN), name="delivery_due"),
            models.Index(fields=["endpoint", "state", "id"], name="delivery_of_endpoint"),
            models.Index(fields=["subject_id"], name="delivery_subject"),
            models.Index(fields=["cause_id"], condition=Q(state__in=OPEN), name="delivery_cause"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="delivery_ended"),
        ]
        constraints = [
            # The same fact is told to the same receiver once, under the same id for ever.
            models.UniqueConstraint(fields=["event_id", "endpoint"], name="delivery_once"),
            models.CheckConstraint(
                name="delivery_type", condition=Q(type__in=[one.value for one in EventType])
            ),
            models.CheckConstraint(
                name="delivery_state_times",
                condition=Q(state=State.QUEUED.value, ended_at__isnull=True)
                | Q(state=State.SENDING.value, attempted_at__isnull=False, ended_at__isnull=True)
                | Q(state=State.DELIVERED.value, attempted_at__isnull=False, ended_at__isnull=False)
                | Q(state=State.PARKED.value, ended_at__isnull=False) & ~Q(trouble=""),
            ),
        ]
