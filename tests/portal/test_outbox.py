"""The demonstration's letter box: what would have arrived, at the hour of the office that sent it."""

from datetime import UTC, datetime

import pytest

from loket.identity.models import Agency
from loket.identity.queries import forget_agencies
from loket.kernel import clock
from loket.notifications.models import Message
from tests import county
from tests.portal.visitor import Visitor
from tests.worker import run_worker

pytestmark = pytest.mark.django_db(databases=["default", "keys"], transaction=True)


@pytest.mark.usefixtures("demo")
def test_times_are_by_the_clock_of_the_agency_that_wrote(visitor: Visitor) -> None:
    county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=clock.now())
    run_worker()
    Message.objects.update(sent_at=datetime(2026, 11, 16, 21, 30, tzinfo=UTC))
    page = visitor.open("outbox/")
    assert 'datetime="2026-11-16T21:30:00+00:00"' in page
    # In Nairobi it is the next day.
    assert "17 November 2026, 00:30" in page
    Agency.objects.update(timezone="Asia/Jakarta")
    forget_agencies()
    assert "17 November 2026, 04:30" in visitor.open("outbox/")
