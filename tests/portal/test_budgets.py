"""DESIGN's budgets of statements, whatever the number of rows."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from loket.kernel import clock
from tests import county
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
BASE = "/en/apply/civil-registry/change-of-address/"
_NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


class Counted:
    """Statements on both databases; transactions' own don't count."""

    def __enter__(self) -> "Counted":
        self._captures = [CaptureQueriesContext(connections[name]) for name in ("default", "keys")]
        for capture in self._captures:
            capture.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        for capture in self._captures:
            capture.__exit__(None, None, None)

    @property
    def statements(self) -> list[str]:
        found = [query["sql"] for capture in self._captures for query in capture.captured_queries]
        return [sql for sql in found if not sql.startswith(_NOT_COUNTED)]


def _rows(visitor: Visitor, others: int) -> None:
    for _ in range(others):
        county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=clock.now())
    visitor.open(BASE)


@pytest.mark.parametrize("others", [1, 3])
def test_showing_and_answering_a_page(visitor: Visitor, others: int) -> None:
    _rows(visitor, others)
    with Counted() as first:
        visitor.client.post(f"{BASE}name/", {"q-full_name": "Zuhura Mwinyi"})
    assert len(first.statements) <= 2 + 1, first.statements
    with Counted() as shown:
        assert visitor.client.get(f"{BASE}birth/").status_code == 200
    assert len(shown.statements) <= 1, shown.statements
    born = {"q-date_of_birth-day": "12", "q-date_of_birth-month": "4", "q-date_of_birth-year": "1991"}
    with Counted() as answered:
        assert visitor.client.post(f"{BASE}birth/", born).status_code == 302
    assert len(answered.statements) <= 2, answered.statements
    with Counted() as refused:
        assert visitor.client.post(f"{BASE}identity/", {"q-national_id": "no"}).status_code == 200
    assert len(refused.statements) <= 2, refused.statements


@pytest.mark.parametrize("others", [1, 3])
def test_submitting_and_tracking(visitor: Visitor, others: int) -> None:
    _rows(visitor, others)
    visitor.fill_in(county.ADDRESS, county.ADDRESS_ANSWERS)
    with Counted() as submitted:
        assert visitor.client.post(f"{BASE}check/").status_code == 302
    assert len(submitted.statements) <= 8, submitted.statements
    with Counted() as confirmed:
        visitor.open(f"{BASE}done/")
    assert len(confirmed.statements) <= 3, confirmed.statements
    visitor.post(f"{BASE}follow/")
    with Counted() as tracked:
        assert visitor.client.get("/en/track/case/").status_code == 200
    assert len(tracked.statements) <= 3, tracked.statements


def test_looking_at_a_first_question_leaves_no_row(visitor: Visitor) -> None:
    visitor.open(BASE)
    with Counted() as shown:
        visitor.client.get(f"{BASE}name/")
    assert [sql for sql in shown.statements if not sql.startswith("SELECT")] == []
    assert not visitor.client.cookies.get("sessionid")
