"""Writing to the audit record, and sealing it."""

from datetime import datetime

from loket.audit import sealing
from loket.audit.models import Entry
from loket.kernel import rows
from loket.kernel.actors import Actor


def record(action: str, by: Actor, about: str, now: datetime, **facts: str | int) -> None:
    """Writes down that `by` did `action` (such as `case.decided`) to `about` (such as `case:<id>`).

    1 statement, part of the caller's transaction. Facts are ids and plain values: never answers, names or
    addresses, because no erasure reaches them.
    """
    kind, _, about_id = about.partition(":")
    if not kind or not about_id:
        raise ValueError("`about` looks like kind:id")
    row = Entry(
        at=now,
        actor_kind=by.kind.value,
        actor_id=by.id,
        action=action,
        about_kind=kind,
        about_id=about_id,
        facts=facts,
    )
    rows.insert(row)


def seal(*, now: datetime) -> int:
    """Seals what may be sealed and leaves new checkpoints with the witness; how many entries were sealed.

    In transactions of its own. A failing witness delays nothing: its checkpoints wait for the next sealing.
    """
    count = sealing.seal_settled(now)
    sealing.deliver(now)
    return count
