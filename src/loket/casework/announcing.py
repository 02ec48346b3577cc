"""Telling an agency's other systems what happens to its cases: what and when, never what anybody answered."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from loket.casework.models import Case, CaseEvent, CasePaper
from loket.casework.timeline import STAYING
from loket.casework.types import Happened, Phase
from loket.catalogue import queries as catalogue
from loket.identity import queries as identity
from loket.webhooks import actions as webhooks
from loket.webhooks import queries as listening
from loket.webhooks.types import EventType, Fact
from loket.workflow.definition import Outcome

_DECIDED = frozenset({Outcome.GRANTED, Outcome.PARTLY_GRANTED, Outcome.REFUSED})


def announce(case: Case, event: CaseEvent) -> None:
    """Has an event of a case told to whoever listens, once it can't be undone any more.

    1 statement, and none where nobody of the agency listens. The case is as the event left it.
    """
    if listening.anybody_listens(case.agency_id):
        facts = [
            _fact(case, kind, event.id, event.at, event.settles_at, from_stage=event.from_stage or None)
            for kind in _kinds(case, event)
        ]
        webhooks.announce(facts, now=event.at)


def announce_document(case: Case, paper: CasePaper, now: datetime) -> None:
    """That a document was issued. Its number is left out: whoever has it can look the document up."""
    if listening.anybody_listens(case.agency_id):
        kind = EventType.DOCUMENT_ISSUED
        fact = _fact(case, kind, paper.id, now, now, document=paper.key, document_id=str(paper.id))
        webhooks.announce([fact], now=now)


def _kinds(case: Case, event: CaseEvent) -> Iterator[EventType]:
    moved = event.to_stage not in {"", event.from_stage} and event.happened not in STAYING
    if event.happened == Happened.SUBMITTED:
        yield EventType.SUBMITTED
    if event.happened == Happened.PAID:
        yield EventType.PAID
    if moved and event.happened != Happened.SUBMITTED:
        yield EventType.STAGE_CHANGED
    if moved and case.phase == Phase.CLOSED:
        if case.outcome in _DECIDED:
            yield EventType.DECIDED
        yield EventType.CLOSED


def _fact(
    case: Case, kind: EventType, cause: UUID, at: datetime, not_before: datetime, **more: str | None
) -> Fact:
    service = catalogue.compiled(case.version_id).service.key
    return Fact(
        type=kind,
        cause=cause,
        agency_id=case.agency_id,
        subject_id=case.id,
        service=service,
        at=at,
        not_before=not_before,
        data={
            "case_id": str(case.id),
            "reference": case.reference,
            "agency": identity.agency_known(case.agency_id).key,
            "service": service,
            "stage": case.stage,
            "phase": str(case.phase),
            "outcome": case.outcome or None,
            "opened_at": case.opened_at.isoformat(),
            "due_at": case.due_at.isoformat(),
            "closed_at": case.closed_at.isoformat() if case.closed_at else None,
            **more,
        },
    )
