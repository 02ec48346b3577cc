"""Moves between stages: what an action, an answer or a time-out changes on the case."""

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from procrastinate.contrib.django import app

from loket.applications.drafts import journey_context
from loket.audit import actions as audit
from loket.casework import announcing, collecting, explaining, policies, reminding, sealing, timeline
from loket.casework.models import Case, CaseEvent, Inquiry
from loket.casework.promise import resumed
from loket.casework.queues import SWIFT
from loket.casework.refusals import NoSuchCase, NothingAsked, Stale
from loket.casework.types import Happened, Phase
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.identity.types import AgencyView, StaffMember
from loket.kernel.actors import SYSTEM, Actor
from loket.kernel.ids import new_id
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey
from loket.workflow import engine
from loket.workflow.definition import Action, Applicant, Collect, Final, Review
from loket.workflow.engine import GivenReason, Move
from loket.workflow.terms import deadline

# How long a reversible action can be taken back, and its outward effects wait.
UNDO_FOR = timedelta(minutes=1)
FOLLOW_UP_JOB = "casework.follow_up"
# Before messages, which may each wait for a slow mail server.
AHEAD = 10

__all__ = ["UNDO_FOR", "act", "effects_as_json", "enter", "follow_up_later", "journey_context", "time_out"]


@transaction.atomic
def act(
    *,
    case_id: UUID,
    action: str,
    revision: int,
    reason: GivenReason,
    message: str,
    questions: tuple[str, ...],
    staff: StaffMember,
    now: datetime,
) -> UUID:
    """An officer acts on a case they have open; returns the event.

    `revision` is the one the officer saw. For an action that asks, `message` and `questions` say what;
    exactly those answers are reopened. Outward effects of a reversible action wait UNDO_FOR. Refuses
    NoSuchCase, Stale, NothingAsked and what the workflow refuses.
    """
    case = _locked(case_id, staff)
    if case.revision != revision:
        raise Stale(**_last_word(case))
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    key = privacy.open_key(case.key_id)
    context = journey_context(agency, case.language, now)
    answers = sealing.answers_of(key, case, service)
    journey = Journey(service.form, answers, context)
    facts = service.decided(journey, context)
    move = engine.act(service.workflow, case.stage, action, facts.values, context.evaluating(), reason=reason)
    chosen = _action(service, case.stage, action)
    # Only answers that the person was asked for and can see can be asked for again.
    asked = [row.question.id for row in journey.rows if row.question.id in questions]
    if chosen.asks and not (message.strip() and asked):
        raise NothingAsked()
    before = snapshot(case)
    enter(case, service, agency, move, now)
    event = record_move(
        case,
        Happened.MOVED,
        move,
        by=staff.actor,
        now=now,
        action=action,
        before=before,
        settles_at=now + UNDO_FOR if chosen.reversible else now,
        sealed=_sealed_reason(key, case, reason),
        trace=explaining.sealed(key, case, service, facts, context, move=move),
    )
    if chosen.asks:
        Inquiry.objects.create(
            case=case,
            event=event,
            questions=asked,
            sealed_message=sealing.seal(key, case, "inquiry", message.strip()),
            asked_at=now,
        )
    return event.id


@transaction.atomic
def time_out(*, case_id: UUID, now: datetime) -> bool:
    """Moves a case whose stage has run out; False where it no longer has. Idempotent."""
    case = Case.objects.select_for_update(skip_locked=True).filter(id=case_id, stage_due_at__lte=now).first()
    if case is None:
        return False
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    context = journey_context(agency, case.language, now)
    key = privacy.open_key(case.key_id)
    answers = sealing.answers_of(key, case, service)
    facts = service.decided(Journey(service.form, answers, context), context)
    move = engine.time_out(service.workflow, case.stage, facts.values, context.evaluating())
    before = snapshot(case)
    enter(case, service, agency, move, now)
    Inquiry.objects.filter(case=case, answered_at=None, withdrawn_at=None).update(withdrawn_at=now)
    trace = explaining.sealed(key, case, service, facts, context, move=move)
    record_move(
        case, Happened.TIMED_OUT, move, by=SYSTEM, now=now, before=before, settles_at=now, trace=trace
    )
    collecting.ran_out(case, now)
    return True


def enter(case: Case, service: CompiledService, agency: AgencyView, move: Move, now: datetime) -> None:
    """Puts the case where the move leads: stage, phase, team, deadlines. Doesn't save it."""
    zone = ZoneInfo(agency.timezone)
    stage = service.workflow.stages[move.to_stage]
    if case.phase == Phase.WAITING:
        case.due_at = resumed(
            service.promise,
            case.due_at,
            paused_at=case.entered_at,
            now=now,
            calendar=agency.calendar,
            zone=zone,
        )
    case.stage, case.entered_at, case.stage_due_at = move.to_stage, now, None
    case.phase, case.closed_at, case.outcome = Phase.OPEN, None, ""
    if isinstance(stage, Final):
        case.phase, case.closed_at, case.outcome = Phase.CLOSED, now, stage.outcome
    elif isinstance(stage, Applicant):
        case.phase = Phase.WAITING
        if stage.within:
            case.stage_due_at = deadline(stage.within, now, agency.calendar, zone)
    elif isinstance(stage, Review | Collect):
        team = identity.team(agency.id, stage.team)
        if team.id != case.team_id:
            case.team_id, case.assigned_to, case.unread = team.id, None, True


def record_move(
    case: Case,
    happened: Happened,
    move: Move,
    *,
    by: Actor,
    now: datetime,
    settles_at: datetime,
    before: dict[str, str | int | None],
    action: str = "",
    sealed: bytes | None = None,
    trace: bytes | None = None,
) -> CaseEvent:
    """Saves the moved case with its event, audit record and follow-up job."""
    case.revision += 1
    case.save()
    if case.phase == Phase.WAITING and case.stage_due_at and happened not in timeline.STAYING:
        reminding.plan_answer(case, now)
    event = CaseEvent.objects.create(
        id=new_id(),
        case=case,
        agency_id=case.agency_id,
        happened=happened,
        at=now,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        action=action,
        from_stage=move.from_stage,
        to_stage=move.to_stage,
        effects=effects_as_json(move),
        before=before,
        sealed_details=sealed,
        sealed_trace=trace,
        settles_at=settles_at,
    )
    audit.record(f"case.{happened}", by=by, about=f"case:{case.reference}", now=now, stage=move.to_stage)
    follow_up_later(event)
    announcing.announce(case, event)
    return event


def follow_up_later(event: CaseEvent) -> None:
    """Defers the event's effects and messages to when it settles, in this transaction."""
    app.configure_task(FOLLOW_UP_JOB, queue=SWIFT, schedule_at=event.settles_at, priority=AHEAD).defer(
        event_id=str(event.id)
    )


def effects_as_json(move: Move) -> list[dict[str, object]]:
    return [asdict(effect) for effect in move.effects]


def snapshot(case: Case) -> dict[str, str | int | None]:
    """The plain facts that undoing puts back."""

    def when(moment: datetime | None) -> str | None:
        return moment.isoformat() if moment else None

    return {
        "stage": case.stage,
        "phase": case.phase,
        "team_id": case.team_id,
        "assigned_to_id": str(case.assigned_to_id) if case.assigned_to_id else None,
        "entered_at": when(case.entered_at),
        "due_at": when(case.due_at),
        "stage_due_at": when(case.stage_due_at),
    }


def _locked(case_id: UUID, staff: StaffMember) -> Case:
    case = Case.objects.select_for_update().filter(id=case_id, erased_at=None).first()
    if case is None or not policies.may_work(staff, case.agency_id, case.team_id):
        raise NoSuchCase()
    return case


def _last_word(case: Case) -> dict[str, str]:
    last = case.events.filter(undone_at=None).order_by("-id").first()
    return {"by": last.actor_name if last else "", "at": last.at.isoformat() if last else ""}


def _action(service: CompiledService, stage: str, action: str) -> Action:
    here = service.workflow.stages[stage]
    if not isinstance(here, Review):
        raise NoSuchCase()
    return here.actions[action]


def _sealed_reason(key: DataKey, case: Case, reason: GivenReason) -> bytes | None:
    if not reason.values and not reason.words.strip():
        return None
    return sealing.seal(key, case, "reason", {"values": list(reason.values), "words": reason.words.strip()})
