"""The statements of DESIGN §6, at one row and at three."""

from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from loket.applications import actions
from loket.kernel.actors import APPLICANT
from tests import county

pytestmark = pytest.mark.django_db(databases=["default", "keys"], transaction=False)
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def counted(alias: str, capture: CaptureQueriesContext) -> list[str]:
    statements = [query["sql"] for query in capture.captured_queries]
    return [sql for sql in statements if not sql.startswith(_NOT_COUNTED)]


@pytest.mark.parametrize("before", [1, 3])
def test_submitting_takes_at_most_eight_statements(before: int) -> None:
    county.county(NOW)
    for _ in range(before):
        county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=NOW)
    token = county.fill_in(county.INFORMATION, county.INFORMATION_ANSWERS, now=NOW)
    with (
        CaptureQueriesContext(connections["default"]) as main,
        CaptureQueriesContext(connections["keys"]) as keys,
    ):
        actions.submit(token=token, language="en", by=APPLICANT, now=NOW)
    statements = counted("default", main) + counted("keys", keys)
    assert len(statements) <= 8, "\n".join(statement[:150] for statement in statements)
