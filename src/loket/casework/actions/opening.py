"""A case begins: the reaction to a submitted application, in its transaction."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loket.applications import queries as applications
from loket.applications.events import ApplicationSubmitted
from loket.casework import announcing, explaining, sealing
from loket.casework.actions import moving, paying
from loket.casework.identifying import pin_digest
from loket.casework.indexing import index_rows, shown_in_lists
from loket.casework.models import Case, CaseEvent
from loket.casework.promise import promised_by
from loket.casework.stages import AWAITING_PAYMENT
from loket.casework.types import Happened
from loket.catalogue import queries as catalogue
from loket.decisions.types import DecisionFault
from loket.files import actions as files
from loket.files.types import OwnerKind
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.kernel.actors import APPLICANT, SYSTEM
from loket.kernel.ids import new_id
from loket.kernel.rows import insert_together
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey
from loket.workflow import engine
from loket.workflow.engine import Move

_log = logging.getLogger(__name__)


def open_case(application: ApplicationSubmitted) -> None:
    """Opens the case: a statement for its key, one for all its rows, one for the job; two more with files.

    The key is written and committed in the key store first; a submission that fails after it leaves a
    key that opens nothing.
    """
    service = catalogue.compiled(application.version_id)
    agency = identity.agency_known(application.agency_id)
    now = application.submitted_at
    case = Case(
        id=new_id(),
        reference=application.reference,
        agency_id=agency.id,
        service_id=service.service_id,
        version_id=application.version_id,
        language=application.language,
        opened_at=now,
        due_at=promised_by(service.promise, now, agency.calendar, ZoneInfo(agency.timezone)),
        display=shown_in_lists(service, application.answers, application.language),
    )
    case.key_id, key = privacy.create_key(case.id)
    files.move_to_owner(
        file_ids=[UUID(ref.id) for ref in application.files],
        from_kind=OwnerKind.DRAFT,
        from_id=application.draft_id,
        from_key=application.draft_key,
        to_kind=OwnerKind.CASE,
        to_id=case.id,
        to_key=key,
        agency_id=agency.id,
        by=APPLICANT,
        now=now,
    )
    case.sealed_answers = sealing.seal_answers(key, case, service, application.answers)
    sealing.keep_contact(key, case, application.answers)
    case.pin_digest = pin_digest(case.reference, application.paper_pin) if application.paper_pin else None
    context = moving.journey_context(agency, application.language, now)
    journey = Journey(service.form, application.answers, context)
    facts = service.decided(journey, context)
    move = engine.start(service.workflow, facts.values, context.evaluating())
    # Also where a fee comes first: the team that will work the case sees that it waits for one.
    moving.enter(case, service, agency, move, now)
    assessed = service.assess(facts, context)
    if assessed.total is not None and assessed.total.amount > 0:
        move = Move("", AWAITING_PAYMENT, (), (), None)
        paying.wait_for_fee(
            case, service, agency, assessed.lines, bill_id=applications.bill_in(application.answers), now=now
        )
    event = CaseEvent(
        id=new_id(),
        case=case,
        agency_id=agency.id,
        happened=Happened.SUBMITTED,
        at=now,
        actor_kind=APPLICANT.kind,
        to_stage=move.to_stage,
        effects=moving.effects_as_json(move),
        sealed_trace=explaining.sealed(key, case, service, facts, context, move=move, assessment=assessed),
        settles_at=now,
    )
    events = [event]
    if assessed.faults:
        events.append(_fault(case, key, assessed.faults, now))
    insert_together([case], events, index_rows(case, service, application.answers))
    moving.follow_up_later(event)
    announcing.announce(case, event)


def _fault(case: Case, key: DataKey, faults: Sequence[DecisionFault], now: datetime) -> CaseEvent:
    """A note to staff: nobody was charged, because nobody knows how much."""
    told = "; ".join(str(fault) for fault in faults)
    _log.error("fee_not_worked_out case=%s faults=%s", case.id, told)
    with translation.override(settings.LANGUAGE_CODE):
        words = _(
            "The fee could not be worked out (%(faults)s), so none was asked for. "
            "If one is owed, please ask for it here."
        ) % {"faults": told}
    return CaseEvent(
        id=new_id(),
        case=case,
        agency_id=case.agency_id,
        happened=Happened.NOTED,
        at=now,
        actor_kind=SYSTEM.kind,
        sealed_details=sealing.seal(key, case, "note", words),
        settles_at=now,
        followed_up_at=now,
    )
