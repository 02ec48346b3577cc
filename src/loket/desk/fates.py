"""What became of a message, in words for staff, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from loket.notifications.types import MessageView, State
from loket.web.words import long_moment


@dataclass(frozen=True, slots=True)
class MessageFate:
    """`next` is what happens or is to be done now, empty where nothing is; `bad`: it did not arrive."""

    state: str
    at: datetime | None = None
    next: str = ""
    bad: bool = False


def of(message: MessageView) -> MessageFate:
    """What is known best counts: what came back was handed over before."""
    if message.bounced_at is not None:
        return MessageFate(_("came back"), message.bounced_at, _reach_them(), bad=True)
    if message.delivered_at is not None:
        return MessageFate(_("delivered"), message.delivered_at)
    return _by_state(message)


def _by_state(message: MessageView) -> MessageFate:
    match message.state:
        case State.SENT:
            told = _("Whether it arrives, the mail or telephone company may tell us later.")
            return MessageFate(_("handed over"), message.ended_at, told)
        case State.FAILED:
            return MessageFate(_("failed"), message.ended_at, _reach_them(), bad=True)
        case State.CANCELLED:
            return MessageFate(_("not sent"), message.ended_at, _taken_back(message))
        case State.SENDING:
            return MessageFate(_("being sent"))
        case State.QUEUED:
            return MessageFate(_("waiting to be sent"), None, _tried_again(message))


def _reach_them() -> str:
    return _(
        "We do not try again. Reach this person in another way, and ask for an address that works. "
        "They can read the message on the page of their case."
    )


def _tried_again(message: MessageView) -> str:
    told = {"at": long_moment(message.due_at)}
    if message.attempts:
        return _("It could not be sent yet. We try again by ourselves on %(at)s.") % told
    return _("It goes out on %(at)s at the earliest.") % told


def _taken_back(message: MessageView) -> str:
    if message.trouble:
        return _("This person wants no reminders.")
    return _("It was taken back before it went out.")
