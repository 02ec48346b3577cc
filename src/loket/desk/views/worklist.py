"""The cases a person works, and finding one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from loket.casework import actions
from loket.casework.types import CounterCounts, Due, Filters, Phase, Pickup, WorklistRow
from loket.desk import words
from loket.desk.doors import WORKING, at_desk, shown
from loket.kernel import clock
from loket.web.access import staff_member
from loket.web.words import local_text, short_date


@dataclass(frozen=True, slots=True)
class Line:
    """One case in the list. `due` tells the term in words, for closed ones the outcome."""

    row: WorklistRow
    href: str
    service: str
    stage: str
    due: words.Due
    received: str


@dataclass(frozen=True, slots=True)
class Tab:
    words: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class CounterLink:
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to narrow by; `cases` is empty where they aren't counted."""

    value: str
    words: str
    cases: str
    chosen: bool


@at_desk(*WORKING)
@require_safe
def worklist(request: HttpRequest) -> HttpResponse:
    now, filters = clock.now(), read_filters(request.GET)
    found = actions.list_cases(
        staff=staff_member(request), filters=filters, cursor=request.GET.get("after", ""), now=now
    )
    return shown(
        request,
        "worklist",
        lines=_lines(found.rows, now),
        stages=[
            Choice(count.key, local_text(count.label), str(count.cases), count.key == filters.stage)
            for count in found.stages
        ],
        counts=found.counts,
        filters=filters,
        narrowed=filters != Filters(phase=filters.phase),
        tabs=_tabs(filters),
        dues=_dues(filters),
        following=_address(request.GET, after=found.following) if found.following else "",
        counter=_counter(found.counter),
        first=_address(request.GET, after="") if request.GET.get("after") else "",
    )


@at_desk(*WORKING)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """What is typed may be somebody's number: sent by POST, so that no address or log holds it."""
    typed = request.POST.get("typed", "").strip()
    references = actions.look_up(staff=staff_member(request), typed=typed, now=clock.now()) if typed else ()
    if len(references) == 1:
        return HttpResponseRedirect(reverse("desk:case", args=references))
    if not references:
        messages.warning(
            request,
            _("No case of your agency has this reference or number. Names and other words are not searched."),
        )
        return HttpResponseRedirect(reverse("desk:worklist"))
    return shown(request, "found", references=references)


def read_filters(sent: QueryDict) -> Filters:
    """Values that make no sense narrow nothing."""
    phase, due = sent.get("phase", ""), sent.get("due", "")
    return Filters(
        phase=Phase(phase) if phase in list(Phase) else Phase.OPEN,
        stage=sent.get("stage", "")[:100],
        due=Due(due) if due in list(Due) else None,
        mine=sent.get("mine") == "1",
        unread=sent.get("unread") == "1",
    )


def _lines(rows: Sequence[WorklistRow], now: datetime) -> tuple[Line, ...]:
    """What many rows have in common is made once: addresses begin alike, and few days have many cases."""
    reference = "0000-0000"
    before, _between, after = reverse("desk:case", args=(reference,)).partition(reference)
    received = cache(short_date)
    return tuple(
        Line(
            row,
            f"{before}{row.reference}{after}",
            local_text(row.service_title),
            local_text(row.stage),
            _due(row, now),
            received(localdate(row.opened_at)),
        )
        for row in rows
    )


def _due(row: WorklistRow, now: datetime) -> words.Due:
    if row.phase is Phase.CLOSED:
        return words.Due(words.told(words.OUTCOMES, row.outcome), "")
    return words.due(row.due_at, now, row.phase)


def _counter(counts: CounterCounts) -> tuple[CounterLink, ...]:
    """What waits at the counter; nothing for those who hand nothing over."""
    named = (
        (Pickup.BEING_MADE, _("%(count)s to arrive"), counts.being_made),
        (Pickup.AT_CENTRE, _("%(count)s waiting"), counts.at_centre),
        (Pickup.UNCOLLECTED, _("%(count)s not picked up"), counts.uncollected),
    )
    here = reverse("desk:counter")
    return tuple(
        CounterLink(text % {"count": count}, f"{here}?show={state.value}")
        for state, text, count in named
        if count
    )


def _tabs(filters: Filters) -> tuple[Tab, ...]:
    here = reverse("desk:worklist")
    return tuple(
        Tab(words.told(words.PHASES, phase), f"{here}?phase={phase}", phase == filters.phase)
        for phase in Phase
    )


def _dues(filters: Filters) -> tuple[Choice, ...]:
    named = (
        (Due.OVERDUE, _("Late")),
        (Due.TODAY, _("Late or due today")),
        (Due.THIS_WEEK, _("Due within a week")),
    )
    return tuple(Choice(due.value, name, "", due is filters.due) for due, name in named)


def _address(sent: QueryDict, **changed: str) -> str:
    kept = sent.copy()
    for name, value in changed.items():
        kept[name] = value
        if not value:
            del kept[name]
    return f"{reverse('desk:worklist')}?{kept.urlencode()}"
