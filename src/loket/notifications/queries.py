"""Reads: a subject's messages, what failed, and the demo's outbox."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min, Sum

from loket.kernel.prepared import Prepared
from loket.notifications import preferring, sealing
from loket.notifications.masking import masked
from loket.notifications.models import Addressee, Message, MessageDay
from loket.notifications.registry import channels
from loket.notifications.routing import offered_media
from loket.notifications.tallying import COUNTED, PROMISED
from loket.notifications.types import (
    DayOfMessages,
    Medium,
    MessagesStanding,
    MessageView,
    NotArrived,
    OnlyInDemo,
    OutboxMessage,
    Preferences,
    State,
    SubjectKind,
)
from loket.privacy.actions import DataKey, KeyDestroyed

__all__ = [
    "can_reach",
    "failed_count",
    "messages_of",
    "not_arrived",
    "offered_media",
    "outbox",
    "performance",
    "preferences",
    "preferences_token",
    "preferred_language",
    "standing",
    "waiting_too_long",
]


def can_reach(medium: str) -> bool:
    """Whether a channel of this installation carries the medium. No statement."""
    return medium in {offered.value for offered in offered_media()}


def messages_of(
    *, subject_kind: SubjectKind, subject_id: UUID, key: DataKey | None = None
) -> tuple[MessageView, ...]:
    """The subject's messages, oldest first (1 statement). `key` is the case's; the drafts' bring their own.

    Without a key the messages under the case's key are left out.
    """
    rows = Message.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id")
    views = []
    for row in rows:
        own = sealing.key_of(row) if row.wrapped_key is not None else key
        if own is not None:
            views.append(_view(row, own))
    return tuple(views)


def failed_count(*, agency_ids: Collection[int], since: datetime) -> int:
    """How many messages of these agencies were given up since then."""
    return Message.objects.filter(agency_id__in=agency_ids, state=State.FAILED, ended_at__gte=since).count()


def not_arrived(*, agency_ids: Collection[int], since: datetime, limit: int) -> tuple[NotArrived, ...]:
    """Messages of these agencies that failed or bounced since then, the latest first (2 statements).

    About cases only: whom else a message was for is nobody's business at the desk.
    """
    rows = Message.objects.filter(agency_id__in=agency_ids, subject_kind=SubjectKind.CASE.value)
    failed = rows.filter(state=State.FAILED, ended_at__gte=since).order_by("-ended_at")[:limit]
    bounced = rows.filter(bounced_at__gte=since).order_by("-bounced_at")[:limit]
    found = [
        NotArrived(
            id=row.id,
            subject_id=row.subject_id,
            agency_id=row.agency_id,
            medium=Medium(row.medium),
            purpose=row.purpose,
            at=row.bounced_at or row.ended_at or row.created_at,
            trouble=row.last_error,
            bounced=row.bounced_at is not None,
        )
        for row in (*failed, *bounced)
    ]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:limit])


def performance(*, until: date, days: int) -> tuple[DayOfMessages, ...]:
    """What became of messages on each of the last days, the latest first (1 statement)."""
    rows = MessageDay.objects.filter(day__gt=until - timedelta(days=days), day__lte=until)
    sums = rows.values_list("day").annotate(*(Sum(name) for name in COUNTED)).order_by("-day")
    return tuple(DayOfMessages(*row) for row in sums)


def waiting_too_long(now: datetime, *, limit: int) -> int:
    """How many that could have gone are later than promised at this moment; at most `limit` are counted."""
    late = Message.objects.filter(
        state__in=[State.QUEUED, State.SENDING], ready_at__lte=now - PROMISED, give_up_at__gt=now
    )
    return late[:limit].count()


def standing(now: datetime) -> MessagesStanding:
    """For whoever watches the whole (3 statements, all by partial indexes)."""
    due = Message.objects.filter(state__in=[State.QUEUED, State.SENDING], due_at__lte=now).order_by()
    rows = list(due.values_list("medium").annotate(count=Count("id"), since=Min("due_at")))
    failed = Message.objects.filter(state=State.FAILED, ended_at__gte=now - timedelta(hours=1)).count()
    today = MessageDay.objects.filter(day=now.astimezone(UTC).date()).aggregate(all=Sum("uncertain"))
    return MessagesStanding(
        due=dict.fromkeys(Medium, 0) | {Medium(medium): count for medium, count, _ in rows},
        oldest_seconds=max(((now - since).total_seconds() for _m, _c, since in rows), default=0.0),
        failed=failed,
        uncertain=today["all"] or 0,
    )


def preferences(token: str) -> Preferences | None:
    """What is kept for the address of a link; None for a link that we did not make (1 statement)."""
    digest = preferring.digest_in(token)
    if digest is None:
        return None
    row = Addressee.objects.filter(digest=digest).first()
    if row is None:
        return Preferences()
    own = row.quiet_from is not None and row.quiet_until is not None
    return Preferences(
        reminders=row.reminders,
        quiet=(row.quiet_from or 0, row.quiet_until or 0) if own else None,
        language=row.language,
        unreachable=row.unreachable_at is not None,
    )


_LANGUAGE = Prepared(
    lambda digest: Addressee.objects.filter(digest=digest).values_list("language", flat=True)[:1]
)


def preferred_language(medium: Medium, address: str) -> str:
    """The language chosen for an address; empty where none was (1 statement)."""
    digest = preferring.address_digest(medium, address)
    return _LANGUAGE.first(digest) or ""


def preferences_token(medium: Medium, address: str) -> str:
    """What the link to somebody's preferences holds."""
    return preferring.token_of(preferring.address_digest(medium, address))


def outbox(*, limit: int) -> tuple[OutboxMessage, ...]:
    """What the sandboxes "sent", newest first. Refuses OnlyInDemo."""
    if not settings.DEMO:
        raise OnlyInDemo
    sandboxes = [key for key, channel in channels.all().items() if channel.demo_only]
    rows = Message.objects.filter(channel__in=sandboxes, state=State.SENT).order_by("-sent_at", "-id")
    found = []
    for row in rows[:limit]:
        try:
            key = sealing.key_of(row)
        except KeyDestroyed:
            continue
        text, sent_at = sealing.text_of(row, key), row.sent_at
        assert sent_at is not None
        found.append(
            OutboxMessage(
                id=row.id,
                medium=Medium(row.medium),
                address=sealing.address_of(row, key),
                subject=text.subject,
                body=text.body,
                language=row.language,
                sent_at=sent_at,
                agency_id=row.agency_id,
            )
        )
    return tuple(found)


def _view(row: Message, key: DataKey) -> MessageView:
    text = sealing.text_of(row, key)
    return MessageView(
        id=row.id,
        purpose=row.purpose,
        medium=Medium(row.medium),
        masked_address=masked(Medium(row.medium), sealing.address_of(row, key)),
        subject=text.subject,
        body=text.body,
        language=row.language,
        state=State(row.state),
        attempts=row.attempts,
        trouble=row.last_error,
        created_at=row.created_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        delivered_at=row.delivered_at,
        bounced_at=row.bounced_at,
    )
