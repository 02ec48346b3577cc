"""At the counter: what is to arrive, who picks it up, what nobody came for."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from loket.casework import actions as casework
from loket.casework import queries
from loket.casework.refusals import NoSuchCase, NoSuchCentre, NotThere, TooOften, WrongPin
from loket.casework.types import CounterCounts, CounterRow, IdKind, Pickup, Proof
from loket.desk import words
from loket.desk.doors import WORKING, Done, at_desk, remember_done, shown
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel import clock
from loket.kernel.ids import normalised_reference
from loket.web.access import staff_member
from loket.web.words import language

_LONGEST_KEY = 60


@dataclass(frozen=True, slots=True)
class Line:
    row: CounterRow
    href: str
    centre: str


@dataclass(frozen=True, slots=True)
class Place:
    key: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Tab:
    words: str
    href: str
    current: bool
    count: int


@at_desk(*WORKING)
@require_safe
def counter(request: HttpRequest) -> HttpResponse:
    member, state = staff_member(request), _state(request.GET.get("show", ""))
    centre = request.GET.get("centre", "")[:_LONGEST_KEY]
    found = casework.list_counter(
        staff=member, centre=centre, state=state, cursor=request.GET.get("after", ""), now=clock.now()
    )
    here = f"{reverse('desk:counter')}?show={state.value}&centre={centre}"
    return shown(
        request,
        "counter",
        lines=tuple(_line(row) for row in found.rows),
        state=state.value,
        centre=centre,
        places=_places(member, centre),
        tabs=_tabs(state, centre, found.counts),
        following=f"{here}&after={found.following}" if found.following else "",
    )


@at_desk(*WORKING)
@require_POST
def arrived(request: HttpRequest) -> HttpResponse:
    """All that was ticked. One alone can be taken back at once, several each on its own page."""
    member, now = staff_member(request), clock.now()
    ids = tuple(case_id for case_id in map(_as_id, request.POST.getlist("case")) if case_id)
    if not ids:
        messages.warning(request, _("Tick what has arrived."))
        return _to_counter(Pickup.BEING_MADE, request)
    events = casework.arrived(case_ids=ids, staff=member, now=now)
    offered = queries.undo_offer(events[0], member, now) if len(events) == 1 else None
    reference = queries.reference_of(ids[0])
    if offered is not None and len(ids) == 1:
        remember_done(request, Done(offered.event_id, reference, offered.action, offered.until))
    else:
        remember_done(request, None)
        done = _("Marked as arrived: %(count)s.") % {"count": len(events)}
        messages.success(request, done + " " + _("Each can be taken back for a minute, on its case."))
    return _to_counter(Pickup.BEING_MADE, request)


@at_desk(*WORKING)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    reference = normalised_reference(request.POST.get("typed", ""))
    try:
        if reference is None:
            raise NoSuchCase
        casework.open_at_counter(reference=reference, staff=staff_member(request), now=clock.now())
    except NoSuchCase:
        messages.warning(request, _("Nothing with this reference is handed over by your team."))
        return HttpResponseRedirect(reverse("desk:counter"))
    return HttpResponseRedirect(reverse("desk:hand_over", args=(reference,)))


@at_desk(*WORKING)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, reference: str) -> HttpResponse:
    """One thing: handed over with its proof, or sent on."""
    row = casework.open_at_counter(reference=reference, staff=staff_member(request), now=clock.now())
    if request.method != "POST":
        return _page(request, row)
    proof, pin = request.POST.get("proof", ""), request.POST.get("pin", "")
    id_kind = request.POST.get("id_kind", "")
    problems = _missing(proof, pin, id_kind)
    if problems:
        return _page(request, row, problems)
    try:
        casework.hand_over(
            case_id=row.case_id,
            proof=Proof(proof),
            pin=pin,
            id_kind=IdKind(id_kind) if proof == Proof.ID_SEEN else None,
            staff=staff_member(request),
            now=clock.now(),
        )
    except WrongPin:
        return _page(
            request, row, {"pin": _("This is not the PIN of this case. Ask again, or look at an ID.")}
        )
    except TooOften:
        return _page(request, row, {"pin": _("Too many wrong PINs. Look at an ID, or try again in an hour.")})
    except NotThere:
        return _gone(request, row)
    messages.success(request, _("Handed over: %(reference)s.") % {"reference": row.reference})
    return _to_counter(Pickup.AT_CENTRE, request)


@at_desk(*WORKING)
@require_POST
def send_on(request: HttpRequest, reference: str) -> HttpResponse:
    member = staff_member(request)
    row = casework.open_at_counter(reference=reference, staff=member, now=clock.now())
    chosen = request.POST.get("centre", "")[:_LONGEST_KEY]
    try:
        casework.send_to_other_centre(case_id=row.case_id, centre=chosen, staff=member, now=clock.now())
    except NoSuchCentre:
        return _page(request, row, {"centre": _("Choose another place.")})
    except NotThere:
        return _gone(request, row)
    messages.success(request, _("Sent on: %(reference)s. Its person is told.") % {"reference": row.reference})
    return _to_counter(row.state, request)


@at_desk(*WORKING)
@require_POST
def returned(request: HttpRequest, reference: str) -> HttpResponse:
    member = staff_member(request)
    row = casework.open_at_counter(reference=reference, staff=member, now=clock.now())
    try:
        casework.return_uncollected(case_id=row.case_id, staff=member, now=clock.now())
    except NotThere:
        return _gone(request, row)
    messages.success(request, _("Sent back: %(reference)s.") % {"reference": row.reference})
    return _to_counter(Pickup.UNCOLLECTED, request)


def _page(request: HttpRequest, row: CounterRow, problems: dict[str, str] | None = None) -> HttpResponse:
    agency = identity.agency_known(row.agency_id)
    found = problems or {}
    centre = agency.centre(row.centre)
    return shown(
        request,
        "hand_over",
        status=422 if found else 200,
        row=row,
        centre=centre.name(language()) if centre else "",
        others=[(one.key, one.name(language())) for one in agency.open_centres if one.key != row.centre],
        id_kinds=[(kind.value, words.told(words.ID_KINDS, kind)) for kind in IdKind],
        problems=found,
        errors=[{"text": text, "href": f"#{field}"} for field, text in found.items()],
        typed={name: request.POST.get(name, "") for name in ("proof", "id_kind")},
    )


def _missing(proof: str, pin: str, id_kind: str) -> dict[str, str]:
    if proof not in list(Proof):
        return {"proof": _("Say how you know the person: by PIN or by an ID.")}
    if proof == Proof.PIN and not pin.strip():
        return {"pin": _("Enter the PIN.")}
    if proof == Proof.ID_SEEN and id_kind not in list(IdKind):
        return {"id_kind": _("Say which ID you saw.")}
    return {}


def _gone(request: HttpRequest, row: CounterRow) -> HttpResponse:
    messages.error(
        request,
        _("%(reference)s is no longer where it was: see what happened on its case.")
        % {"reference": row.reference},
    )
    return HttpResponseRedirect(reverse("desk:hand_over", args=(row.reference,)))


def _line(row: CounterRow) -> Line:
    centre = identity.agency_known(row.agency_id).centre(row.centre)
    name = centre.name(language()) if centre else "–"
    return Line(row, reverse("desk:hand_over", args=(row.reference,)), name)


def _places(member: StaffMember, chosen: str) -> tuple[Place, ...]:
    agencies = sorted({post.agency_id for post in member.posts if post.role in WORKING})
    centres = [one for agency_id in agencies for one in identity.agency_known(agency_id).centres]
    return tuple(Place(one.key, one.name(language()), one.key == chosen) for one in centres)


def _tabs(state: Pickup, centre: str, counts: CounterCounts) -> tuple[Tab, ...]:
    named = (
        (Pickup.BEING_MADE, _("To arrive"), counts.being_made),
        (Pickup.AT_CENTRE, _("Waiting here"), counts.at_centre),
        (Pickup.UNCOLLECTED, _("Not picked up"), counts.uncollected),
    )
    here = reverse("desk:counter")
    return tuple(
        Tab(name, f"{here}?show={one.value}&centre={centre}", one is state, count)
        for one, name, count in named
    )


def _state(typed: str) -> Pickup:
    listed = (Pickup.BEING_MADE, Pickup.AT_CENTRE, Pickup.UNCOLLECTED)
    return Pickup(typed) if typed in listed else Pickup.AT_CENTRE


def _to_counter(state: Pickup, request: HttpRequest) -> HttpResponse:
    places = {place.key for place in _places(staff_member(request), "")}
    centre = request.POST.get("from", "")
    where = f"&centre={centre}" if centre in places else ""
    return HttpResponseRedirect(f"{reverse('desk:counter')}?show={state.value}{where}")


def _as_id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
