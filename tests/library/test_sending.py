"""The sample county comes to life: every request is sent, paid and worked as its file says."""

from collections import Counter
from pathlib import Path

import pytest
from pytest_django import Settings

from loket.casework.models import Case, Collection
from loket.config.sample import sending
from loket.config.sample.requests import sample_requests
from loket.kernel import clock
from loket.payments.models import Bill, Receipt
from tests import county

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def test_the_past_of_the_county(settings: Settings, tmp_path: Path) -> None:
    settings.FILES = tmp_path / "files"
    now, done = clock.now(), list[None]()
    county.county(now)
    assert Bill.objects.count() == 40
    assert sending.send_all(now, lambda: done.append(None)) == len(done) == len(sample_requests())
    assert Case.objects.count() == len(done)
    stages = Counter(Case.objects.values_list("stage", flat=True))
    reached = {"granted", "refused", "waiting", "check", "pickup", "review", "cancelled", "upheld", "paid"}
    assert reached | {"awaiting_payment"} <= stages.keys()
    bills = Counter(Bill.objects.values_list("state", flat=True))
    assert (bills["paid"], bills["contested"], bills["cancelled"]) == (2, 1, 1)
    things = Counter(Collection.objects.values_list("state", flat=True))
    assert {"being_made", "at_centre", "handed_over"} <= things.keys()
    paying = [request for request in sample_requests() if any(step.by == "payer" for step in request.then)]
    assert Receipt.objects.count() == len(paying)
