"""At the counter: what has arrived, who picks it up, what nobody came for.

The counter's team does this; whoever works its cases may. `within` and `remind` of the stage count from the
arrival. Wrong PINs are counted outside the transaction, so that a refusal does not undo the count.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from loket.audit import actions as audit
from loket.casework import collecting, explaining, policies, sealing
from loket.casework.actions import moving
from loket.casework.actions.moving import UNDO_FOR
from loket.casework.models import Case, CaseEvent, Collection
from loket.casework.refusals import NoSuchCase, NoSuchCentre, NotThere, TooOften, WrongPin
from loket.casework.types import (
    CounterCounts,
    CounterList,
    CounterRow,
    Happened,
    IdKind,
    Pickup,
    Proof,
)
from loket.casework.worklists import ON_COUNTERS, handed_over_by
from loket.catalogue import queries as catalogue
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel.ids import normalised_reference
from loket.limits import actions as limits
from loket.privacy import actions as privacy
from loket.privacy.types import ASSIGNED_WORK
from loket.workflow import engine
from loket.workflow.engine import Move

PAGE = 50
PIN_TRIES, _PIN_TRIES_PER = 5, timedelta(hours=1)


def list_counter(
    *, staff: StaffMember, centre: str, state: Pickup, cursor: str, now: datetime
) -> CounterList:
    """One page of what this person hands over, the longest waiting first, and a record that they saw whose.

    `centre` narrows it where it isn't empty. Two statements, and one for each agency whose people it names.
    """
    mine = handed_over_by(staff)
    if centre:
        mine = mine.filter(centre=centre)
    shown = mine.filter(state=state).select_related("case").order_by("id")
    after = _as_id(cursor)
    if after is not None:
        shown = shown.filter(id__gt=after)
    rows = list(shown[: PAGE + 1])
    counted = dict(mine.order_by().values_list("state").annotate(Count("id")))
    page = tuple(collecting.as_row(row, row.case) for row in rows[:PAGE])
    _record(staff, page, now)
    return CounterList(
        page,
        str(rows[PAGE - 1].id) if len(rows) > PAGE else "",
        CounterCounts(*(counted.get(one, 0) for one in ON_COUNTERS)),
    )


def open_at_counter(*, reference: str, staff: StaffMember, now: datetime) -> CounterRow:
    """The thing of one case, with whatever lists show of its person; on record as a list is.

    Refuses NoSuchCase, also where the case has nothing to pick up.
    """
    typed = normalised_reference(reference) or ""
    row = (
        Collection.objects.filter(case__reference=typed, case__erased_at=None)
        .select_related("case")
        .order_by("-id")
        .first()
    )
    if row is None or not policies.may_work(staff, row.agency_id, row.team_id):
        raise NoSuchCase()
    found = collecting.as_row(row, row.case)
    _record(staff, (found,), now)
    return found


@transaction.atomic
def arrived(*, case_ids: tuple[UUID, ...], staff: StaffMember, now: datetime) -> tuple[UUID, ...]:
    """These things lie at their counters; gives an event for each that did not before.

    What a colleague marked in the meantime is left as it is. Each may be taken back for UNDO_FOR; only then
    is its person told, with a PIN. Refuses NoSuchCase.
    """
    events = []
    for case_id in sorted(case_ids):
        case, row = _locked(case_id, staff)
        if row.state != Pickup.BEING_MADE:
            continue
        before = moving.snapshot(case)
        service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
        collecting.arrive(case, row, service, agency, staff, now)
        events.append(
            _note(case, Happened.ARRIVED, row.centre, staff, now, before=before, settles_at=now + UNDO_FOR).id
        )
    return tuple(events)


def hand_over(
    *,
    case_id: UUID,
    proof: Proof,
    pin: str = "",
    id_kind: IdKind | None = None,
    staff: StaffMember,
    now: datetime,
) -> UUID:
    """Gives the thing to its person, who showed the PIN or an ID; returns the event. Final.

    Refuses NoSuchCase, NotThere, WrongPin, and TooOften after PIN_TRIES within the hour.
    """
    if (proof is Proof.ID_SEEN) is (id_kind is None):
        raise ValueError("an ID that was seen is of some kind; a PIN has none")
    if proof is Proof.PIN:
        if not limits.take("collection-pin", str(case_id), limit=PIN_TRIES, per=_PIN_TRIES_PER, now=now):
            raise TooOften(minutes=60)
        event_id = _hand_over(case_id, proof, pin, id_kind, staff, now)
        limits.put_back("collection-pin", str(case_id))
        return event_id
    return _hand_over(case_id, proof, pin, id_kind, staff, now)


@transaction.atomic
def send_to_other_centre(*, case_id: UUID, centre: str, staff: StaffMember, now: datetime) -> UUID:
    """The person wants to pick it up elsewhere; returns the event. They are told, and a PIN they had is void.

    Refuses NoSuchCase, NotThere, NoSuchCentre.
    """
    case, row = _locked(case_id, staff)
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    chosen = agency.centre(centre)
    if chosen is None or not chosen.active or chosen.key == row.centre:
        raise NoSuchCentre(centre=centre)
    if row.state not in collecting.OPEN:
        raise NotThere()
    before = moving.snapshot(case)
    collecting.leave(case, row, service, agency, chosen, now)
    return _note(case, Happened.SENT_ON, chosen.key, staff, now, before=before, settles_at=now).id


@transaction.atomic
def return_uncollected(*, case_id: UUID, staff: StaffMember, now: datetime) -> None:
    """What nobody came for has left the counter. Idempotent. Refuses NoSuchCase, NotThere."""
    case, row = _locked(case_id, staff)
    if row.state != Pickup.UNCOLLECTED:
        raise NotThere()
    if row.returned_at is None:
        row.returned_at, row.returned_by_id = now, staff.person_id
        row.save(update_fields=["returned_at", "returned_by"])
        audit.record("collection.returned", by=staff.actor, about=f"case:{case.reference}", now=now)


@transaction.atomic
def _hand_over(
    case_id: UUID, proof: Proof, pin: str, id_kind: IdKind | None, staff: StaffMember, now: datetime
) -> UUID:
    case, row = _locked(case_id, staff)
    if row.state != Pickup.AT_CENTRE:
        raise NotThere()
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    key = privacy.open_key(case.key_id)
    if proof is Proof.PIN and not collecting.is_pin(case, row, pin, key):
        raise WrongPin()
    context = moving.journey_context(agency, case.language, now)
    journey = Journey(service.form, sealing.answers_of(key, case, service), context)
    facts = service.decided(journey, context)
    move = engine.collected(service.workflow, case.stage, facts.values, context.evaluating())
    before = moving.snapshot(case)
    moving.enter(case, service, agency, move, now)
    collecting.hand_over(row, proof, id_kind, staff, now)
    event = moving.record_move(
        case,
        Happened.COLLECTED,
        move,
        by=staff.actor,
        now=now,
        action=row.centre,
        before=before,
        settles_at=now,
        trace=explaining.sealed(key, case, service, facts, context, move=move),
    )
    return event.id


def _note(
    case: Case,
    happened: Happened,
    centre: str,
    staff: StaffMember,
    now: datetime,
    *,
    before: dict[str, str | int | None],
    settles_at: datetime,
) -> CaseEvent:
    """An event of a thing that goes from place to place while its case stays in its stage."""
    stays = Move(case.stage, case.stage, (), (), None)
    return moving.record_move(
        case, happened, stays, by=staff.actor, now=now, action=centre, before=before, settles_at=settles_at
    )


def _locked(case_id: UUID, staff: StaffMember) -> tuple[Case, Collection]:
    case = Case.objects.select_for_update().filter(id=case_id, erased_at=None).first()
    rows = Collection.objects.select_for_update().filter(case_id=case_id)
    row = rows.order_by("-id").first() if case else None
    if case is None or row is None or not policies.may_work(staff, row.agency_id, row.team_id):
        raise NoSuchCase()
    row.case = case
    return case, row


def _record(staff: StaffMember, rows: Iterable[CounterRow], now: datetime) -> None:
    seen: dict[int, list[UUID]] = defaultdict(list)
    for row in rows:
        if row.display:
            seen[row.agency_id].append(row.case_id)
    for agency_id, case_ids in seen.items():
        privacy.record_listing(
            by=staff.actor, case_ids=tuple(case_ids), agency_id=agency_id, reason=ASSIGNED_WORK, now=now
        )


def _as_id(cursor: str) -> UUID | None:
    """A cursor that makes no sense begins at the beginning."""
    try:
        return UUID(cursor)
    except ValueError:
        return None
