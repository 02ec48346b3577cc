"""Rows of several tables in one statement."""

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from loket.casework.models import CaseIndex, CasePaper
from loket.casework.types import PaperKind
from loket.kernel.rows import insert_together, insert_unless_there
from tests.casework import stall

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def test_a_case_arrives_whole_in_one_statement() -> None:
    stall.open_market()
    token = stall.draft()
    with CaptureQueriesContext(connection) as counted:
        case = stall.submitted(token)
    written = [
        q["sql"] for q in counted.captured_queries if '"casework_' in q["sql"] and "INSERT" in q["sql"]
    ]
    assert len(written) == 1
    assert [event.case_id for event in stall.events(case)] == [case.id]
    assert CaseIndex.objects.filter(case=case).count() == 1


def test_nothing_costs_nothing() -> None:
    with CaptureQueriesContext(connection) as counted:
        insert_together([], [])
    assert len(counted) == 0


def test_what_is_there_is_not_put_there_again() -> None:
    stall.open_market()
    case = stall.sent()
    first, second = (CasePaper(case=case, kind=PaperKind.RECEIPT, key="a", asked_at=stall.NOW) for _ in "ab")
    with CaptureQueriesContext(connection) as counted:
        assert [insert_unless_there(first), insert_unless_there(second)] == [True, False]
    assert len(counted) == 2
    assert list(CasePaper.objects.filter(case=case)) == [first]


def test_a_row_that_belongs_to_nothing_is_refused() -> None:
    stall.open_market()
    case = stall.sent()
    orphan = CaseIndex(case_id=stall.as_id("0192f0c0-0000-7000-8000-000000000000"), agency_id=case.agency_id,
                       digest=b"x" * 32)  # fmt: skip
    insert_together([orphan])
    with pytest.raises(IntegrityError):
        connection.check_constraints()
