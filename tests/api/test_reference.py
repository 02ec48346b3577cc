"""The page for people who write programs, and what leads there."""

import pytest
from django.test import Client

from loket.api.examples import examples
from loket.api.problems import KINDS

pytestmark = [pytest.mark.django_db(databases=["default", "keys"]), pytest.mark.usefixtures("at_the_county")]


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_every_operation_and_problem_is_on_the_page(language: str) -> None:
    page = Client().get(f"/{language}/developers/")
    html = page.content.decode()
    assert page.status_code == 200
    for name in examples():
        assert f'id="{name}"' in html
    for kind in KINDS:
        assert f'id="problem-{kind.code}"' in html
    title = {"en": "For programs: the API", "id": "Untuk program: API", "sw": "Kwa programu: API"}[language]
    assert f">{title}</h1>" in html


def test_the_address_of_a_problem_leads_to_where_it_is_explained() -> None:
    told = Client().get("/api/v1/nothing", headers={"Accept-Language": "sw"}).json()
    answer = Client().get(
        told["type"].removeprefix("http://localhost:8000"), headers={"Accept-Language": "sw"}
    )
    assert answer.headers["Location"] == "/sw/developers/#problem-not-found"
