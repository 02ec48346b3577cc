"""Writes: send messages, take back those that haven't gone yet."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from loket.audit import actions as audit
from loket.kernel.actors import Actor
from loket.kernel.ids import new_id
from loket.notifications import sealing
from loket.notifications.models import Message
from loket.notifications.types import Outgoing, State, SubjectKind
from loket.privacy import actions as privacy

DELIVER_JOB = "notifications.deliver"
QUEUE = "messages"


def send(*, message: Outgoing, by: Actor, now: datetime) -> UUID | None:
    """Queues one message; see `send_all`. Its id, or None where its idempotency key was used before."""
    return next(iter(send_all(messages=[message], by=by, now=now)), None)


@transaction.atomic
def send_all(*, messages: Sequence[Outgoing], by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Queues messages and the jobs that deliver them, all in the caller's transaction.

    Idempotent by key: a message whose key was used before is left out of the result and not sent again. Never
    refuses: an address that can't work or a medium without a channel shows as a failed message.
    Statements: 2, and one more for each further moment of `not_before`.
    """
    if not messages:
        return ()
    rows = [_row(message, now) for message in messages]
    new = _inserted(rows)
    by_moment: dict[datetime, list[UUID]] = defaultdict(list)
    for row in rows:
        if row.id in new:
            by_moment[row.due_at].append(row.id)
    for moment, ids in by_moment.items():
        deliver_later(ids, moment)
    return tuple(row.id for row in rows if row.id in new)


@transaction.atomic
def cancel(*, subject_kind: SubjectKind, subject_id: UUID, prefix: str, by: Actor, now: datetime) -> int:
    """Takes back the subject's queued messages whose idempotency key begins with `prefix` (as for an undo).

    Returns how many; one that is being sent or was sent stays. Writes an audit record where there were any.
    """
    cancelled = Message.objects.filter(
        subject_kind=subject_kind,
        subject_id=subject_id,
        idempotency_key__startswith=prefix,
        state=State.QUEUED,
    ).update(state=State.CANCELLED, ended_at=now)
    if cancelled:
        audit.record(
            "message.cancelled", by=by, about=f"{subject_kind.value}:{subject_id}", now=now, count=cancelled
        )
    return cancelled


def deliver_later(message_ids: Iterable[UUID], moment: datetime) -> None:
    """Defers the delivery of messages, one job each, in the present transaction (1 statement)."""
    # By name, because the module of jobs calls this one's neighbours.
    arguments: list[JSONDict] = [{"message_id": str(message_id)} for message_id in message_ids]
    app.configure_task(DELIVER_JOB, queue=QUEUE, schedule_at=moment).batch_defer(*arguments)


def _row(message: Outgoing, now: datetime) -> Message:
    message_id, due_at, wrapped = new_id(), message.not_before or now, None
    if message.case_key is None:
        key, wrapped = privacy.new_wrapped_key()
    else:
        key = message.case_key.key
    return Message(
        id=message_id,
        agency_id=message.agency_id,
        subject_kind=message.subject_kind.value,
        subject_id=message.subject_id,
        key_id=message.case_key.id if message.case_key else None,
        wrapped_key=wrapped,
        medium=message.medium.value,
        sealed_address=sealing.sealed_address(message.address, message_id, key),
        sealed_text=sealing.sealed_text(message.text, message_id, key),
        language=message.text.language,
        purpose=message.purpose,
        idempotency_key=message.idempotency_key,
        state=State.QUEUED.value,
        created_at=now,
        due_at=due_at,
        give_up_at=due_at + message.keep_trying,
    )


def _inserted(rows: Sequence[Message]) -> frozenset[UUID]:
    """Inserts the rows whose idempotency key is new, and tells which those were.

    Written out because Django's `bulk_create(ignore_conflicts=True)` doesn't tell.
    """
    fields = Message._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * len(rows))
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{Message._meta.db_table}" ({columns}) VALUES {places} '  # noqa: S608
            "ON CONFLICT (idempotency_key) DO NOTHING RETURNING id",
            values,
        )
        return frozenset(row[0] for row in cursor.fetchall())
