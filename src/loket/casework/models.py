"""Tables of casework. What a person wrote is sealed under the case's key; stages and dates are plain."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from loket.casework.types import Happened, IdKind, PaperKind, Phase, Pickup, Proof, ReminderKind
from loket.kernel.actors import ActorKind
from loket.kernel.ids import new_id

_CLOSED = Q(closed_at__isnull=False, erased_at__isnull=True)


class Case(models.Model):
    """One application in the hands of an agency."""

    holding: ClassVar = "cases"

    id = models.UUIDField(primary_key=True, default=new_id)
    reference = models.CharField(max_length=9, unique=True)
    agency = models.ForeignKey("identity.Agency", on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey("catalogue.Service", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("catalogue.ServiceVersion", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=8)
    team = models.ForeignKey("identity.Team", on_delete=models.PROTECT, related_name="+", null=True)
    assigned_to = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+", null=True)
    stage = models.CharField(max_length=64)
    phase = models.CharField(max_length=16, choices=[(phase, phase) for phase in Phase])
    outcome = models.CharField(max_length=32, blank=True)
    opened_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stage_due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    display = models.JSONField(default=dict)
    key_id = models.UUIDField()
    sealed_answers = models.BinaryField()
    sealed_contact = models.BinaryField()
    reachable = models.BooleanField(default=False)
    contact_digest = models.BinaryField(max_length=32, null=True)
    pin_digest = models.BinaryField(max_length=32, null=True)
    revision = models.PositiveIntegerField(default=1)
    unread = models.BooleanField(default=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="case_closed_has_time_and_outcome",
                condition=Q(phase=Phase.CLOSED, closed_at__isnull=False) & ~Q(outcome="")
                | ~Q(phase=Phase.CLOSED) & Q(closed_at__isnull=True, outcome=""),
            ),
        ]
        indexes = [
            # The worklist: one team's cases in a phase, the most urgent first, page by page.
            models.Index(F("team"), F("phase"), F("due_at"), F("id"), name="case_worklist"),
            models.Index(
                fields=["stage_due_at"], condition=Q(stage_due_at__isnull=False), name="case_stage_due"
            ),
            models.Index(fields=["agency", "closed_at"], name="case_agency_closed"),
            # The same for whoever has a whole agency.
            models.Index(fields=["agency", "phase", "due_at", "id"], name="case_worklist_agency"),
            # History grows for ever: whatever lists it begins at the page. Their conditions are such that a
            # plan made for any phase can use them.
            models.Index(fields=["team", "closed_at", "id"], condition=_CLOSED, name="case_closed"),
            models.Index(
                fields=["team", "service", "stage", "closed_at", "id"],
                condition=_CLOSED,
                name="case_closed_in_stage",
            ),
            models.Index(
                fields=["assigned_to", "closed_at", "id"], condition=_CLOSED, name="case_mine_closed"
            ),
            models.Index(
                fields=["assigned_to", "team", "phase", "due_at", "id"],
                condition=Q(assigned_to__isnull=False),
                name="case_mine",
            ),
            models.Index(
                fields=["team", "phase", "due_at", "id"], condition=Q(unread=True), name="case_unread"
            ),
            models.Index(
                fields=["team", "closed_at", "id"],
                condition=_CLOSED & Q(unread=True),
                name="case_unread_closed",
            ),
            # Retention, and exports.
            models.Index(fields=["version", "closed_at", "id"], condition=_CLOSED, name="case_to_erase"),
            models.Index(fields=["service", "opened_at", "id"], name="case_of_service"),
        ]


class CaseEvent(models.Model):
    """Something that happened to a case. Append-only but for the marks of undoing and of following up.

    `settles_at` is when its outward effects go out: a minute later where an officer may undo it.
    `before` holds the plain facts that undoing puts back.
    """

    holding: ClassVar = "cases"

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    agency = models.ForeignKey("identity.Agency", on_delete=models.PROTECT, related_name="+")
    happened = models.CharField(max_length=16, choices=[(kind, kind) for kind in Happened])
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in ActorKind])
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=64, blank=True)
    from_stage = models.CharField(max_length=64, blank=True)
    to_stage = models.CharField(max_length=64, blank=True)
    effects = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    sealed_details = models.BinaryField(null=True)
    # Why rules decided as they did: what was true then, which answers given later don't change.
    sealed_trace = models.BinaryField(null=True)
    settles_at = models.DateTimeField()
    followed_up_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="event_timeline"),
            models.Index(
                fields=["settles_at"],
                condition=Q(followed_up_at__isnull=True, undone_at__isnull=True),
                name="event_to_follow_up",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="event_undone_is_not_followed_up",
                condition=Q(undone_at__isnull=True) | Q(followed_up_at__isnull=True),
            ),
        ]


class CaseIndex(models.Model):
    """A blind index: the keyed hash of an answer flagged `indexed`, for exact look-up by staff."""

    holding: ClassVar = "cases"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey("identity.Agency", on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["agency", "digest"], name="case_index_lookup")]


class Reminder(models.Model):
    """A message to come, unless it is no longer true by then. One for each thing of a case.

    `about` tells things of one kind apart, such as two documents. `ends_at` is what it warns of.
    """

    holding: ClassVar = "cases"

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in ReminderKind])
    about = models.CharField(max_length=64, blank=True, default="")
    due_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "about"], name="reminder_once"),
            models.CheckConstraint(
                name="reminder_sent_or_dropped",
                condition=Q(sent_at__isnull=True) | Q(dropped_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at__isnull=True, dropped_at__isnull=True),
                name="reminder_due",
            ),
        ]


class Inquiry(models.Model):
    """What an officer asked back: a message and the answers it reopens."""

    holding: ClassVar = "cases"

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="inquiries")
    event = models.OneToOneField(CaseEvent, on_delete=models.CASCADE, related_name="inquiry")
    questions = models.JSONField()
    sealed_message = models.BinaryField()
    sealed_reply = models.BinaryField(null=True)
    pages_seen = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # One open inquiry a case: the applicant is never asked two things in two places.
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(answered_at__isnull=True, withdrawn_at__isnull=True),
                name="inquiry_one_open",
            ),
        ]


class Notice(models.Model):
    """An agency told of a case that concerns it, with just the answers it needs."""

    holding: ClassVar = "cases"

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notices")
    agency = models.ForeignKey("identity.Agency", on_delete=models.PROTECT, related_name="+")
    questions = models.JSONField()
    told_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "agency"], name="notice_once"),
            models.CheckConstraint(
                name="notice_received_by_someone",
                condition=Q(received_at__isnull=True, received_by__isnull=True)
                | Q(received_at__isnull=False, received_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["agency", "received_at", "id"], name="notice_inbox")]


class OneTimeCode(models.Model):
    """A code sent to an applicant's contact address; opens the whole case for a while."""

    holding: ClassVar = "cases"

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "created_at"], name="code_of_case")]


class Collection(models.Model):
    """Something made for a case and picked up by its person. `centre` is a key of the agency's centres.

    `team` hands it over, also when the case has gone on to another.
    `sealed_pin` is made when the person is told that it has arrived; only they can read it again.
    """

    holding: ClassVar = "cases"

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="collections")
    agency = models.ForeignKey("identity.Agency", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("identity.Team", on_delete=models.PROTECT, related_name="+", null=True)
    centre = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=16, choices=[(state, state) for state in Pickup])
    ordered_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    arrived_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)
    handed_over_by = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, related_name="+", null=True
    )
    proof = models.CharField(max_length=16, blank=True, choices=[(proof, proof) for proof in Proof])
    id_kind = models.CharField(max_length=16, blank=True, choices=[(kind, kind) for kind in IdKind])
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+", null=True)
    sealed_pin = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=[Pickup.BEING_MADE, Pickup.AT_CENTRE]),
                name="collection_one_open",
            ),
            models.CheckConstraint(
                name="collection_state_has_its_times",
                condition=Q(state=Pickup.BEING_MADE, arrived_at__isnull=True, ended_at__isnull=True)
                | Q(state=Pickup.AT_CENTRE, arrived_at__isnull=False, ended_at__isnull=True)
                | Q(
                    state__in=[Pickup.HANDED_OVER, Pickup.UNCOLLECTED],
                    arrived_at__isnull=False,
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="collection_arrived_by_someone",
                condition=Q(arrived_at__isnull=True, arrived_by__isnull=True)
                | Q(arrived_at__isnull=False, arrived_by__isnull=False),
            ),
            models.CheckConstraint(
                name="collection_handed_over_with_proof",
                condition=Q(state=Pickup.HANDED_OVER, handed_over_by__isnull=False) & ~Q(proof="")
                | ~Q(state=Pickup.HANDED_OVER) & Q(handed_over_by__isnull=True, proof=""),
            ),
            models.CheckConstraint(
                name="collection_id_seen_says_which",
                condition=Q(proof=Proof.ID_SEEN) & ~Q(id_kind="") | ~Q(proof=Proof.ID_SEEN) & Q(id_kind=""),
            ),
            models.CheckConstraint(
                name="collection_returned_only_uncollected",
                condition=Q(returned_at__isnull=True, returned_by__isnull=True)
                | Q(state=Pickup.UNCOLLECTED, returned_at__isnull=False, returned_by__isnull=False),
            ),
            models.CheckConstraint(
                name="collection_pin_only_once_arrived",
                condition=Q(sealed_pin__isnull=True) | Q(arrived_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["team", "state", "id"], name="collection_counter")]


class CasePaper(models.Model):
    """A document of a case: asked for with what causes it, made by a job of its own.

    `key` is the document's in its service, the payment's id of a receipt, the event's of a decision. The PDF
    is a file of the case, sealed under its key.
    """

    holding: ClassVar = "cases"

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="papers")
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in PaperKind])
    key = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)
    file_id = models.UUIDField(null=True)
    size = models.PositiveIntegerField(default=0)
    number = models.CharField(max_length=14, blank=True)

    class Meta:
        constraints = [
            # What is asked for twice is made once.
            models.UniqueConstraint(
                fields=["case", "kind", "key"],
                condition=Q(superseded_at__isnull=True),
                name="paper_one_of_each",
            ),
            models.CheckConstraint(
                name="paper_made_has_file",
                condition=Q(made_at__isnull=True, file_id__isnull=True)
                | Q(made_at__isnull=False, file_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(made_at__isnull=True, superseded_at__isnull=True),
                name="paper_to_make",
            ),
        ]
