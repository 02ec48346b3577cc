"""Reads: a subject's messages, what failed, and the demo's outbox."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings

from loket.notifications import sealing
from loket.notifications.masking import masked
from loket.notifications.models import Message
from loket.notifications.registry import channels
from loket.notifications.routing import offered_media
from loket.notifications.types import Medium, MessageView, OnlyInDemo, OutboxMessage, State, SubjectKind
from loket.privacy.actions import DataKey, KeyDestroyed

__all__ = ["can_reach", "failed_count", "messages_of", "offered_media", "outbox"]


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
    )
