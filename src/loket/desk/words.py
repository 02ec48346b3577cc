"""What the desk says: terms in words, roles, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loket.casework.types import IdKind, PaperKind, PaperView, Phase
from loket.documents.types import Status, WithdrawalReason
from loket.identity.types import Role
from loket.kernel.text import Message, marked
from loket.payments.registry import providers
from loket.payments.types import EntryKind, PaymentState, PaymentView, RefundReason, RefundState
from loket.privacy.types import ASSIGNED_WORK, EXACT_ANSWER, AccessKind
from loket.web.words import local_text, say, short_date

_NEAR_DAYS = 7


Key = TypeVar("Key", bound=str)


@dataclass(frozen=True, slots=True)
class Due:
    """A term in words; `look` is late, soon or empty."""

    words: str
    look: str


def due(at: datetime, now: datetime, phase: Phase = Phase.OPEN) -> Due:
    """In calendar days of the office, as people count them."""
    if phase is Phase.UNPAID:
        return Due(_("to be paid by %(day)s") % {"day": short_date(at)}, "")
    if phase is Phase.WAITING:
        return Due(_("the clock rests"), "")
    days = (timezone.localtime(at).date() - timezone.localtime(now).date()).days
    if at < now:
        return Due(_late(-days), "late")
    if days <= 1:
        return Due(_("due tomorrow") if days else _("due today"), "soon")
    if days <= _NEAR_DAYS:
        return Due(ngettext("due in %(days)s day", "due in %(days)s days", days) % {"days": days}, "")
    return Due(_("due %(day)s") % {"day": short_date(at)}, "")


def _late(days: int) -> str:
    if days == 0:
        return _("late since today")
    return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}


PHASES: Mapping[Phase, str] = {
    Phase.OPEN: marked("To do"),
    Phase.UNPAID: marked("Not paid yet"),
    Phase.WAITING: marked("Waiting for the applicant"),
    Phase.CLOSED: marked("Closed cases"),
}
OUTCOMES: Mapping[str, str] = {
    "granted": marked("Granted"),
    "partly_granted": marked("Partly granted"),
    "refused": marked("Refused"),
    "withdrawn": marked("Withdrawn"),
    "done": marked("Done"),
}
ROLES: Mapping[Role, str] = {
    Role.OFFICER: marked("Officer"),
    Role.SUPERVISOR: marked("Supervisor"),
    Role.PUBLISHER: marked("Publisher"),
    Role.ANALYST: marked("Analyst"),
    Role.PRIVACY_OFFICER: marked("Privacy officer"),
    Role.ADMINISTRATOR: marked("Administrator"),
}
ROLE_CAN: Mapping[Role, str] = {
    Role.OFFICER: marked("Work the cases of your team."),
    Role.SUPERVISOR: marked("Work the cases of your team, and see to it that promises are kept."),
    Role.PUBLISHER: marked(
        "Publish services from their folders with the loket command. Pages for it do not exist yet."
    ),
    Role.ANALYST: marked("Nothing here yet: figures about services are not built."),
    Role.PRIVACY_OFFICER: marked("See who looked at a case, and open one with a reason."),
    Role.ADMINISTRATOR: marked(
        "Make accounts and give posts with the loket command. Pages for it do not exist yet."
    ),
}
ACCESSES: Mapping[AccessKind, str] = {
    AccessKind.OPENED: marked("opened the case"),
    AccessKind.FILE_OPENED: marked("opened a file"),
    AccessKind.LOOKED_UP: marked("found the case by a look-up"),
    AccessKind.LISTED: marked("saw the case in a list"),
    AccessKind.EXPORTED: marked("copied the case in an export"),
}
PAYMENT_STATES: Mapping[PaymentState, str] = {
    PaymentState.DUE: marked("not paid yet"),
    PaymentState.PARTLY: marked("paid in part"),
    PaymentState.PAID: marked("paid"),
    PaymentState.CLOSED: marked("no longer asked for"),
}
REFUND_STATES: Mapping[RefundState, str] = {
    RefundState.DUE: marked("is going back"),
    RefundState.ASKED: marked("is going back"),
    RefundState.DONE: marked("went back"),
    RefundState.FAILED: marked("has to be given back by hand"),
    RefundState.BY_HAND: marked("has to be given back by hand"),
}
REFUND_REASONS: Mapping[RefundReason, str] = {
    RefundReason.TOO_MUCH: marked("more came than was asked for"),
    RefundReason.PAID_TWICE: marked("it had been paid already"),
    RefundReason.TOO_LATE: marked("it came too late"),
    RefundReason.NOT_OWED: marked("it is not owed any more"),
    RefundReason.OTHER_CURRENCY: marked("it came in another currency"),
    RefundReason.UNKNOWN_PAYER: marked("nobody knows what it was for"),
    RefundReason.DECIDED: marked("decided by a supervisor"),
}
ENTRIES: Mapping[EntryKind, str] = {
    EntryKind.MONEY_IN: marked("Money came"),
    EntryKind.RECEIPT: marked("Receipt"),
    EntryKind.REFUND: marked("Given back"),
    EntryKind.HELD: marked("Held"),
    EntryKind.DIFFERENCE: marked("Difference"),
}
ID_KINDS: Mapping[IdKind, str] = {
    IdKind.NATIONAL_ID: marked("National identity card"),
    IdKind.PASSPORT: marked("Passport"),
    IdKind.DRIVING_LICENCE: marked("Driving licence"),
    IdKind.OTHER: marked("Another document with a photo"),
}
CHANNELS: Mapping[str, str] = {"email": marked("e-mail"), "sms": marked("SMS"), "none": marked("none")}


def told(words: Mapping[Key, str], key: Key) -> str:
    """The sentence for a value; the value itself where there is none."""
    return say(Message(words[key])) if key in words else str(key)


def way_called(payment: PaymentView) -> str:
    """How a payment was paid; empty where it was not."""
    if not payment.receipts:
        return ""
    key = payment.receipts[0].provider
    return say(providers[key].label) if key in providers else key


def look_reason(reason: str) -> str:
    known = {ASSIGNED_WORK: _("assigned work"), EXACT_ANSWER: _("search by an answer")}
    return known.get(reason, reason)


def paper_title(paper: PaperView) -> str:
    """What a document of a case is called."""
    named = {
        PaperKind.SUBMISSION: _("The application as it was sent"),
        PaperKind.DECISION: _("Letter with the decision"),
        PaperKind.RECEIPT: _("Receipt"),
        PaperKind.ISSUED: _("Document"),
    }
    return local_text(paper.title) or named[paper.kind]


def standing(paper: PaperView) -> str:
    """What the register says of a certificate."""
    entry = paper.entry
    if entry is None:
        return ""
    if entry.status is Status.REVOKED and entry.reason and entry.withdrawn_at:
        why = dict(withdrawal_reasons())[entry.reason.value]
        return _("withdrawn on %(day)s: %(why)s") % {"day": short_date(entry.withdrawn_at), "why": why}
    if entry.status is Status.REPLACED:
        return _("replaced by a newer one")
    if entry.expires_on:
        return _("valid until %(day)s") % {"day": short_date(entry.expires_on)}
    return _("valid")


def withdrawal_reasons() -> tuple[tuple[str, str], ...]:
    """Values and words, the commonest first."""
    return (
        (WithdrawalReason.MISTAKE.value, _("it holds a mistake")),
        (WithdrawalReason.NO_LONGER_TRUE.value, _("what it says is no longer true")),
        (WithdrawalReason.LOST.value, _("it was lost or stolen")),
        (WithdrawalReason.FRAUD.value, _("it was got by false statements")),
        (WithdrawalReason.COURT.value, _("a court decided so")),
    )
