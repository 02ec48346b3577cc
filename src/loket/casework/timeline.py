"""The timeline of a case: events opened with the case's key and told in the service's words."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext

from loket.casework import explaining, sealing, stages
from loket.casework.models import Case, CaseEvent, Inquiry
from loket.casework.money_told import MoneyTold
from loket.casework.types import Happened, LocalText, Phase, Reason, TimelineEntry
from loket.catalogue.compiled import CompiledService
from loket.identity import queries as identity
from loket.kernel.actors import ActorKind
from loket.kernel.money import Money
from loket.kernel.text import LANGUAGES, marked
from loket.privacy.actions import DataKey
from loket.workflow.definition import Action, Applicant, Review

# What the details of an event about money are sealed as.
MONEY = "money"
_ABOUT_MONEY = frozenset({Happened.PAID, Happened.RETURNED, Happened.PAYMENT_ASKED, Happened.PAYMENT_LAPSED})
# What staff does and may take back within its minute.
REVERSIBLE = frozenset({Happened.MOVED, Happened.ARRIVED})
# A thing goes from place to place while its case rests in one stage.
_AT_PLACES = frozenset({Happened.ARRIVED, Happened.SENT_ON, Happened.COLLECTED})
STAYING = frozenset({Happened.ARRIVED, Happened.SENT_ON})
_STAFF_ONLY = frozenset({Happened.NOTED, Happened.ASSIGNED})
_NOTHING: LocalText = {}


def told(
    case: Case,
    service: CompiledService,
    events: Iterable[CaseEvent],
    key: DataKey | None,
    *,
    staff: bool,
    now: datetime,
) -> tuple[TimelineEntry, ...]:
    """Entries, oldest first. Without `key` nothing sealed is told.

    An applicant sees an officer's action once it has settled, and nothing of what was undone or noted.
    """
    return tuple(
        _entry(case, service, event, key) for event in events if staff or _is_for_applicant(event, now)
    )


def settled_stage(case: Case, events: Iterable[CaseEvent], now: datetime) -> tuple[str, Phase]:
    """The stage and phase an applicant is told: an action that may still be undone hasn't happened yet.

    Once something later has settled, what came before it can't be undone either. What nobody can undo has
    settled whatever the clock says: that of another host may have been ahead of ours.
    """
    pending: CaseEvent | None = None
    for event in events:
        if event.to_stage and event.undone_at is None:
            settled = event.settles_at <= now or "stage" not in event.before
            pending = None if settled else pending or event
    if pending is not None:
        return str(pending.before["stage"]), Phase(str(pending.before["phase"]))
    return case.stage, Phase(case.phase)


def moved_since(event: CaseEvent) -> bool:
    """Whether the case has gone anywhere after this event (1 statement).

    What leads to no stage, such as a note, leaves a case where it is.
    """
    later = CaseEvent.objects.filter(case_id=event.case_id, id__gt=event.id, undone_at=None)
    return later.exclude(to_stage="").exists()


def _is_for_applicant(event: CaseEvent, now: datetime) -> bool:
    return event.happened not in _STAFF_ONLY and event.undone_at is None and event.settles_at <= now


def _entry(case: Case, service: CompiledService, event: CaseEvent, key: DataKey | None) -> TimelineEntry:
    reached = "" if event.happened in STAYING else event.to_stage
    details = None
    if key is not None and event.sealed_details is not None:
        details = sealing.unseal(key, case, _kind_of_details(event), event.sealed_details)
    action = action_of(service, event)
    agency = identity.agency(event.action) if event.happened == Happened.TOLD else None
    return TimelineEntry(
        event_id=event.id,
        at=event.at,
        happened=Happened(event.happened),
        actor_kind=ActorKind(event.actor_kind),
        actor_name=event.actor_name,
        action=action.label if action else _NOTHING,
        stage=stages.label_of(service, reached),
        says=stages.said_of(service, reached),
        reason=_reason(action, details) if event.happened == Happened.MOVED else None,
        asked=_asked(case, event, key),
        changed=_changed(service, details) if event.happened == Happened.ANSWERED else (),
        note=str(details) if event.happened == Happened.NOTED and details else "",
        agency_told=agency.names if agency else _NOTHING,
        undone=event.undone_at is not None,
        money=money_told(details) if event.happened in _ABOUT_MONEY else None,
        why=explaining.opened(key, case, service, event.sealed_trace),
        place=_place(event) if event.happened in _AT_PLACES else _NOTHING,
    )


def _kind_of_details(event: CaseEvent) -> str:
    if event.happened in _ABOUT_MONEY:
        return MONEY
    return {Happened.ANSWERED: "changes", Happened.NOTED: "note"}.get(Happened(event.happened), "reason")


def money_of(case: Case, event: CaseEvent, key: DataKey) -> MoneyTold | None:
    """The money in an event; None where it is about none."""
    if event.happened not in _ABOUT_MONEY or event.sealed_details is None:
        return None
    return money_told(sealing.unseal(key, case, MONEY, event.sealed_details))


def money_told(details: object) -> MoneyTold | None:
    """What is sealed with an event about money."""
    if not isinstance(details, dict):
        return None
    words = {name: str(details.get(name, "")) for name in ("receipt", "why", "what")}
    return MoneyTold(Money(Decimal(details["amount"]), str(details["currency"])), **words)


def undoable(service: CompiledService, event: CaseEvent) -> LocalText:
    """What could be taken back, in words; empty where there is nothing."""
    if event.happened == Happened.ARRIVED:
        return in_every_language(marked("Mark as arrived"))
    action = action_of(service, event)
    return action.label if action else _NOTHING


def answer_by(service: CompiledService, stage: str, case: Case) -> datetime | None:
    """Until when the applicant has to answer; a thing that waits at a counter asks nothing."""
    return case.stage_due_at if isinstance(service.workflow.stages.get(stage), Applicant) else None


def in_every_language(msgid: str) -> LocalText:
    words = {}
    for language in LANGUAGES:
        with translation.override(language):
            words[str(language)] = gettext(msgid)
    return words


def _place(event: CaseEvent) -> LocalText:
    """The centre that the event names by its key."""
    centre = identity.agency_known(event.agency_id).centre(event.action)
    return centre.names if centre else _NOTHING


def action_of(service: CompiledService, event: CaseEvent) -> Action | None:
    """The officer's action as the service defines it."""
    stage = service.workflow.stages.get(event.from_stage)
    return stage.actions.get(event.action) if isinstance(stage, Review) else None


def _reason(action: Action | None, details: object) -> Reason | None:
    if not isinstance(details, dict):
        return None
    library = {option.value: option.label for option in action.reasons} if action else {}
    chosen = tuple(library[value] for value in details["values"] if value in library)
    return Reason(chosen, str(details["words"]))


def _asked(case: Case, event: CaseEvent, key: DataKey | None) -> str:
    if key is None:
        # Looking for the inquiry would be a statement for each event.
        return ""
    inquiry: Inquiry | None = getattr(event, "inquiry", None)
    if inquiry is None:
        return ""
    return str(sealing.unseal(key, case, "inquiry", inquiry.sealed_message))


def _changed(service: CompiledService, details: object) -> tuple[LocalText, ...]:
    if not isinstance(details, dict):
        return ()
    questions = service.form.questions
    return tuple(questions[name].definition.label for name in details if name in questions)
