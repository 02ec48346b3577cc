"""Writes: send messages, take back those that haven't gone yet, take in what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from loket.audit import actions as audit
from loket.identity import queries as identity
from loket.kernel.actors import Actor
from loket.kernel.ids import new_id
from loket.notifications import preferring, sealing, tallying
from loket.notifications.models import Addressee, Message
from loket.notifications.registry import Fate, Report, channels
from loket.notifications.types import NoSuchAddressee, NoSuchChannel, Outgoing, State, SubjectKind
from loket.privacy import actions as privacy

QUEUE = "messages"
# A message that can't be sent at all ends where it begins.
UNREACHABLE = "address_unreachable"
SWITCHED_OFF = "reminders_off"


def send(*, message: Outgoing, by: Actor, now: datetime) -> UUID | None:
    """Queues one message; see `send_all`. Its id, or None where its idempotency key was used before."""
    return next(iter(send_all(messages=[message], by=by, now=now)), None)


# One statement writes, so that there is nothing that a savepoint could take back.
@transaction.atomic(savepoint=False)
def send_all(*, messages: Sequence[Outgoing], by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Queues messages in the caller's transaction; the worker looks for them by itself.

    Idempotent by key: a message whose key was used before is left out of the result and not sent again. Never
    refuses: an address that can't work or a medium without a channel shows as a failed message, a reminder
    that the person switched off as a cancelled one. Statements: 2, and 1 where all are urgent.
    """
    if not messages:
        return ()
    digests = [preferring.address_digest(message.medium, message.address) for message in messages]
    asked = [digest for message, digest in zip(messages, digests, strict=True) if _heeds_wishes(message)]
    addressees = preferring.known(asked) if asked else {}
    rows = [
        _row(message, digest, addressees.get(digest), now)
        for message, digest in zip(messages, digests, strict=True)
    ]
    new = _inserted(rows)
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


@transaction.atomic
def take_receipt(*, channel: str, headers: Mapping[str, str], body: bytes, now: datetime) -> int:
    """Takes in what a provider calls back to tell; how many messages it was about.

    Idempotent: the first report of a kind counts, in whatever order they come, and one about a message that
    isn't ours is left alone. Refuses NoSuchChannel. Raises Forged, and ValueError for what makes no sense.
    """
    if channel not in channels:
        raise NoSuchChannel(channel=channel)
    return sum(
        _take(report, now) for report in channels[channel].parse_receipt(headers=headers, body=body, now=now)
    )


@transaction.atomic
def prefer(
    *, token: str, reminders: bool, quiet: tuple[int, int] | None, language: str, by: Actor, now: datetime
) -> None:
    """Keeps how somebody wants to be written to. `quiet` None: as is usual. Refuses NoSuchAddressee."""
    row = _addressee(token, now)
    row.reminders, row.language = reminders, language
    row.quiet_from, row.quiet_until = quiet if quiet is not None else (None, None)
    row.changed_at = now
    row.save()
    audit.record("addressee.preferred", by=by, about=f"addressee:{bytes(row.digest).hex()[:16]}", now=now)


@transaction.atomic
def stop_reminders(*, token: str, by: Actor, now: datetime) -> None:
    """One press: no more reminders to this address. Idempotent. Refuses NoSuchAddressee."""
    row = _addressee(token, now)
    if row.reminders:
        row.reminders, row.changed_at = False, now
        row.save()
        audit.record("addressee.preferred", by=by, about=f"addressee:{bytes(row.digest).hex()[:16]}", now=now)


@transaction.atomic
def works_again(*, token: str, by: Actor, now: datetime) -> None:
    """The person says that their address works. Refuses NoSuchAddressee."""
    row = _addressee(token, now)
    row.failures, row.unreachable_at, row.changed_at = 0, None, now
    row.save()


def _addressee(token: str, now: datetime) -> Addressee:
    """The row of a link, made where there is none yet. Who made the link knew of which medium it is."""
    digest = preferring.digest_in(token)
    if digest is None:
        raise NoSuchAddressee()
    row, _made = Addressee.objects.select_for_update().get_or_create(
        digest=digest, defaults={"medium": "", "changed_at": now}
    )
    return row


def _take(report: Report, now: datetime) -> int:
    row = Message.objects.select_for_update().filter(id=report.message_id, state=State.SENT).first()
    if row is None:
        return 0
    if report.fate is Fate.DELIVERED and row.delivered_at is None:
        row.delivered_at = report.at
        tallying.delivered(row, now)
        preferring.arrived(row, now)
    elif report.fate is Fate.BOUNCED and row.bounced_at is None:
        row.bounced_at, row.last_error = report.at, report.code[:60] or "bounced"
        tallying.bounced(row, now)
        if report.for_good:
            preferring.failed_for_good(row, now)
    else:
        return 0
    row.save(update_fields=["delivered_at", "bounced_at", "last_error"])
    return 1


def _heeds_wishes(message: Outgoing) -> bool:
    """Whether it matters how the person wants to be written to: what they wait for comes at once, always."""
    return message.reminder or not message.urgent


def _row(message: Outgoing, digest: bytes, addressee: Addressee | None, now: datetime) -> Message:
    message_id, wrapped = new_id(), None
    quiet = preferring.quiet_hours(message, addressee)
    zone = ZoneInfo(identity.agency_known(message.agency_id).timezone)
    due_at = preferring.next_allowed(max(message.not_before or now, now), quiet, zone)
    state, trouble = State.QUEUED, ""
    if message.reminder and addressee is not None and not addressee.reminders:
        state, trouble = State.CANCELLED, SWITCHED_OFF
    elif addressee is not None and addressee.unreachable_at is not None and not message.urgent:
        state, trouble = State.FAILED, UNREACHABLE
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
        state=state.value,
        last_error=trouble,
        created_at=now,
        due_at=due_at,
        ready_at=due_at,
        give_up_at=due_at + message.keep_trying,
        ended_at=now if trouble else None,
        address_digest=digest,
        reminder=message.reminder,
        quiet_from=quiet[0] if quiet else None,
        quiet_until=quiet[1] if quiet else None,
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
