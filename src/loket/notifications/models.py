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
    # From when it could have gone: its wish and quiet hours are no delay of ours.
    ready_at = models.DateTimeField(null=True)
    address_digest = models.BinaryField(max_length=32, null=True)
    reminder = models.BooleanField(default=False)
    # Hours of the agency's day in which it is not sent; none where null.
    quiet_from = models.PositiveSmallIntegerField(null=True)
    quiet_until = models.PositiveSmallIntegerField(null=True)
    delivered_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "subject_kind"], name="message_subject"),
            models.Index(fields=["medium", "due_at"], condition=Q(state__in=_OPEN), name="message_next"),
            models.Index(
                fields=["agency", "ended_at"], condition=Q(state=State.FAILED.value), name="message_failed"
            ),
            models.Index(
                fields=["agency", "bounced_at"], condition=Q(bounced_at__isnull=False), name="message_bounced"
            ),
            models.Index(fields=["address_digest"], name="message_addressee"),
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
            models.CheckConstraint(
                condition=Q(state=State.SENT.value) | Q(delivered_at__isnull=True, bounced_at__isnull=True),
                name="message_sent_before_it_arrives",
            ),
        ]


class Addressee(models.Model):
    """How somebody wants to be written to, and whether their address works: known by a keyed digest only."""

    holding: ClassVar = "addressees"

    digest = models.BinaryField(max_length=32, primary_key=True)
    medium = models.CharField(max_length=10)
    # Empty: as the application was.
    language = models.CharField(max_length=20, blank=True, default="")
    reminders = models.BooleanField(default=True)
    # Both null: as is usual for the medium. Both the same: no quiet hours.
    quiet_from = models.PositiveSmallIntegerField(null=True)
    quiet_until = models.PositiveSmallIntegerField(null=True)
    failures = models.PositiveIntegerField(default=0)
    unreachable_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="addressee_quiet_hours",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__lt=24, quiet_until__lt=24),
            ),
        ]


class MessageDay(models.Model):
    """What became of a day's messages of one agency: counted as they end, so that nobody counts again."""

    not_personal: ClassVar = "numbers of messages by day"

    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    day = models.DateField()
    medium = models.CharField(max_length=10)
    handed = models.PositiveIntegerField(default=0)
    within_10s = models.PositiveIntegerField(default=0)
    within_1m = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)
    bounced = models.PositiveIntegerField(default=0)
    # Tried again though its first sender died in the middle: may have arrived twice.
    uncertain = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "agency", "medium"], name="message_day_once")]
