"""The table of messages."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from loket.kernel.ids import new_id
from loket.notifications.types import Medium, State, SubjectKind

_OPEN = [State.QUEUED.value, State.SENDING.value]


class Message(models.Model):
    """A message to one person. Address and text are sealed, under a case's key or under a key of their own.

    `due_at` is when it is next to be looked at: for a queued one the next try, for one being sent the moment
    from which its sender counts as dead.
    """

    holding: ClassVar = "messages"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=10)
    subject_id = models.UUIDField()
    key_id = models.UUIDField(null=True)
    wrapped_key = models.BinaryField(null=True)
    medium = models.CharField(max_length=10)
    sealed_address = models.BinaryField()
    sealed_text = models.BinaryField()
    language = models.CharField(max_length=20)
    purpose = models.CharField(max_length=40)
    idempotency_key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, default=State.QUEUED.value)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=60, blank=True, default="")
    channel = models.CharField(max_length=60, blank=True, default="")
    provider_id = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    attempted_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "subject_kind"], name="message_subject"),
            models.Index(fields=["due_at"], condition=Q(state__in=_OPEN), name="message_due"),
            models.Index(
                fields=["agency", "ended_at"], condition=Q(state=State.FAILED.value), name="message_failed"
            ),
            models.Index(
                fields=["ended_at"],
                condition=Q(wrapped_key__isnull=False, ended_at__isnull=False),
                name="message_forgettable",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(medium__in=[m.value for m in Medium]), name="message_medium"),
            models.CheckConstraint(
                condition=Q(subject_kind__in=[kind.value for kind in SubjectKind]),
                name="message_subject_kind",
            ),
            models.CheckConstraint(
                condition=Q(key_id__isnull=False, wrapped_key__isnull=True)
                | Q(key_id__isnull=True, wrapped_key__isnull=False),
                name="message_one_key",
            ),
            models.CheckConstraint(
                condition=Q(state=State.QUEUED.value, sent_at__isnull=True, ended_at__isnull=True)
                | Q(
                    state=State.SENDING.value,
                    attempted_at__isnull=False,
                    sent_at__isnull=True,
                    ended_at__isnull=True,
                )
                | Q(
                    state=State.SENT.value,
                    attempted_at__isnull=False,
                    sent_at__isnull=False,
                    ended_at__isnull=False,
                )
                | Q(
                    state__in=[State.FAILED.value, State.CANCELLED.value],
                    sent_at__isnull=True,
                    ended_at__isnull=False,
                ),
                name="message_state_times",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FAILED.value) | ~Q(last_error=""), name="message_failed_why"
            ),
        ]
