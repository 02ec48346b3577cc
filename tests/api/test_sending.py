"""A whole application in one POST: the journey of the pages, once for each key, in few statements."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from loket.casework.models import Case
from loket.identity import queries as identity
from loket.identity import tokens
from loket.identity.types import Scope
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from tests import county
from tests.api.scene import token
from tests.portal.test_budgets import Counted

pytestmark = [pytest.mark.django_db(databases=["default", "keys"]), pytest.mark.usefixtures("at_the_county")]
ADDRESS = "/api/v1/services/civil-registry/change-of-address/applications"
INFORMATION = "/api/v1/services/information-commission/freedom-of-information-request/applications"
FINE = "/api/v1/services/county-revenue/pay-parking-fine/applications"


def post(
    answers: Mapping[str, Any], client: Client | None = None, address: str = ADDRESS, **headers: str
) -> HttpResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return (client or Client()).post(
        address, json.dumps({"answers": answers}), content_type="application/json", headers=sent
    )


ANSWERS = county.ADDRESS_ANSWERS | {
    "old_address": {"line1": "14 Mtaa wa Pwani", "town": "Bandarini", "postcode": "80210"}
}
ANSWERS["new_address"] = {"line1": "3 Mtaa wa Mnazi", "town": "Tumaini", "postcode": "40110"}


def test_an_application_is_sent_and_becomes_a_case() -> None:
    answer = post(ANSWERS)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert Case.objects.get().reference == told["reference"]
    assert told["pay_address"] is None
    assert told["pin"] is None
    assert answer.headers["Cache-Control"] == "no-store"


def test_in_at_most_eight_statements() -> None:
    bearer = token(Scope.SUBMIT)
    post(ANSWERS, authorization=bearer, idempotency_key="warm")
    with Counted() as counted:
        answer = post(ANSWERS, authorization=bearer, idempotency_key="k1")
    assert answer.status_code == 201
    assert len(counted.statements) <= 6, "\n".join(counted.statements)
    with Counted() as counted:
        assert post(ANSWERS, idempotency_key="k1").status_code == 201
    assert len(counted.statements) <= 8, "\n".join(counted.statements)


def test_the_same_errors_as_the_pages_in_the_language_asked_for() -> None:
    wrong = ANSWERS | {
        "full_name": "",
        "date_of_birth": "2091-04-12",
        "who_is_moving": "cat",
        "move_date": 5.5,
    }
    told = post(wrong, accept_language="id").json()
    assert told["status"] == 422
    assert told["code"] == "not-answered"
    found = {error["question"]: error for error in told["errors"]}
    assert list(found) == ["full_name", "date_of_birth", "who_is_moving", "move_date"]
    assert found["full_name"]["code"] == "missing"
    assert found["move_date"]["code"] == "wrong_shape"
    assert found["date_of_birth"] | {"message": ""} == {
        "question": "date_of_birth", "part": "day", "message": "", "code": "invalid"
    }  # fmt: skip
    in_english = post(wrong, address=f"{ADDRESS}?language=en").json()
    assert in_english["errors"][1]["message"] == "This date has not come yet. Please check the year."
    assert told["errors"][1]["message"] != in_english["errors"][1]["message"]
    assert not Case.objects.exists()


def test_answers_to_what_is_not_asked_are_refused() -> None:
    told = post(ANSWERS | {"shoe_size": 42}).json()
    assert [(error["question"], error["code"]) for error in told["errors"]] == [("shoe_size", "unknown")]
    told = post(county.INFORMATION_ANSWERS | {"organisation": "Mwenge"}, address=INFORMATION).json()
    codes = {error["question"]: error["code"] for error in told["errors"]}
    assert codes.get("organisation") in {"not_asked", "unknown"}


def test_under_one_key_it_happens_once() -> None:
    first = post(ANSWERS, idempotency_key="abc")
    again = post(ANSWERS, idempotency_key="abc")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.headers["Idempotent-Replayed"], again.headers["Idempotent-Replayed"]) == ("false", "true")
    assert Case.objects.count() == 1
    other = post(ANSWERS | {"full_name": "Zuhura M"}, idempotency_key="abc")
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    # Another's key of the same name is another key.
    assert post(ANSWERS, authorization=token(Scope.SUBMIT), idempotency_key="abc").status_code == 201
    assert Case.objects.count() == 2


def test_what_was_refused_under_a_key_may_be_mended_under_it() -> None:
    assert post(ANSWERS | {"full_name": None}, idempotency_key="k").status_code == 422
    assert post(ANSWERS, idempotency_key="k").status_code == 201
    # The day has come and gone: what was good then is told again.
    assert post(ANSWERS, idempotency_key="k").headers["Idempotent-Replayed"] == "true"


def test_whoever_cannot_be_written_to_gets_a_pin_and_the_same_one_again() -> None:
    alone = ANSWERS | {"contact": {"channel": "none"}}
    told = post(alone, idempotency_key="p").json()
    assert len(told["pin"]) == 8
    assert post(alone, idempotency_key="p").json() == told


def test_a_fine_is_looked_up_and_told_with_where_to_pay_it() -> None:
    answers = county.FINE_ANSWERS | {"fine": {"number": "PN-20481", "fact": "KDA 123A"}}
    answer = post(answers, address=FINE, idempotency_key="fee")
    assert answer.status_code == 201, answer.content
    address = answer.json()["pay_address"]
    page = Client().get(address.removeprefix("http://localhost:8000"))
    assert page.status_code == 200
    assert answer.json()["reference"] in page.content.decode()
    assert post(answers, address=FINE, idempotency_key="fee").json() == answer.json()


def test_nobody_names_the_price_of_their_fine() -> None:
    fine = {"number": "PN-20481", "fact": "KDA 123A", "amount": "1.00"}
    told = post(county.FINE_ANSWERS | {"fine": fine}, address=FINE).json()
    assert [(one["question"], one["code"]) for one in told["errors"]] == [("fine", "wrong_shape")]
    told = post(county.FINE_ANSWERS | {"fine": {"number": "PN-1", "fact": "X"}}, address=FINE).json()
    assert told["errors"][0]["message"].startswith("We found nothing for")


def test_tokens_are_held_to_agency_scope_and_time() -> None:
    for bearer, status in (
        (token(Scope.SUBMIT), 201),
        (token(Scope.READ_CASES), 403),
        (token(Scope.SUBMIT, agency="transport-authority"), 403),
        ("Bearer loket_nosuch_token", 401),
        ("Basic YTpi", 401),
    ):
        answer = post(ANSWERS, authorization=bearer)
        assert answer.status_code == status, (bearer, answer.content)
        assert (status == 401) is ("WWW-Authenticate" in answer.headers)


def test_a_revoked_token_works_no_more() -> None:
    bearer = token(Scope.SUBMIT)
    assert post(ANSWERS, authorization=bearer).status_code == 201
    found = identity.agency("civil-registry")
    assert found is not None
    one = tokens.tokens_of(found.id)[0]
    assert one.last_used_on == clock.now().date()
    assert tokens.revoke_token(token_id=one.id, agency_id=found.id, by=SYSTEM, now=clock.now())
    assert post(ANSWERS, authorization=bearer).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"answers": {}, "answers": {}}', "application/json", 400),
        (b'{"answers": {"a": NaN}}', "application/json", 400),
        (b'{"answers": ' + b"[" * 100_000, "application/json", 400),
        (b'{"answers": ' + b'{"a":' * 50 + b"1" + b"}" * 51, "application/json", 400),
        (b'{"answers": {"full_name": "\\ud800"}}', "application/json", 422),
        (b'{"answers": {"full_name": ' + b"9" * 5000 + b"}}", "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b'{"answers": {}, "more": 1}', "application/json", 422),
        (b'{"answers": {}, "language": "xx"}', "application/json", 422),
        (b"{}", "application/json", 422),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b" " * 300_000 + b"{}", "application/json", 413),
    ],
)
def test_bodies_of_other_shapes_are_refused_as_problems(body: bytes, kind: str, status: int) -> None:
    answer = Client().post(ADDRESS, body, content_type=kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", ADDRESS, 405),
        ("put", ADDRESS, 405),
        ("post", "/api/v1/services/civil-registry/no-such/applications", 404),
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/", 404),
        ("get", "/api/v2/services", 404),
    ],
)
def test_nothing_below_api_is_a_page(method: str, address: str, status: int) -> None:
    answer = Client().generic(method.upper(), address, '{"answers": {}}', content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
