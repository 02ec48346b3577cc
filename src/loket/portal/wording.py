"""Terms and promises in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loket.casework.types import PaperKind
from loket.catalogue.service import Retention
from loket.workflow.definition import Term


def within(term: Term) -> str:
    """10 working days / 14 days / 48 hours."""
    if term.working_days is not None:
        shown = ngettext("%(count)s working day", "%(count)s working days", term.working_days)
        return shown % {"count": term.working_days}
    if term.days is not None:
        return ngettext("%(count)s day", "%(count)s days", term.days) % {"count": term.days}
    hours = term.hours or 0
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


def kept_for(retention: Retention) -> str:
    """How long data stay after a case was closed: 7 years / 6 months / 30 days."""
    if retention.years is not None:
        return ngettext("%(count)s year", "%(count)s years", retention.years) % {"count": retention.years}
    if retention.months is not None:
        return ngettext("%(count)s month", "%(count)s months", retention.months) % {"count": retention.months}
    days = retention.days or 0
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def about_minutes(minutes: int) -> str:
    return ngettext("about %(count)s minute", "about %(count)s minutes", minutes) % {"count": minutes}


def paper(kind: PaperKind) -> str:
    """What a document of a case is called, where its service has no name for it."""
    return {
        PaperKind.SUBMISSION: _("Your application as you sent it"),
        PaperKind.DECISION: _("Letter with the decision"),
        PaperKind.RECEIPT: _("Receipt for your payment"),
        PaperKind.ISSUED: _("Document"),
    }[kind]


def outcome(key: str) -> str:
    """What a decision came to, in a word or two; empty while there is none."""
    words = {
        "granted": _("Granted"),
        "partly_granted": _("Granted in part"),
        "refused": _("Refused"),
        "withdrawn": _("Closed"),
        "done": _("Done"),
    }
    return words.get(key, "")
