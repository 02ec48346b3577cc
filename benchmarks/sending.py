"""What the benchmark of messages does inside Loket. Imported once Django is started."""

from datetime import datetime

from django.db.models import Sum

from loket.config.commands.tables import bring_up_to_date
from loket.identity import actions as identity
from loket.identity.actions import AgencyProfile
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.notifications import actions
from loket.notifications.models import Message, MessageDay
from loket.notifications.types import Medium, Outgoing, RenderedText, State, SubjectKind

# Twice the worker's threads: how many a killed worker may have had on their way.
IN_FLIGHT = 16
_OPEN = [State.QUEUED, State.SENDING]
_agency: list[int] = []


def prepare() -> None:
    bring_up_to_date()
    profile = AgencyProfile(names={"en": "Civil registry"})
    _agency.append(identity.upsert_agency(key="registry", profile=profile, by=SYSTEM, now=clock.now()).id)


def defer(count: int, at_once: int) -> None:
    """Queues so many, in transactions of `at_once`."""
    for start in range(0, count, at_once):
        several = range(start, min(start + at_once, count))
        actions.send_all(messages=[_message(number) for number in several], by=SYSTEM, now=clock.now())


def ended() -> int:
    return Message.objects.exclude(state__in=_OPEN).count()


def open_messages() -> int:
    return Message.objects.filter(state__in=_OPEN).count()


def failed() -> int:
    return Message.objects.filter(state=State.FAILED).count()


def uncertain() -> int:
    return int(MessageDay.objects.aggregate(all=Sum("uncertain"))["all"] or 0)


def moment() -> datetime:
    return clock.now()


def times_since(since: datetime) -> list[float]:
    """From when each could have gone to when the provider had it."""
    rows = Message.objects.filter(created_at__gte=since, sent_at__isnull=False)
    return [
        (sent_at - ready_at).total_seconds()
        for ready_at, sent_at in rows.values_list("ready_at", "sent_at")
        if sent_at and ready_at
    ]


def _message(number: int) -> Outgoing:
    text = RenderedText(
        subject="There is news about your application",
        body="There is news about “Change of address” (7K3P-2M9X).\nIt is now: We look at it.\n"
        "Follow it here:\nhttps://counter.example/en/track/?reference=7K3P-2M9X\n\nCivil registry",
        language="en",
    )
    return Outgoing(
        agency_id=_agency[0],
        subject_kind=SubjectKind.CASE,
        subject_id=new_id(),
        medium=Medium.EMAIL,
        address=f"person{number}@home.example",
        text=text,
        purpose="stage_changed",
        idempotency_key=f"bench:{new_id()}",
    )
