"""What casework writes to applicants: no answers and no reasons, because mail is open to many eyes."""

from datetime import date
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loket.casework.models import Case, CaseEvent
from loket.casework.types import Happened
from loket.catalogue.compiled import CompiledService
from loket.identity.types import AgencyView
from loket.kernel.centres import Centre
from loket.kernel.text import in_language
from loket.notifications.types import RenderedText
from loket.workflow.definition import Applicant, Collect, Final

# What a message with a one-time code is called among messages.
CODE = "code"
# And one that holds the PIN for the counter.
ARRIVED = "arrived"


def stage_reached(case: Case, event: CaseEvent, service: CompiledService, agency: AgencyView) -> RenderedText:
    """Told at every change of stage. Stage names and dates are all it gives away."""
    language = case.language
    stage = service.workflow.stages[event.to_stage]
    came_from = service.workflow.stages.get(event.from_stage)
    with translation.override(language):
        title = in_language(service.title, language)
        lines = [
            _opening(case, event, uncollected=isinstance(came_from, Collect))
            % {"title": title, "reference": case.reference},
            _("It is now: %(stage)s.") % {"stage": in_language(stage.label, language)},
        ]
        if isinstance(stage, Final):
            lines.append(_("Read the decision and the reasons for it here:"))
        elif isinstance(stage, Applicant):
            lines.append(_("We need something more from you. Read what, and answer, here:"))
        else:
            lines.append(_("Follow it here:"))
        lines += [_address(case), "", agency.name(language)]
        return RenderedText(
            subject=_subject(title, case),
            body="\n".join(lines),
            language=language,
        )


def one_time_code(case: Case, code: str, minutes: int, language: str) -> RenderedText:
    with translation.override(language):
        return RenderedText(
            subject=_("Your code for %(reference)s") % {"reference": case.reference},
            body=_(
                "Your code is %(code)s. It works for %(minutes)s minutes.\n"
                "We never ask for it by phone. If you did not ask for it, you need not do anything."
            )
            % {"code": code, "minutes": minutes},
            language=language,
        )


def arrived(
    case: Case, service: CompiledService, agency: AgencyView, centre: Centre | None, pin: str
) -> RenderedText:
    """The PIN serves only at the counter, and only together with the reference."""
    with translation.override(case.language):
        title = in_language(service.title, case.language)
        lines = [
            _("“%(title)s” (%(reference)s) is ready for you.")
            % {"title": title, "reference": case.reference},
            *_where(centre, case.language),
        ]
        if case.stage_due_at:
            last = case.stage_due_at.astimezone(ZoneInfo(agency.timezone)).date()
            lines.append(_("It waits there until %(day)s.") % {"day": _day(last, case.language)})
        if pin:
            lines.append(_("Your PIN at the counter: %(pin)s. Or bring your ID.") % {"pin": pin})
        else:
            lines.append(_("Bring your ID, or the PIN on your paper."))
        lines += [_("When it is open, and more:"), _address(case), "", agency.name(case.language)]
        return RenderedText(_subject(title, case), "\n".join(lines), case.language)


def sent_on(case: Case, service: CompiledService, agency: AgencyView, centre: Centre | None) -> RenderedText:
    with translation.override(case.language):
        title = in_language(service.title, case.language)
        lines = [
            _("“%(title)s” (%(reference)s) is on its way to another place:")
            % {"title": title, "reference": case.reference},
            *_where(centre, case.language),
            _("We write again when it is there. Follow it here:"),
            _address(case),
            "",
            agency.name(case.language),
        ]
        return RenderedText(_subject(title, case), "\n".join(lines), case.language)


def _where(centre: Centre | None, language: str) -> list[str]:
    if centre is None:
        return []
    return [part for part in (centre.name(language), centre.address, centre.phone) if part]


def _day(day: date, language: str) -> str:
    return format_date(day, "d MMMM y", locale=language)


def _subject(title: str, case: Case) -> str:
    return _("%(title)s: %(reference)s") % {"title": title, "reference": case.reference}


def _opening(case: Case, event: CaseEvent, *, uncollected: bool) -> str:
    if event.happened == Happened.SUBMITTED:
        return _("We have your application “%(title)s”. Your reference is %(reference)s.")
    if event.happened == Happened.ANSWERED:
        return _("Thank you. We have your answer about “%(title)s” (%(reference)s).")
    if event.happened == Happened.COLLECTED:
        return _("You have picked up what you asked for: “%(title)s” (%(reference)s).")
    if event.happened == Happened.TIMED_OUT and uncollected:
        return _("“%(title)s” (%(reference)s) was not picked up in time and goes back to the office.")
    if event.happened == Happened.TIMED_OUT:
        return _("We did not hear from you in time about “%(title)s” (%(reference)s).")
    return _("There is news about “%(title)s” (%(reference)s).")


def _address(case: Case) -> str:
    return f"{settings.PUBLIC_ADDRESS}/{case.language}/track/?reference={case.reference}"
