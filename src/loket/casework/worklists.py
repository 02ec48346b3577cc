"""Worklists: one page at a time, by keyset, however many cases there are."""

import base64
import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet, UUIDField, Value

from loket.casework import policies, stages
from loket.casework.models import Case, Collection
from loket.casework.types import (
    CounterCounts,
    Counts,
    Due,
    Filters,
    Phase,
    Pickup,
    StageCount,
    Worklist,
    WorklistRow,
)
from loket.catalogue import queries as catalogue
from loket.identity import queries as identity
from loket.identity.types import StaffMember

PAGE = 25
# Counting every case of a large agency would cost more than the page itself.
CASES_COUNTED = 1000
# What a counter still has to do with, in the order of its tabs.
ON_COUNTERS = (Pickup.BEING_MADE, Pickup.AT_CENTRE, Pickup.UNCOLLECTED)
_NO_SERVICE = 0
# The newest version's words stand for the stage.
_ADDED_UP = """
SELECT service, max(version), stage, count(*), count(*) FILTER (WHERE due < %s),
    count(*) FILTER (WHERE unread), count(*) FILTER (WHERE assigned_to = %s)
FROM ({}) AS counted (service, version, stage, due, unread, assigned_to) GROUP BY service, stage
"""
_STAGE = re.compile(r"([0-9]{1,18})\.([a-z][a-z0-9_]*)")


def worklist(staff: StaffMember, filters: Filters, cursor: str, now: datetime) -> Worklist:
    """The cases this person works, most urgent first: two statements, one more for each further post."""
    # A page of each post, because no index gives the cases of several in one order.
    mine = [Case.objects.filter(works, erased_at=None) for works in _works_each(staff)]
    found = [case for each in mine for case in _page(_narrowed(each, staff, filters, now), cursor, filters)]
    rows = found if len(mine) == 1 else sorted(found, key=_place, reverse=filters.phase is Phase.CLOSED)
    following = _cursor(rows[PAGE - 1], filters) if len(rows) > PAGE else ""
    stages, counts, counter = _counted(mine, staff, filters, now)
    return Worklist(tuple(_row(case) for case in rows[:PAGE]), following, stages, counts, counter)


def worked_by(staff: StaffMember) -> QuerySet[Case]:
    """The cases that are this person's work."""
    return Case.objects.filter(_works(staff), erased_at=None)


def handed_over_by(staff: StaffMember) -> QuerySet[Collection]:
    """What is this person's work at the counter, and not over yet."""
    rows = Collection.objects.filter(_works(staff), case__erased_at=None)
    return rows.filter(state__in=ON_COUNTERS, returned_at=None)


def _works(staff: StaffMember) -> Q:
    condition = Q(pk__in=[])
    for works in _works_each(staff):
        condition |= works
    return condition


def _works_each(staff: StaffMember) -> list[Q]:
    """By post, none of them with cases of another: whoever has a whole agency has its teams too."""
    posts = policies.working_posts(staff)
    whole = {post.agency_id for post in posts if post.team_id is None}
    teams = {post.team_id for post in posts if post.agency_id not in whole}
    return [*(Q(agency_id=one) for one in sorted(whole)), *(Q(team_id=one) for one in teams)]


def _narrowed(cases: QuerySet[Case], staff: StaffMember, filters: Filters, now: datetime) -> QuerySet[Case]:
    cases = _in_phase(cases, filters)
    if filters.stage:
        named = _STAGE.fullmatch(filters.stage)
        cases = cases.filter(service_id=int(named[1]), stage=named[2]) if named else cases.none()
    if filters.mine:
        cases = cases.filter(assigned_to_id=staff.person_id)
    if filters.unread:
        cases = cases.filter(unread=True)
    return cases.filter(due_at__lt=_until(filters.due, staff, now)) if filters.due else cases


def _in_phase(cases: QuerySet[Case], filters: Filters) -> QuerySet[Case]:
    cases = cases.filter(phase=filters.phase)
    # Said twice, because an index over closed cases alone is found by their time.
    return cases.filter(closed_at__isnull=False) if filters.phase is Phase.CLOSED else cases


def _until(due: Due, staff: StaffMember, now: datetime) -> datetime:
    agencies = [identity.agency_known(agency_id) for agency_id in sorted(staff.agency_ids)]
    zone = ZoneInfo(agencies[0].timezone if agencies else "UTC")
    if due is Due.OVERDUE:
        return now
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1 if due is Due.TODAY else 7)


def _page(cases: QuerySet[Case], cursor: str, filters: Filters) -> QuerySet[Case]:
    """Open work by its due time; closed cases, the latest first."""
    column = _column(filters)
    descending = filters.phase is Phase.CLOSED
    after = _after(cursor)
    if after is not None:
        moment, case_id = after
        beyond = "lt" if descending else "gt"
        cases = cases.filter(
            # The first condition says nothing new, but lets the index begin at the page.
            Q(**{f"{column}__{beyond}e": moment}),
            Q(**{f"{column}__{beyond}": moment}) | Q(**{column: moment, f"id__{beyond}": case_id}),
        )
    return _in_order(cases.select_related("assigned_to"), filters)[: PAGE + 1]


def _column(filters: Filters) -> str:
    return "closed_at" if filters.phase is Phase.CLOSED else "due_at"


def _in_order(cases: QuerySet[Case], filters: Filters) -> QuerySet[Case]:
    sign = "-" if filters.phase is Phase.CLOSED else ""
    return cases.order_by(f"{sign}{_column(filters)}", f"{sign}id")


def _place(case: Case) -> tuple[datetime, UUID]:
    return case.closed_at or case.due_at, case.id


def _cursor(case: Case, filters: Filters) -> str:
    moment = case.closed_at if filters.phase is Phase.CLOSED else case.due_at
    if moment is None:
        return ""
    return base64.urlsafe_b64encode(json.dumps([moment.isoformat(), str(case.id)]).encode()).decode()


def _after(cursor: str) -> tuple[datetime, UUID] | None:
    """A cursor that makes no sense begins at the beginning."""
    try:
        moment, case_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(case_id)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _counted(
    mine: Sequence[QuerySet[Case]], staff: StaffMember, filters: Filters, now: datetime
) -> tuple[tuple[StageCount, ...], Counts, CounterCounts]:
    """How many cases wait in each stage and for what, over at most the first CASES_COUNTED of each post in
    the list's own order, and of things at the counter: in one statement, the latter under a service that
    there is not. The database adds up: to make a thousand rows here cost more than the whole page."""
    if not mine:
        return (), Counts(), CounterCounts()
    shown = [
        _in_order(_in_phase(each, filters), filters).values_list(
            "service_id", "version_id", "stage", "due_at", "unread", "assigned_to_id"
        )[:CASES_COUNTED]
        for each in mine
    ]
    things = handed_over_by(staff).values_list(
        Value(_NO_SERVICE), Value(_NO_SERVICE), "state", "ordered_at", Value(False), Value(None, UUIDField())
    )[:CASES_COUNTED]
    counting, given = things.union(*shown, all=True).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_ADDED_UP.format(counting), [now, staff.person_id, *given])
        found = cursor.fetchall()
    at_counter = Counter[str]()
    stage_counts = []
    cases = late = unread = own = 0
    for service_id, version_id, stage, many, are_late, are_unread, are_own in found:
        if service_id == _NO_SERVICE:
            at_counter[stage] = many
            continue
        label = stages.label_of(catalogue.compiled(version_id), stage)
        stage_counts.append(StageCount(f"{service_id}.{stage}", label, many))
        cases, late, unread, own = cases + many, late + are_late, unread + are_unread, own + are_own
    stage_counts.sort(key=lambda count: -count.cases)
    counts = Counts(cases, late, unread, own, more=cases >= CASES_COUNTED)
    counter = CounterCounts(*(at_counter[state] for state in ON_COUNTERS))
    return tuple(stage_counts), counts, counter


def _row(case: Case) -> WorklistRow:
    service = catalogue.compiled(case.version_id)
    return WorklistRow(
        id=case.id,
        reference=case.reference,
        service_title=service.title,
        agency_id=case.agency_id,
        stage=stages.label_of(service, case.stage),
        phase=Phase(case.phase),
        # In the order of asking, which the stored JSON doesn't keep.
        display=tuple(case.display[name] for name in service.form.questions if name in case.display),
        opened_at=case.opened_at,
        due_at=case.due_at,
        unread=case.unread,
        assigned_to=case.assigned_to.get_full_name() if case.assigned_to else "",
        closed_at=case.closed_at,
        outcome=case.outcome,
    )
