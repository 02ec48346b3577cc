"""The sample county comes to life: every request is sent, paid and worked as its file says."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from loket.casework.models import Case, CasePaper, Collection
from loket.config.sample import sending
from loket.config.sample.requests import sample_requests, sample_transfers
from loket.documents import queries as documents
from loket.documents.types import Status
from loket.kernel import clock
from loket.payments.models import Bill, MoneyIn, Payment, Receipt, Refund
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
    assert (bills["paid"], bills["contested"], bills["cancelled"]) == (3, 2, 1)
    things = Counter(Collection.objects.values_list("state", flat=True))
    assert {"being_made", "at_centre", "handed_over", "uncollected"} <= things.keys()
    paying = [request for request in sample_requests() if any(step.by == "payer" for step in request.then)]
    states = Counter(Payment.objects.values_list("state", flat=True))
    assert (states["paid"], states["partly"], states["closed"]) == (len(paying) - 1, 1, 1)
    assert states["due"] > 0
    assert Receipt.objects.count() == states["paid"]
    # One of half a fine too much, one that a supervisor decided.
    assert Counter(Refund.objects.values_list("reason", flat=True)) == {"too_much": 1, "decided": 1}
    assert MoneyIn.objects.filter(payment=None).count() == len(sample_transfers())
    _certificates_are_from_the_day_they_were_issued(now)


def _certificates_are_from_the_day_they_were_issued(now: datetime) -> None:
    numbers = CasePaper.objects.exclude(number="").values_list("number", flat=True)
    entries = documents.entries(frozenset(numbers)).values()
    assert Counter(entry.status for entry in entries)[Status.REVOKED] == 1
    over = [entry for entry in entries if entry.expires_on and entry.expires_on < now.date()]
    assert len(over) == 1
    assert all(entry.issued_on < now.date() for entry in entries)
    assert len(entries) > 6
