"""What the documents of a case say, in its language: the application, the decision, the receipt."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from loket.casework.explained import Why
from loket.casework.models import Case
from loket.casework.types import PaperKind, TimelineEntry
from loket.catalogue.compiled import CompiledService
from loket.documents.types import Answers, Block, Bullets, Heading, Letter, Paragraph, Row, Rows, Sums
from loket.forms.journey import Journey
from loket.forms.types import JourneyContext
from loket.identity.types import AgencyView
from loket.kernel.text import in_language
from loket.kernel.words import amount, long_date, long_moment, say
from loket.payments.registry import providers
from loket.payments.types import PaymentView
from loket.workflow.definition import Outcome


@dataclass(frozen=True, slots=True)
class About:
    """The case a document is about, opened, and when it is made."""

    case: Case
    service: CompiledService
    agency: AgencyView
    journey: Journey
    context: JourneyContext
    now: datetime

    @contextmanager
    def in_its_words(self) -> Iterator[None]:
        """Within, sentences and dates are in the case's language and the agency's time."""
        with translation.override(self.case.language), timezone.override(ZoneInfo(self.agency.timezone)):
            yield


def submission(about: About) -> Letter:
    """Every question and answer. After a reply that changed some, the latest."""
    case = about.case
    with about.in_its_words():
        facts = [Row(_("Reference"), (case.reference,)), Row(_("Sent"), (long_moment(case.opened_at),))]
        if case.stage in about.service.workflow.stages and case.closed_at is None:
            # Otherwise, as while a fee is due, there is no promise.
            facts.append(Row(_("Decision by"), (long_date(case.due_at),)))
        return _letter(
            about, PaperKind.SUBMISSION, tuple(facts), (Heading(_("Your answers")), _answers(about))
        )


def decision(about: About, entry: TimelineEntry, whys: tuple[Why, ...]) -> Letter:
    """The outcome, why (`whys`: what rules decided by themselves), and what can be done about it."""
    case, language = about.case, about.case.language
    with about.in_its_words():
        facts = (
            Row(_("Reference"), (case.reference,)),
            Row(_("Sent"), (long_date(case.opened_at),)),
            Row(_("Decided"), (long_date(entry.at),)),
        )
        blocks: list[Block] = []
        if entry.says:
            blocks.append(Paragraph(in_language(entry.says, language)))
        blocks += _reasons(entry, language)
        blocks += _rules(whys, language)
        appeal = about.service.service.appeal
        if appeal and case.outcome not in (Outcome.GRANTED, Outcome.DONE):
            blocks += [Heading(_("If you do not agree")), Paragraph(in_language(appeal, language))]
        blocks += [Heading(_("What you asked for")), _answers(about)]
        stage = about.service.workflow.stages.get(case.stage)
        label = in_language(stage.label, language) if stage else ""
        return _letter(about, PaperKind.DECISION, facts, tuple(blocks), _outcome(case.outcome) or label)


def receipt(about: About, payment: PaymentView) -> Letter:
    language, latest = about.case.language, payment.receipts[-1]
    with about.in_its_words():
        facts = (
            Row(_("Receipt"), (latest.number,)),
            Row(_("Paid"), (long_moment(latest.paid_at),)),
            Row(_("Reference"), (payment.reference,)),
        )
        lines = tuple((in_language(line.label, language), amount(line.amount)) for line in payment.lines)
        blocks: tuple[Block, ...] = (
            Sums((_("For"), _("Amount")), lines, (_("Paid in full"), amount(payment.amount))),
            Paragraph(_("Paid by %(way)s.") % {"way": _way(latest.provider)}),
        )
        return _letter(about, PaperKind.RECEIPT, facts, blocks)


def title(kind: PaperKind) -> str:
    """In the active language."""
    return _TITLES[kind]()


# Functions, so that each is said in the language of the moment.
_TITLES: dict[PaperKind, Callable[[], str]] = {
    PaperKind.SUBMISSION: lambda: _("Your application"),
    PaperKind.DECISION: lambda: _("The decision"),
    PaperKind.RECEIPT: lambda: _("Receipt"),
    PaperKind.ISSUED: lambda: _("Document"),
}


def _letter(
    about: About, kind: PaperKind, facts: tuple[Row, ...], blocks: tuple[Block, ...], outcome: str = ""
) -> Letter:
    return Letter(
        agency=about.agency,
        language=about.case.language,
        title=title(kind),
        about=in_language(about.service.title, about.case.language),
        facts=facts,
        blocks=blocks,
        made_at=about.now,
        outcome=outcome,
    )


def _way(provider: str) -> str:
    """A way to pay as payers know it; its key where it was since removed."""
    known = providers.all().get(provider)
    return say(known.label) if known else provider


def _answers(about: About) -> Answers:
    language = about.case.language
    rows = tuple(
        Row(
            in_language(row.question.label, language),
            tuple(say(line) for line in row.lines) or (_("Not answered"),),
        )
        for row in about.journey.rows
    )
    return Answers(rows)


def _reasons(entry: TimelineEntry, language: str) -> list[Block]:
    reason = entry.reason
    if reason is None or not (reason.chosen or reason.words):
        return []
    found: list[Block] = [Heading(_("The reasons"))]
    if reason.chosen:
        found.append(Bullets(tuple(in_language(one, language) for one in reason.chosen)))
    if reason.words:
        found.append(Paragraph(reason.words, quoted=True))
    return found


def _rules(whys: tuple[Why, ...], language: str) -> list[Block]:
    """Rule by rule, with what was seen in the answers."""
    rules = [rule for why in whys for rule in why.rules]
    if not rules:
        return []
    rows = tuple(
        Row(
            in_language(rule.because, language),
            (_("Applies") if rule.fits else _("Does not apply"), *rule.seen.get(language, ())),
        )
        for rule in rules
    )
    told = _(
        "These rules were looked at, one after the other, with the answers given. No person decided this "
        "part."
    )
    return [Heading(_("How this was decided")), Paragraph(told), Rows((_("Rule"), _("What was found")), rows)]


def _outcome(key: str) -> str:
    words = {
        Outcome.GRANTED: _("Granted"),
        Outcome.PARTLY_GRANTED: _("Granted in part"),
        Outcome.REFUSED: _("Refused"),
        Outcome.DONE: _("Done"),
    }
    return words.get(Outcome(key), "") if key in set(Outcome) else ""
