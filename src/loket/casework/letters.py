"""What casework writes to applicants: no answers and no reasons, because mail is open to many eyes."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loket.casework.models import Case, CaseEvent
from loket.casework.types import Happened
from loket.catalogue.compiled import CompiledService
from loket.identity.types import AgencyView
from loket.kernel.text import in_language
from loket.notifications.types import RenderedText
from loket.workflow.definition import Applicant, Final

# What a message with a one-time code is called among messages.
CODE = "code"


def stage_reached(case: Case, event: CaseEvent, service: CompiledService, agency: AgencyView) -> RenderedText:
    """Told at every change of stage. Stage names and dates are all it gives away."""
    language = case.language
    stage = service.workflow.stages[event.to_stage]
    with translation.override(language):
        title = in_language(service.title, language)
        lines = [
            _opening(case, event) % {"title": title, "reference": case.reference},
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
            subject=_("%(title)s: %(reference)s") % {"title": title, "reference": case.reference},
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


def _opening(case: Case, event: CaseEvent) -> str:
    if event.happened == Happened.SUBMITTED:
        return _("We have your application “%(title)s”. Your reference is %(reference)s.")
    if event.happened == Happened.ANSWERED:
        return _("Thank you. We have your answer about “%(title)s” (%(reference)s).")
    if event.happened == Happened.TIMED_OUT:
        return _("We did not hear from you in time about “%(title)s” (%(reference)s).")
    return _("There is news about “%(title)s” (%(reference)s).")


def _address(case: Case) -> str:
    return f"{settings.PUBLIC_ADDRESS}/{case.language}/track/?reference={case.reference}"
