"""What applicants see of their case. The face has made sure who asks."""

from datetime import datetime
from uuid import UUID

from loket.applications.drafts import journey_context
from loket.applications.uploads import files_in
from loket.casework import collecting, papers, replies, sealing, stages, timeline
from loket.casework.letters import CODE
from loket.casework.models import Case, CaseEvent, Inquiry
from loket.casework.replies import Reply
from loket.casework.types import (
    ApplicantCase,
    CaseStatus,
    LocalText,
    OpenInquiry,
    Phase,
    TimelineEntry,
)
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.files import queries as files
from loket.files.types import OpenedFile, OwnerKind
from loket.forms.journey import Journey
from loket.forms.types import Channel
from loket.identity import queries as identity
from loket.kernel.prepared import Prepared
from loket.notifications import queries as notifications
from loket.notifications.types import Medium, MessageView, SubjectKind
from loket.privacy import actions as keys
from loket.privacy import queries as privacy
from loket.privacy.actions import DataKey
from loket.workflow.definition import Final, Outcome

_CASE = Prepared(lambda case_id: Case.objects.filter(id=case_id)[:1])
_CASE_CALLED = Prepared(lambda reference: Case.objects.filter(reference=reference)[:1])
_EVENTS = Prepared(lambda case_id: CaseEvent.objects.filter(case_id=case_id).order_by("id"))


def case_status(case_id: UUID, now: datetime) -> CaseStatus | None:
    """Stage and dates: two statements, three where something is picked up. Opens no key."""
    return _told(_CASE.first(case_id), now)


def status_of_reference(reference: str, now: datetime) -> CaseStatus | None:
    """The same, for who knows the reference."""
    return _told(_CASE_CALLED.first(reference), now)


def _told(case: Case | None, now: datetime) -> CaseStatus | None:
    if case is None:
        return None
    return _status(case, catalogue.compiled(case.version_id), _EVENTS.all(case.id), None, now)


def applicant_case(case_id: UUID, now: datetime) -> ApplicantCase | None:
    """The whole case as its applicant may see it, who looked at it included."""
    case = Case.objects.filter(id=case_id, erased_at=None).first()
    return whole_case(case, now) if case else None


def whole_case(case: Case, now: datetime) -> ApplicantCase:
    """The same for a row that is at hand."""
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    key = keys.open_key(case.key_id)
    answers = sealing.answers_of(key, case, service)
    events = list(CaseEvent.objects.filter(case=case).select_related("inquiry").order_by("id"))
    status = _status(case, service, events, key, now)
    return ApplicantCase(
        status=status,
        rows=Journey(service.form, answers, journey_context(agency, case.language, now)).rows,
        files=files_in(answers),
        timeline=status.steps,
        decision=_decision(service, case, status),
        inquiry=_inquiry(case, service, key, now),
        accesses=privacy.accesses_of(case.id, now),
        messages=letters_of(case, key),
        appeal=_appeal(service, status),
        papers=papers.readable(papers.papers_of(case, service)),
        choices=_choices(case, key),
    )


def open_reply(case_id: UUID, now: datetime) -> Reply | None:
    """What is being asked of the applicant, as far as it is answered; None where nothing is."""
    case = Case.objects.filter(id=case_id).first()
    inquiry = replies.open_inquiry(case.id, now) if case else None
    return replies.opened(case, inquiry, now) if case and inquiry else None


def applicant_file(case_id: UUID, file_id: UUID) -> OpenedFile:
    """A file of the case. Raises FileMissing, also for another case's."""
    case = Case.objects.get(id=case_id)
    key = keys.open_key(case.key_id)
    return files.open_file(file_id=file_id, owner_kind=OwnerKind.CASE, owner_id=case.id, key=key)


def letters_of(case: Case, key: DataKey) -> tuple[MessageView, ...]:
    """What was sent about the case. One-time codes are for the applicant's own eyes, not even for staff's."""
    sent = notifications.messages_of(subject_kind=SubjectKind.CASE, subject_id=case.id, key=key)
    return tuple(message for message in sent if message.purpose != CODE)


def _choices(case: Case, key: DataKey) -> str:
    contact = sealing.contact_of(key, case)
    if contact.channel is Channel.NONE:
        return ""
    return notifications.preferences_token(Medium(contact.channel.value), contact.address)


def _status(
    case: Case, service: CompiledService, events: list[CaseEvent], key: DataKey | None, now: datetime
) -> CaseStatus:
    stage, phase = timeline.settled_stage(case, events, now)
    return CaseStatus(
        case_id=case.id,
        reference=case.reference,
        service_title=service.title,
        agency_id=case.agency_id,
        stage=stages.label_of(service, stage),
        phase=phase,
        outcome=case.outcome if phase is Phase.CLOSED else "",
        opened_at=case.opened_at,
        due_at=case.due_at,
        closed_at=case.closed_at if phase is Phase.CLOSED else None,
        answer_by=timeline.answer_by(service, stage, case) if phase is Phase.WAITING else None,
        can_receive_code=case.reachable,
        steps=timeline.told(case, service, events, key, staff=False, now=now),
        collection=collecting.status(case, service, events, key, now),
    )


def _decision(service: CompiledService, case: Case, status: CaseStatus) -> TimelineEntry | None:
    if status.phase is not Phase.CLOSED:
        return None
    finals = {name for name, stage in service.workflow.stages.items() if isinstance(stage, Final)}
    moves = [entry for entry in status.steps if entry.stage]
    return moves[-1] if moves and case.stage in finals else None


def _appeal(service: CompiledService, status: CaseStatus) -> LocalText:
    """How to appeal, with every decision that doesn't give all that was asked for."""
    content = status.outcome in ("", Outcome.GRANTED, Outcome.DONE)
    return {} if content else service.service.appeal or {}


def _inquiry(case: Case, service: CompiledService, key: DataKey, now: datetime) -> OpenInquiry | None:
    inquiry = replies.open_inquiry(case.id, now)
    return opened_inquiry(case, service, key, inquiry) if inquiry else None


def opened_inquiry(case: Case, service: CompiledService, key: DataKey, inquiry: Inquiry) -> OpenInquiry:
    questions = service.form.questions
    return OpenInquiry(
        message=str(sealing.unseal(key, case, "inquiry", inquiry.sealed_message)),
        asked_at=inquiry.asked_at,
        questions=tuple(questions[name].definition.label for name in inquiry.questions if name in questions),
    )
