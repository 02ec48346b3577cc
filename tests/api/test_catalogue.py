"""Finding services and reading their definitions: languages, tags, cursors."""

import pytest
from django.test import Client

from tests.portal.test_budgets import Counted

pytestmark = [pytest.mark.django_db(databases=["default", "keys"]), pytest.mark.usefixtures("at_the_county")]
SERVICES = "/api/v1/services"
DEFINITION = f"{SERVICES}/civil-registry/change-of-address"


def test_the_definition_speaks_the_language_asked_for_and_is_sent_once() -> None:
    client = Client()
    english = client.get(DEFINITION, headers={"Accept-Language": "en"})
    swahili = client.get(f"{DEFINITION}?language=sw", headers={"Accept-Language": "en"})
    assert english.json()["title"] != swahili.json()["title"]
    assert swahili.headers["Content-Language"] == "sw"
    tag = english.headers["ETag"]
    assert tag != swahili.headers["ETag"]
    with Counted() as counted:
        again = client.get(DEFINITION, headers={"Accept-Language": "en", "If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert not counted.statements
    assert client.head(DEFINITION).status_code == 200
    assert client.head(DEFINITION).content == b""


def test_the_definition_has_what_an_applicant_needs_and_not_how_answers_are_found() -> None:
    told = Client().get(DEFINITION).json()
    asked = {question["id"]: question for page in told["pages"] for question in page["questions"]}
    assert asked["who_is_moving"]["settings"]["options"][0]["label"]
    assert set(asked["old_address"]["schema"]["required"]) >= {"line1", "town"}
    assert not {"indexed", "display", "measure"} & set(asked["national_id"]["settings"])


def test_services_come_page_by_page_each_once() -> None:
    client, seen, cursor = Client(), [], ""
    for _ in range(20):
        told = client.get(SERVICES, {"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [(one["agency"], one["key"]) for one in told["items"]]
        cursor = told["next"]
        if cursor is None:
            break
    whole = client.get(SERVICES, {"limit": 200}).json()
    assert seen == [(one["agency"], one["key"]) for one in whole["items"]]
    assert len(set(seen)) == len(seen) > 4


@pytest.mark.parametrize("cursor", ["made-up", "ImEi:1abc:zzz", "%00", "a" * 400])
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    answer = Client().get(SERVICES, {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_what_is_searched_comes_best_first() -> None:
    told = Client().get(SERVICES, {"search": "moved house address", "language": "en"}).json()
    assert told["items"][0]["key"] == "change-of-address"
    found = Client().get(SERVICES, {"life_event": "moving-house"}).json()
    assert [one["key"] for one in found["items"]] == ["change-of-address"]
    assert Client().get(SERVICES, {"search": "\0 x"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=x", 422),
        ("language=xx", 422),
        ("limit=201", 422),
        ("search=" + "a" * 300, 422),
    ],
)
def test_queries_of_other_shapes_are_refused(query: str, status: int) -> None:
    answer = Client().get(f"{SERVICES}?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
