"""A case in plain words for the person it is about: its steps, its decision, who looked."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from loket.casework.types import CaseStatus, Happened, Phase, TimelineEntry
from loket.notifications.types import Medium, MessageView, State
from loket.privacy.types import ASSIGNED_WORK, EXACT_ANSWER, AccessKind, AccessRecord
from loket.web.words import amount, local_text

ABOUT_MONEY = frozenset({Happened.PAID, Happened.RETURNED, Happened.PAYMENT_ASKED, Happened.PAYMENT_LAPSED})


@dataclass(frozen=True, slots=True)
class Line:
    """A step of the way. `at` is None for what is still to come."""

    title: str
    at: datetime | None
    current: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`reasons` from the service's library, `words` the officer's own."""

    title: str
    at: datetime
    says: str
    reasons: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody's look at the data."""

    who: str
    agency: str
    what: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str
    to: str
    at: datetime
    state: str = ""


def lines(status: CaseStatus) -> tuple[Line, ...]:
    """What happened, where it is now, and what is still to come."""
    told: list[tuple[str, datetime, bool]] = []
    for entry in status.steps:
        title = _title(entry)
        if title:
            told.append((title, entry.at, False))
        stage = local_text(entry.stage)
        if stage and entry.happened is not Happened.TOLD:
            told.append((stage, entry.at, True))
    closed = status.phase is Phase.CLOSED
    now_at = max((place for place, one in enumerate(told) if one[2]), default=-1)
    shown = [
        Line(title, at, current=place == now_at and not closed)
        for place, (title, at, _stage) in enumerate(told)
    ]
    if not closed and status.phase is not Phase.UNPAID:
        shown.append(Line(_("You pick it up") if status.collection else _("Decision"), None))
    return tuple(shown)


def latest_word(status: CaseStatus) -> str:
    """What the service says about the stage it is in."""
    stages = [entry for entry in status.steps if entry.stage]
    return local_text(stages[-1].says) if stages else ""


def decision(entry: TimelineEntry | None) -> Decision | None:
    if entry is None:
        return None
    reason = entry.reason
    return Decision(
        title=local_text(entry.stage),
        at=entry.at,
        says=local_text(entry.says),
        reasons=tuple(local_text(one) for one in reason.chosen) if reason else (),
        words=reason.words if reason else "",
    )


def look(record: AccessRecord) -> Look:
    what = {
        AccessKind.OPENED: _("opened your application"),
        AccessKind.FILE_OPENED: _("opened a file of yours"),
        AccessKind.LOOKED_UP: _("looked for your application"),
        AccessKind.LISTED: _("saw your application in a list"),
        AccessKind.EXPORTED: _("copied your application"),
    }
    known = {
        ASSIGNED_WORK: _("It is their task to work on it."),
        EXACT_ANSWER: _("They searched for something that you gave, such as a number."),
    }
    return Look(
        who=record.actor_name,
        agency=local_text(record.agency_names),
        what=what[record.kind],
        why=known.get(record.reason, record.reason),
        at=record.at,
    )


def letter(message: MessageView) -> Letter | None:
    """A message we sent, or are about to; a code that was sent is nobody's reading."""
    if message.purpose == "code" or message.state is State.CANCELLED:
        return None
    subject = message.subject if message.medium is Medium.EMAIL else ""
    return Letter(subject, message.body, message.masked_address, message.created_at, _state(message))


def _state(message: MessageView) -> str:
    """What became of it, and what a person may do about it."""
    if message.bounced_at is not None:
        return _("This message came back. Is the address right? You always find everything on this page.")
    if message.delivered_at is not None:
        return _("This message arrived.")
    if message.state is State.FAILED:
        return _("We could not send this message. You always find everything on this page.")
    if message.state is State.SENT:
        return _("The mail or telephone company has this message.")
    return _("This message is on its way.")


def _money(entry: TimelineEntry) -> str:
    """With the amount for whoever may see all of it."""
    money = entry.money
    told = {"amount": amount(money.amount)} if money else {}
    if entry.happened is Happened.PAID:
        return _("You paid %(amount)s") % told if told else _("You paid")
    if entry.happened is Happened.RETURNED:
        return _("We give %(amount)s back to you") % told if told else _("We give money back to you")
    if entry.happened is Happened.PAYMENT_LAPSED:
        return _("The time to pay %(amount)s is over") % told if told else _("The time to pay is over")
    return _("We asked you to pay %(amount)s") % told if told else _("We asked you to pay")


def _title(entry: TimelineEntry) -> str:
    if entry.happened is Happened.SUBMITTED:
        return _("We received your application")
    if entry.happened is Happened.ANSWERED:
        return _("You answered our question")
    places = {
        Happened.ARRIVED: _("Ready to pick up: %(place)s"),
        Happened.SENT_ON: _("On its way to: %(place)s"),
        Happened.COLLECTED: _("Handed over: %(place)s"),
    }
    if entry.happened in places:
        return places[entry.happened] % {"place": local_text(entry.place)}
    if entry.happened is Happened.TOLD:
        return _("We told: %(agency)s") % {"agency": local_text(entry.agency_told)}
    if entry.happened in ABOUT_MONEY:
        return _money(entry)
    return ""
