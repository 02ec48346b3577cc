"""Programs at work: an agency's cases, every look on record, the desk's own checks."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from loket.casework.models import Case, CaseEvent
from loket.identity.types import Scope
from loket.kernel import clock
from loket.privacy.models import AccessRow
from tests import county
from tests.api.scene import OFFICE, token
from tests.portal.test_budgets import Counted

pytestmark = [pytest.mark.django_db(databases=["default", "keys"]), pytest.mark.usefixtures("at_the_county")]
CASES = "/api/v1/cases"


def get(address: str, bearer: str, reason: str = "", **query: Any) -> HttpResponse:
    headers = {"Authorization": bearer, **({"Loket-Reason": reason} if reason else {})}
    return Client().get(address, query, headers=headers)


def act(reference: str, action: str, bearer: str, **body: Any) -> HttpResponse:
    return Client().post(
        f"{CASES}/{reference}/actions/{action}",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": bearer},
    )


def sent(count: int = 1) -> list[str]:
    answers = county.INFORMATION_ANSWERS
    return [county.send(county.INFORMATION, answers, now=clock.now()) for _ in range(count)]


def test_cases_come_page_by_page_in_their_order_and_only_the_agencys() -> None:
    references, bearer = sent(5), token(Scope.READ_CASES, agency=OFFICE)
    county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=clock.now())
    seen, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        told = get(CASES, bearer, limit=2, **more).json()
        seen += [one["reference"] for one in told["items"]]
        cursor = told["next"]
        if cursor is None:
            break
        # One that comes in between is on a later page, and moves none of the others.
        if len(seen) == 2:
            references += sent()
    assert seen == references
    other = token(Scope.READ_CASES)
    assert len(get(CASES, other).json()["items"]) == 1
    borrowed = get(CASES, bearer, limit=1).json()["next"]
    assert get(CASES, other, cursor=borrowed).status_code == 400
    assert "Odhiambo" not in get(CASES, bearer).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_one_statement(rows: int) -> None:
    sent(rows)
    bearer = token(Scope.READ_CASES, agency=OFFICE)
    get(CASES, bearer)
    with Counted() as counted:
        get(CASES, bearer)
    assert len(counted.statements) == 1


def test_lists_are_narrowed() -> None:
    old, new = sent(2)
    bearer = token(Scope.READ_CASES, agency=OFFICE)
    since = (clock.now() + timedelta(seconds=1)).isoformat()
    assert get(CASES, bearer, updated_since=since).json()["items"] == []
    assert len(get(CASES, bearer, updated_since="2026-01-01T00:00:00Z").json()["items"]) == 2
    assert get(CASES, bearer, phase="closed").json()["items"] == []
    assert get(CASES, bearer, service="change-of-address").json()["items"] == []
    assert {old, new} == {one["reference"] for one in get(CASES, bearer, phase="open").json()["items"]}
    for wrong in ({"phase": "lost"}, {"updated_since": "2026-01-01T00:00:00"}, {"stage": "No!"}):
        assert get(CASES, bearer, **wrong).status_code == 422


def test_every_look_needs_a_reason_and_is_on_record_with_the_tokens_name() -> None:
    reference = sent()[0]
    bearer = token(Scope.READ_CASES, agency=OFFICE)
    refused = get(f"{CASES}/{reference}", bearer)
    assert (refused.status_code, refused.json()["code"]) == (403, "reason-needed")
    assert not AccessRow.objects.exists()
    told = get(f"{CASES}/{reference}", bearer, "Nightly comparison")
    assert told.json()["answers"]["full_name"] == "Odhiambo Okoth"
    assert told.headers["Cache-Control"] == "no-store"
    record = AccessRow.objects.get()
    assert (record.actor_name, record.reason) == ("A partner", "Nightly comparison")
    # What officers have not read yet is still new to them.
    assert Case.objects.get(reference=reference).unread


def test_an_action_is_checked_as_at_the_desk() -> None:
    reference = sent()[0]
    bearer = token(Scope.ACT_ON_CASES, agency=OFFICE)
    no_reason = act(reference, "refuse", bearer, revision=1)
    assert (no_reason.status_code, no_reason.json()["errors"][0]["part"]) == (422, "body.reasons")
    assert act(reference, "refuse", bearer, revision=1, reasons=["whim"]).status_code == 422
    assert act(reference, "no_such", bearer, revision=1).status_code == 409
    assert act(reference, "refuse", bearer, revision=99, reasons=["privacy"]).status_code == 409
    done = act(reference, "refuse", bearer, revision=1, reasons=["privacy"])
    assert done.status_code == 200, done.content
    assert done.json()["case"]["phase"] == "closed"
    event = CaseEvent.objects.get(id=done.json()["event"])
    assert (event.actor_kind, event.actor_name) == ("staff", "A partner")
    stale = act(reference, "refuse", bearer, revision=1, reasons=["privacy"])
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")


def test_nobody_reaches_another_agencys_case_or_beyond_their_scope() -> None:
    reference = sent()[0]
    for bearer, read, written in (
        (token(*Scope), 404, 404),
        (token(Scope.READ_CASES, agency=OFFICE), 200, 403),
        (token(Scope.ACT_ON_CASES, agency=OFFICE), 403, 200),
        (token(Scope.SUBMIT, agency=OFFICE), 403, 403),
        ("", 401, 401),
    ):
        assert get(f"{CASES}/{reference}", bearer or "Bearer x", "to see").status_code == read
        assert (
            act(reference, "refuse", bearer or "Bearer x", revision=1, reasons=["privacy"]).status_code
            == written
        )
    assert get(f"{CASES}/not-one", token(*Scope), "to see").status_code == 404
