"""What the applicant would read if an officer acted so: worked out, never written."""

from datetime import datetime
from uuid import UUID

from loket.casework import explaining, policies, sealing
from loket.casework.actions import moving
from loket.casework.explained import DecisionPreview
from loket.casework.models import Case
from loket.casework.refusals import NoSuchCase
from loket.catalogue import explaining as rules
from loket.catalogue import queries as catalogue
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.privacy import actions as privacy
from loket.workflow import engine
from loket.workflow.definition import Final, Outcome, Review
from loket.workflow.engine import GivenReason


def preview(
    *, case_id: UUID, action: str, reason: GivenReason, staff: StaffMember, now: datetime
) -> DecisionPreview:
    """Where the action leads as things stand, with all that the applicant reads of it there.

    Whoever opened the case to act is on record already. Refuses NoSuchCase and what the workflow refuses.
    """
    case = Case.objects.filter(id=case_id, erased_at=None).first()
    if case is None or not policies.may_work(staff, case.agency_id, case.team_id):
        raise NoSuchCase()
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    context = moving.journey_context(agency, case.language, now)
    answers = sealing.answers_of(privacy.open_key(case.key_id), case, service)
    facts = service.decided(Journey(service.form, answers, context), context)
    evaluating = context.evaluating()
    move = engine.act(service.workflow, case.stage, action, facts.values, evaluating, reason=reason)
    here, there = service.workflow.stages[case.stage], service.workflow.stages[move.to_stage]
    library = here.actions[action].reasons if isinstance(here, Review) else ()
    unhappy = isinstance(there, Final) and there.outcome not in (Outcome.GRANTED, Outcome.DONE)
    told = rules.of_move(service, facts, move, evaluating, case.language)
    return DecisionPreview(
        language=case.language,
        stage=there.label,
        says=there.says or {},
        outcome=there.outcome if isinstance(there, Final) else "",
        silent=there.silent,
        reasons=tuple(option.label for option in library if option.value in reason.values),
        words=reason.words.strip(),
        appeal=(service.service.appeal or {}) if unhappy else {},
        decided=explaining.in_languages(service, {case.language: told}),
    )
