"""Worklists: every case once, whatever the page, and few statements."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from loket.casework import actions, queries, worklists
from loket.casework.models import Case
from loket.casework.types import Counts, Due, Filters, Phase, WorklistRow
from loket.casework.worklists import worklist
from loket.identity.types import Post, Role, StaffMember
from loket.kernel.ids import new_id
from loket.privacy import actions as privacy
from loket.privacy.queries import all_accesses_of
from loket.privacy.types import AccessKind, Subject, SubjectKind
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.fixture
def model() -> Case:
    """A case from which rows are copied."""
    stall.open_market()
    return stall.sent()


def _rows(model: Case, days: Sequence[int], phase: Phase = Phase.OPEN) -> list[Case]:
    """Cases due (or closed) on these days: many at the very same moment."""
    references = islice(("".join(some) for some in product(LETTERS, repeat=4)), len(days))
    Case.objects.exclude(id=model.id).delete()
    made = []
    for day, reference in zip(days, references, strict=True):
        moment = NOW + timedelta(days=day)
        closed = (
            {"closed_at": moment, "outcome": "granted", "stage": "granted"} if phase is Phase.CLOSED else {}
        )
        values = {
            field.attname: getattr(model, field.attname)
            for field in Case._meta.concrete_fields
            if field.attname not in {"id", "reference", "due_at", "phase"}
        }
        made.append(
            Case(
                **{**values, **closed},
                id=new_id(),
                reference=f"{reference}-2222",
                due_at=moment,
                phase=phase,
            )
        )
    return Case.objects.bulk_create(made)


def _pages(staff: StaffMember, filters: Filters) -> list[list[WorklistRow]]:
    pages, cursor = [], ""
    while True:
        page = worklist(staff, filters, cursor, NOW)
        pages.append(list(page.rows))
        if not page.following:
            return pages
        assert len(page.rows) == worklists.PAGE
        cursor = page.following


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-3, 3), max_size=90), st.sampled_from([Phase.OPEN, Phase.CLOSED]))
@example([0] * 75, Phase.OPEN)
@example([0] * 26, Phase.CLOSED)
@example([0] * 25, Phase.OPEN)
def test_pages_hold_every_case_once_and_in_order(model: Case, days: list[int], phase: Phase) -> None:
    made = _rows(model, days, phase)
    pages = _pages(county.staff(stall.OFFICER), Filters(phase=phase))
    found = [row.id for page in pages for row in page]
    if phase is Phase.OPEN:
        wanted = sorted([*made, model], key=lambda case: (case.due_at, case.id))
    else:
        wanted = sorted(made, key=lambda case: (case.closed_at or NOW, case.id), reverse=True)
    assert found == [case.id for case in wanted]


CURSORS = st.one_of(
    st.text(max_size=40),
    st.recursive(st.none() | st.integers() | st.text(max_size=40), st.lists, max_leaves=4).map(
        lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    ),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CURSORS)
@example(
    base64.urlsafe_b64encode(
        json.dumps(["2026-01-01", "01a20275-a3ba-74fa-8357-97416b0c7e6e"]).encode()
    ).decode()
)
@example(
    base64.urlsafe_b64encode(
        json.dumps(["0001-01-01T00:00:00+14:00", "01a20275-a3ba-74fa-8357-97416b0c7e6e"]).encode()
    ).decode()
)
@example(base64.urlsafe_b64encode(b"[" * 100_000).decode())
def test_any_cursor_gives_a_page(model: Case, cursor: str) -> None:
    worklist(county.staff(stall.OFFICER), Filters(), cursor, NOW)


def test_each_team_sees_its_own_cases_and_a_supervisor_of_the_agency_all(model: Case) -> None:
    other = stall.sent()
    stall.act(other, "pass_on")

    def seen(staff: StaffMember) -> set[str]:
        return {row.reference for page in _pages(staff, Filters()) for row in page}

    assert seen(county.staff(stall.OFFICER)) == {model.reference}
    assert seen(county.staff(stall.INSPECTOR)) == {other.reference}
    whole = StaffMember(new_id(), "Chief", (Post(model.agency_id, None, Role.SUPERVISOR),))
    assert seen(whole) == {model.reference, other.reference}


@pytest.mark.parametrize("nobody", [stall.OTHER_AGENCY, stall.PRIVACY_OFFICER, stall.ANALYST])
def test_who_works_no_case_here_sees_none(model: Case, nobody: str) -> None:
    page = worklist(county.staff(nobody), Filters(), "", NOW)
    assert (page.rows, page.following, page.stages) == ((), "", ())


def test_filters_narrow_the_list(model: Case) -> None:
    officer = county.staff(stall.OFFICER)
    today, week, overdue = _rows(model, [0, 5, -1])
    Case.objects.filter(id=model.id).update(due_at=NOW + timedelta(days=30), unread=False)
    actions.assign_to_self(case_id=week.id, staff=officer, now=NOW)

    def found(**narrowing: object) -> set[object]:
        filters = replace(Filters(), **narrowing)  # type: ignore[arg-type]
        return {row.id for page in _pages(officer, filters) for row in page}

    everything = {model.id, today.id, week.id, overdue.id}
    assert found() == everything
    assert found(due=Due.OVERDUE) == {overdue.id}
    assert found(due=Due.TODAY) == {overdue.id, today.id}
    assert found(due=Due.THIS_WEEK) == {overdue.id, today.id, week.id}
    assert found(mine=True) == {week.id}
    assert found(unread=True) == {today.id, week.id, overdue.id}
    assert found(stage=f"{model.service_id}.look") == everything
    assert found(stage=f"{model.service_id}.granted") == set()
    for nonsense in ("nonsense", ".", "².look", f"{9**30}.look", f"{model.service_id}.\x00"):
        assert found(stage=nonsense) == set()
    assert found(phase=Phase.CLOSED) == set()


def test_stages_are_counted_with_their_names(model: Case) -> None:
    stall.act(stall.sent(), "file")
    page = worklist(county.staff(stall.OFFICER), Filters(), "", NOW)
    assert [(stage.key, stage.label["en"], stage.cases) for stage in page.stages] == [
        (f"{model.service_id}.look", "We look at it", 1),
        (f"{model.service_id}.shelf", "On the shelf", 1),
    ]


def test_counts_say_what_waits_for_whom(model: Case) -> None:
    officer = county.staff(stall.OFFICER)
    made = _rows(model, [-2, -1, 1, 3])
    Case.objects.filter(id=made[0].id).update(unread=not model.unread, assigned_to_id=officer.person_id)
    everything = [*Case.objects.all()]

    counts = worklist(officer, Filters(mine=True), "", NOW).counts

    unread = sum(case.unread for case in everything)
    assert counts == Counts(cases=5, late=2, unread=unread, mine=1, more=False)
    assert 0 < unread < 5


def test_counting_ends_with_the_most_urgent_and_says_so(model: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    _rows(model, [5, 4, -1, 3, -2])
    monkeypatch.setattr(worklists, "CASES_COUNTED", 3)

    counts = worklist(county.staff(stall.OFFICER), Filters(), "", NOW).counts

    assert (counts.cases, counts.late, counts.more) == (3, 2, True)


def test_a_row_shows_the_display_answers_in_the_order_of_asking(model: Case) -> None:
    (row,) = worklist(county.staff(stall.OFFICER), Filters(), "", NOW).rows
    assert row.display == ("Wanjiru Kamau", "Clothes")


def test_erased_cases_are_not_listed(model: Case) -> None:
    stall.act(model, "approve")
    officer = county.staff(stall.OFFICER)
    assert len(worklist(officer, Filters(phase=Phase.CLOSED), "", NOW).rows) == 1
    privacy.erase_subject(subject=Subject(SubjectKind.CASE, model.id), by=officer.actor, now=NOW)
    assert worklist(officer, Filters(phase=Phase.CLOSED), "", NOW).rows == ()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_takes_few_statements_however_many_rows(model: Case, rows: int) -> None:
    _rows(model, [0] * (rows - 1))
    officer = county.staff(stall.OFFICER)
    Case.objects.update(assigned_to_id=officer.person_id)
    with CaptureQueriesContext(connection) as statements:
        page = worklist(officer, Filters(due=Due.THIS_WEEK), "", NOW)
    assert len(page.rows) == rows
    assert len(statements) == 2


def test_a_later_page_of_a_team_begins_at_the_index(model: Case) -> None:
    made = _rows(model, list(range(600)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE casework_case")
    officer = county.staff(stall.OFFICER)
    cursor_of = worklists._cursor(made[300], Filters())
    with CaptureQueriesContext(connection) as statements:
        page = worklist(officer, Filters(), cursor_of, NOW)
    assert page.rows[0].id == made[301].id
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + statements[0]["sql"])
        plan = json.dumps(cursor.fetchone())
    assert "case_worklist" in plan
    assert '"Sort"' not in plan
    assert "due_at >=" in json.dumps([plan]).split("Index Cond")[1].split("Filter")[0]


def test_a_reference_is_looked_up_however_it_is_typed(model: Case) -> None:
    officer = county.staff(stall.OFFICER)
    typed = model.reference.replace("-", " ").lower()
    assert actions.look_up(staff=officer, typed=f" {typed} ", now=NOW) == (model.reference,)
    assert actions.look_up(staff=county.staff(stall.OTHER_AGENCY), typed=model.reference, now=NOW) == ()


@pytest.mark.parametrize("typed", ["0712 345 678", "0712345678", "0712-345-678", " 07 12 34 56 78 "])
def test_an_indexed_answer_is_looked_up_however_it_is_spaced(model: Case, typed: str) -> None:
    stall.sent({**stall.ANSWERS, "phone": "0799 999 999"})
    assert actions.look_up(staff=county.staff(stall.OFFICER), typed=typed, now=NOW) == (model.reference,)
    assert actions.look_up(staff=county.staff(stall.OTHER_AGENCY), typed=typed, now=NOW) == ()
    assert actions.look_up(staff=county.staff(stall.PRIVACY_OFFICER), typed=typed, now=NOW) == ()


@pytest.mark.parametrize("typed", ["", "   ", "Wanjiru Kamau", "\x00", "-", "x" * 10_000])
def test_nothing_else_is_found(model: Case, typed: str) -> None:
    assert actions.look_up(staff=county.staff(stall.OFFICER), typed=typed, now=NOW) == ()


def test_closed_ones_are_listed_the_latest_first(model: Case) -> None:
    first, second = stall.sent(), stall.sent()
    stall.act(first, "approve", now=NOW)
    stall.act(second, "approve", now=NOW + timedelta(hours=1))
    rows = worklist(county.staff(stall.OFFICER), Filters(phase=Phase.CLOSED), "", NOW).rows
    assert [row.id for row in rows] == [second.id, first.id]
    assert isinstance(rows[0].opened_at, datetime)


def test_a_page_of_the_list_is_one_record_and_the_applicant_is_told_once_a_day() -> None:
    county.county(NOW)
    reference = county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=NOW)
    case_id = county.case_id(reference)
    for _ in range(3):
        actions.list_cases(
            staff=county.staff("amina.wekesa@example.org"), filters=Filters(), cursor="", now=NOW
        )
    assert [look.kind for look in all_accesses_of(case_id)] == [AccessKind.LISTED]
    seen = queries.applicant_case(case_id, NOW)
    assert seen is not None
    assert [look.kind for look in seen.accesses] == [AccessKind.LISTED]


def test_a_look_up_by_an_answer_is_recorded_and_one_by_reference_is_not() -> None:
    county.county(NOW)
    reference = county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=NOW)
    officer = county.staff("amina.wekesa@example.org")
    assert actions.look_up(staff=officer, typed=reference, now=NOW) == (reference,)
    assert all_accesses_of(county.case_id(reference)) == ()
    assert actions.look_up(staff=officer, typed="Odhiambo  okoth", now=NOW) == (reference,)
    assert [look.kind for look in all_accesses_of(county.case_id(reference))] == [AccessKind.LOOKED_UP]
