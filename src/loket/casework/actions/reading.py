"""Staff opens what people wrote: never without a record that the person can read."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from loket.applications.drafts import journey_context
from loket.applications.uploads import files_in
from loket.casework import collecting, papers, policies, sealing, stages, timeline
from loket.casework.models import Case, CaseEvent, Inquiry, Notice
from loket.casework.refusals import NoSuchCase, ReasonToLook
from loket.casework.tracking import letters_of, opened_inquiry
from loket.casework.types import (
    ActionOffer,
    Askable,
    NoticeRow,
    NoticeView,
    OpenInquiry,
    Phase,
    StaffCase,
    UndoOffer,
)
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.files import queries as files
from loket.files.types import OpenedFile, OwnerKind
from loket.forms.answering import answers_to_json
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey
from loket.privacy.queries import accesses_of
from loket.privacy.types import ASSIGNED_WORK, AccessKind
from loket.workflow import engine
from loket.workflow.definition import Action

_MOST_OF_A_REASON = 500


@transaction.atomic
def open_for_staff(
    *, reference: str, reason: str, staff: StaffMember, now: datetime, language: str = ""
) -> StaffCase:
    """The whole case, and an access record. Assigned work needs no reason; anything else a typed one.

    Answers read in `language`, or in the applicant's own where it is empty.
    Refuses NoSuchCase, ReasonToLook.
    """
    case = Case.objects.select_related("assigned_to").filter(reference=reference, erased_at=None).first()
    if case is None:
        raise NoSuchCase()
    may_work = _admit(case, reason, staff, AccessKind.OPENED, now)
    if may_work and case.unread:
        # Unless an answer came in between, which this person doesn't see yet.
        Case.objects.filter(id=case.id, revision=case.revision).update(unread=False)
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    key = privacy.open_key(case.key_id)
    answers = sealing.answers_of(key, case, service)
    context = journey_context(agency, language or case.language, now)
    journey = Journey(service.form, answers, context)
    events = list(CaseEvent.objects.filter(case=case).select_related("inquiry").order_by("id"))
    contact = sealing.contact_of(key, case)
    offers: tuple[tuple[str, Action], ...] = ()
    if may_work:
        facts = service.facts(journey, context)
        offers = engine.allowed_actions(service.workflow, case.stage, facts, context.evaluating())
    return StaffCase(
        id=case.id,
        reference=case.reference,
        revision=case.revision,
        agency_id=case.agency_id,
        service_title=service.title,
        language=case.language,
        stage=stages.label_of(service, case.stage),
        phase=Phase(case.phase),
        outcome=case.outcome,
        opened_at=case.opened_at,
        due_at=case.due_at,
        answer_by=timeline.answer_by(service, case.stage, case) if case.phase == Phase.WAITING else None,
        closed_at=case.closed_at,
        assigned_to=case.assigned_to.get_full_name() if case.assigned_to else "",
        assigned_to_me=case.assigned_to_id == staff.person_id,
        contact_channel=contact.channel.value,
        contact_address=contact.address,
        rows=journey.rows,
        files=files_in(answers),
        timeline=timeline.told(case, service, events, key, staff=True, now=now),
        inquiry=_inquiry(case, service, key),
        accesses=accesses_of(case.id, now),
        papers=papers.papers_of(case, service),
        may_withdraw=policies.may_withdraw(staff, case.agency_id, case.team_id),
        messages=collecting.without_pin(letters_of(case, key)),
        may_work=may_work,
        actions=tuple(
            ActionOffer(name, action.label, action.reason, action.reasons, action.asks, action.reversible)
            for name, action in offers
        ),
        askable=tuple(
            Askable(row.question.id, row.question.label)
            for row in journey.rows
            if service.form.questions[row.question.id].kind.asked_again
        ),
        undo=_undo(service, events, now) if may_work or _acted(events, staff) else None,
        collection=collecting.counter_row(case, service) if may_work else None,
        answers=answers_to_json(service.form, journey.live_answers),
    )


@transaction.atomic
def open_file_for_staff(
    *, reference: str, file_id: UUID, reason: str, staff: StaffMember, now: datetime
) -> OpenedFile:
    """One file of a case, and an access record. Refuses NoSuchCase, ReasonToLook, FileMissing."""
    case = Case.objects.filter(reference=reference, erased_at=None).first()
    if case is None:
        raise NoSuchCase()
    _admit(case, reason, staff, AccessKind.FILE_OPENED, now)
    key = privacy.open_key(case.key_id)
    return files.open_file(file_id=file_id, owner_kind=OwnerKind.CASE, owner_id=case.id, key=key)


@transaction.atomic
def open_notice(*, notice_id: UUID, staff: StaffMember, now: datetime, language: str = "") -> NoticeView:
    """What another agency told this one, and an access record. `language` as above. Refuses NoSuchCase."""
    notice = Notice.objects.select_related("case").filter(id=notice_id, case__erased_at=None).first()
    if notice is None or not policies.may_receive(staff, notice.agency_id):
        raise NoSuchCase()
    case = notice.case
    _record(case, notice.agency_id, ASSIGNED_WORK, staff, AccessKind.OPENED, now)
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    answers = sealing.answers_of(privacy.open_key(case.key_id), case, service)
    journey = Journey(service.form, answers, journey_context(agency, language or case.language, now))
    return NoticeView(
        NoticeRow(
            notice.id, notice.told_at, notice.received_at, case.agency_id, service.title, case.reference
        ),
        tuple(row for row in journey.rows if row.question.id in notice.questions),
    )


@transaction.atomic
def receive_notice(*, notice_id: UUID, staff: StaffMember, now: datetime) -> None:
    """Marks a notice as taken over into the agency's own records. Idempotent. Refuses NoSuchCase."""
    notice = Notice.objects.select_for_update().filter(id=notice_id).first()
    if notice is None or not policies.may_receive(staff, notice.agency_id):
        raise NoSuchCase()
    if notice.received_at is None:
        notice.received_at, notice.received_by_id = now, staff.person_id
        notice.save(update_fields=["received_at", "received_by"])


def _admit(case: Case, reason: str, staff: StaffMember, kind: AccessKind, now: datetime) -> bool:
    """Whether the case is this person's work; where it isn't, a reason lets the right roles look."""
    if policies.may_work(staff, case.agency_id, case.team_id):
        _record(case, case.agency_id, ASSIGNED_WORK, staff, kind, now)
        return True
    if not policies.may_look(staff, case.agency_id):
        raise NoSuchCase()
    # A null byte can't be stored.
    typed = reason.replace("\0", "").strip()
    if not typed:
        raise ReasonToLook()
    _record(case, case.agency_id, typed[:_MOST_OF_A_REASON], staff, kind, now)
    return False


def _record(
    case: Case, agency_id: int, reason: str, staff: StaffMember, kind: AccessKind, now: datetime
) -> None:
    privacy.record_access(
        by=staff.actor, case_id=case.id, agency_id=agency_id, reason=reason, kind=kind, now=now
    )


def _inquiry(case: Case, service: CompiledService, key: DataKey) -> OpenInquiry | None:
    open_one = Inquiry.objects.filter(case=case, answered_at=None, withdrawn_at=None).first()
    return opened_inquiry(case, service, key, open_one) if open_one else None


def _acted(events: list[CaseEvent], staff: StaffMember) -> bool:
    """Whether this person's own action is the last: they may undo it though the case left their team."""
    moves = [event for event in events if event.happened in timeline.REVERSIBLE]
    return bool(moves) and moves[-1].actor_id == str(staff.person_id)


def _undo(service: CompiledService, events: list[CaseEvent], now: datetime) -> UndoOffer | None:
    moved = [event for event in events if event.undone_at is None and event.to_stage]
    last = moved[-1] if moved else None
    if (
        last is None
        or last.happened not in timeline.REVERSIBLE
        or last.settles_at <= now
        or last.followed_up_at
    ):
        return None
    what = timeline.undoable(service, last)
    return UndoOffer(last.id, what, last.settles_at) if what else None
