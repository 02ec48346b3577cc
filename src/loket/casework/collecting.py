"""Things on their way over the counter: made, brought to a centre, handed over or not.

Making begins when the event that leads to it has settled, so that nothing is made of a decision that is
taken back. The promise is kept when the thing is at the counter: from then on the clock rests, as it does
whenever a case waits for its applicant, because only they can do what comes next.
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from loket.casework import letters, reminding, sealing
from loket.casework.identifying import typed_pin_digest
from loket.casework.models import Case, CaseEvent, Collection
from loket.casework.promise import resumed
from loket.casework.types import (
    CollectionStatus,
    CounterRow,
    Happened,
    IdKind,
    Phase,
    Pickup,
    Proof,
    ReminderKind,
)
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.identity import queries as identity
from loket.identity.types import AgencyView, StaffMember
from loket.kernel.centres import Centre
from loket.kernel.ids import new_code, new_id
from loket.notifications.types import MessageView, RenderedText
from loket.privacy.actions import DataKey
from loket.workflow.definition import Collect
from loket.workflow.terms import deadline

OPEN = (Pickup.BEING_MADE, Pickup.AT_CENTRE)
_PIN_KEPT_AS = "collection-pin"
_PIN, _HIDDEN = re.compile(r"\b\d{6}\b"), "••••••"


def stage_of(service: CompiledService, stage: str) -> Collect | None:
    found = service.workflow.stages.get(stage)
    return found if isinstance(found, Collect) else None


def open_one(case: Case, *, lock: bool = False) -> Collection | None:
    rows = Collection.objects.select_for_update() if lock else Collection.objects.all()
    return rows.filter(case=case, state__in=OPEN).first()


def follow_up(case: Case, event: CaseEvent, service: CompiledService, key: DataKey, now: datetime) -> None:
    """Begins the making once its event has settled, and makes the PIN once the thing has arrived."""
    stage = stage_of(service, event.to_stage)
    if stage is None or case.stage != event.to_stage:
        return
    row = open_one(case, lock=True)
    if row is None:
        _begin(case, stage, service, key, now)
    elif event.happened == Happened.ARRIVED and still_there(case, event) and case.reachable:
        row.sealed_pin = sealing.seal(key, case, _PIN_KEPT_AS, new_code())
        row.save(update_fields=["sealed_pin"])
    if row is not None and event.happened == Happened.ARRIVED and row.state == Pickup.AT_CENTRE:
        _remind_later(case, row, stage, now)


def still_there(case: Case, event: CaseEvent) -> bool:
    """Whether the thing is still where the event brought it: this arrival, not a later one there."""
    row = open_one(case)
    if row is None or row.centre != event.action:
        return False
    if event.happened == Happened.ARRIVED:
        return row.state == Pickup.AT_CENTRE and row.arrived_at == event.at
    return row.state == Pickup.BEING_MADE


def letter(
    case: Case, event: CaseEvent, service: CompiledService, agency: AgencyView, key: DataKey
) -> RenderedText:
    """What the person is told of a thing that has arrived or was sent on."""
    row = open_one(case)
    centre = agency.centre(event.action)
    if event.happened == Happened.SENT_ON or row is None:
        return letters.sent_on(case, service, agency, centre)
    return letters.arrived(case, service, agency, centre, pin_of(row, key))


def arrive(
    case: Case,
    row: Collection,
    service: CompiledService,
    agency: AgencyView,
    staff: StaffMember,
    now: datetime,
) -> None:
    """Puts thing and case where they are once it lies at the counter; saves the thing only."""
    stage = stage_of(service, case.stage)
    row.state, row.arrived_at, row.arrived_by_id = Pickup.AT_CENTRE, now, staff.person_id
    row.save(update_fields=["state", "arrived_at", "arrived_by"])
    case.phase, case.entered_at, case.stage_due_at = Phase.WAITING, now, None
    if stage and stage.within:
        case.stage_due_at = deadline(stage.within, now, agency.calendar, ZoneInfo(agency.timezone))


def leave(
    case: Case, row: Collection, service: CompiledService, agency: AgencyView, centre: Centre, now: datetime
) -> None:
    """Sends the thing on to another centre; the clock goes on. Saves the thing only."""
    if case.phase == Phase.WAITING:
        case.due_at = resumed(
            service.promise,
            case.due_at,
            paused_at=case.entered_at,
            now=now,
            calendar=agency.calendar,
            zone=ZoneInfo(agency.timezone),
        )
    case.phase, case.entered_at, case.stage_due_at = Phase.OPEN, now, None
    row.centre = centre.key
    _back_to_making(row)
    reminding.drop(case=case, kind=ReminderKind.UNCOLLECTED, now=now)


def hand_over(
    row: Collection, proof: Proof, id_kind: IdKind | None, staff: StaffMember, now: datetime
) -> None:
    """The PIN has served."""
    row.state, row.ended_at, row.handed_over_by_id = Pickup.HANDED_OVER, now, staff.person_id
    row.proof, row.id_kind, row.sealed_pin = proof, id_kind or "", None
    row.save()
    reminding.drop(case=row.case, kind=ReminderKind.UNCOLLECTED, now=now)


def taken_back(case: Case) -> None:
    """The thing is not at the counter after all."""
    row = open_one(case, lock=True)
    if row is not None:
        _back_to_making(row)


def ran_out(case: Case, now: datetime) -> None:
    """What nobody picked up in time (1 statement); it lies at the counter until it is sent back."""
    Collection.objects.filter(case=case, state=Pickup.AT_CENTRE).update(
        state=Pickup.UNCOLLECTED, ended_at=now, sealed_pin=None
    )


def is_pin(case: Case, row: Collection, typed: str, key: DataKey) -> bool:
    """The PIN that was sent on arrival, or the one on the person's paper."""
    digits = "".join(str(int(sign)) for sign in typed[:40] if sign.isdecimal())
    sent = pin_of(row, key)
    if sent and hmac.compare_digest(sent, digits):
        return True
    given = typed_pin_digest(case.reference, typed)
    return case.pin_digest is not None and hmac.compare_digest(bytes(case.pin_digest), given)


def pin_of(row: Collection, key: DataKey) -> str:
    if row.sealed_pin is None:
        return ""
    return str(sealing.unseal(key, row.case, _PIN_KEPT_AS, row.sealed_pin))


def status(
    case: Case,
    service: CompiledService,
    events: Iterable[CaseEvent],
    key: DataKey | None,
    now: datetime,
) -> CollectionStatus | None:
    """Where the thing is, for its person; the PIN with the key. No statement where nothing is picked up."""
    events = list(events)
    if not any(stage_of(service, event.to_stage) for event in events):
        return None
    row = Collection.objects.filter(case=case).order_by("-id").first()
    if row is None or (row.state not in OPEN and stage_of(service, case.stage)):
        return None
    row.case = case
    arriving = any(
        event.happened == Happened.ARRIVED and event.undone_at is None and event.settles_at > now
        for event in events
    )
    state = Pickup.BEING_MADE if arriving and row.state == Pickup.AT_CENTRE else Pickup(row.state)
    return CollectionStatus(
        state=state,
        centre=row.centre,
        since=row.ordered_at if state is Pickup.BEING_MADE else _since(row),
        until=case.stage_due_at if state is Pickup.AT_CENTRE else None,
        pin=pin_of(row, key) if key is not None and state is Pickup.AT_CENTRE else "",
        paper_pin=case.pin_digest is not None,
    )


def counter_row(case: Case, service: CompiledService) -> CounterRow | None:
    """The same for staff, who never see the PIN. No statement where the service hands nothing over."""
    if not any(isinstance(stage, Collect) for stage in service.workflow.stages.values()):
        return None
    row = Collection.objects.filter(case=case).order_by("-id").first()
    return None if row is None else as_row(row, case)


def as_row(row: Collection, case: Case) -> CounterRow:
    service = catalogue.compiled(case.version_id)
    return CounterRow(
        case_id=case.id,
        reference=case.reference,
        service_title=service.title,
        agency_id=case.agency_id,
        display=tuple(case.display[name] for name in service.form.questions if name in case.display),
        state=Pickup(row.state),
        centre=row.centre,
        since=_since(row),
        until=case.stage_due_at if row.state == Pickup.AT_CENTRE else None,
        returned=row.returned_at is not None,
        has_pin=row.sealed_pin is not None or case.pin_digest is not None,
        language=case.language,
    )


def without_pin(told: tuple[MessageView, ...]) -> tuple[MessageView, ...]:
    """Messages as staff may read them: the PIN proves who the person is, so only they may know it."""
    return tuple(
        replace(message, body=_PIN.sub(_HIDDEN, message.body))
        if message.purpose == letters.ARRIVED
        else message
        for message in told
    )


def _begin(case: Case, stage: Collect, service: CompiledService, key: DataKey, now: datetime) -> None:
    answers = sealing.answers_of(key, case, service)
    agency = identity.agency_known(case.agency_id)
    chosen = agency.centre(str(answers.get(stage.at) or ""))
    # Nobody may be left without a place: where none was asked for, the first one there is.
    centre = chosen or next(iter(agency.open_centres), None)
    Collection.objects.create(
        id=new_id(),
        case=case,
        agency_id=case.agency_id,
        team_id=case.team_id,
        centre=centre.key if centre else "",
        state=Pickup.BEING_MADE,
        ordered_at=now,
    )


def _remind_later(case: Case, row: Collection, stage: Collect, now: datetime) -> None:
    """A reminder says until when it can be picked up; where there is no end, there is none."""
    if stage.remind is None or row.arrived_at is None or case.stage_due_at is None:
        return
    agency = identity.agency_known(case.agency_id)
    due_at = deadline(stage.remind, row.arrived_at, agency.calendar, ZoneInfo(agency.timezone))
    reminding.plan(
        case=case,
        kind=ReminderKind.UNCOLLECTED,
        due_at=due_at,
        ends_at=case.stage_due_at,
        now=now,
    )


def _back_to_making(row: Collection) -> None:
    row.state, row.arrived_at, row.arrived_by, row.sealed_pin = Pickup.BEING_MADE, None, None, None
    row.save(update_fields=["centre", "state", "arrived_at", "arrived_by", "sealed_pin"])


def _since(row: Collection) -> datetime:
    return row.ended_at or row.arrived_at or row.ordered_at
