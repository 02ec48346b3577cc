"""Too much at once is told in numbers; faults and a database that is away in words; neither is a page."""

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from loket.api.door import problem_of
from loket.api.pace import LOOK_UPS
from loket.api.problems import response

pytestmark = [pytest.mark.django_db(databases=["default", "keys"]), pytest.mark.usefixtures("at_the_county")]


def test_looking_up_is_counted_together_with_the_tracker() -> None:
    client, body = Client(), '{"reference": "7K3P-2M9X", "proof": "a@b.example"}'
    for count in range(LOOK_UPS.limit - 1):
        # Another reference each time, for each has a limit of its own.
        typed = {
            "reference": f"7K3P-2{'ABCDEFGH'[count % 8]}{'23456789'[count // 8]}X",
            "proof": "a@b.example",
        }
        assert client.post("/en/track/", typed).status_code == 200
    last = client.post("/api/v1/status", body, content_type="application/json")
    assert (last.status_code, last.headers["RateLimit"].split(";")[1]) == (404, "r=0")
    over = client.post("/api/v1/status", body, content_type="application/json")
    assert (over.status_code, over.json()["code"]) == (429, "too-many-requests")
    assert 0 < int(over.headers["Retry-After"]) <= 60
    assert over.headers["RateLimit-Policy"] == '"portal-look-up";q=60;w=3600'


def test_a_database_that_is_away_is_a_problem_to_try_again() -> None:
    answer = response(problem_of(OperationalError("gone"), RequestFactory().get("/api/v1/services")))
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_fault_of_ours_is_a_problem_without_details() -> None:
    answer = response(problem_of(KeyError("a secret"), RequestFactory().get("/api/v1/services")))
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
