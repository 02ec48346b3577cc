"""Time tells nothing about which of the two was wrong."""

from statistics import median
from time import perf_counter

import pytest
from django.test import Client

from loket.limits.models import Bucket
from tests import county
from tests.portal.visitor import Visitor

pytestmark = [pytest.mark.django_db(databases=["default", "keys"]), pytest.mark.prove]
PAIRS = 500


def test_a_wrong_reference_and_a_wrong_contact_take_the_same_time(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, county.INFORMATION_ANSWERS)
    client = Client()
    wrong_contact: list[float] = []
    wrong_reference: list[float] = []
    for pair in range(PAIRS):
        turns = [(wrong_contact, reference), (wrong_reference, "7K3P-2M9X")]
        for times, typed in turns if pair % 2 else reversed(turns):
            Bucket.objects.all().delete()
            begun = perf_counter()
            response = client.post("/en/track/", {"reference": typed, "proof": f"wrong{pair}@example.com"})
            times.append(perf_counter() - begun)
            assert response.status_code == 200
    slow, fast = sorted((median(wrong_contact), median(wrong_reference)), reverse=True)
    assert slow / fast <= 1.05, (median(wrong_contact), median(wrong_reference))
