"""Programs look after the systems that are told: what did not arrive, and once more."""

from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from loket.identity import queries as identity
from loket.identity.types import Scope
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.webhooks import actions, queries
from tests.api.scene import OFFICE, parked, token

pytestmark = [pytest.mark.django_db(databases=["default", "keys"]), pytest.mark.usefixtures("at_the_county")]
WEBHOOKS = "/api/v1/webhooks"


@pytest.fixture
def bearer(at_the_county: None) -> str:
    return token(Scope.WEBHOOKS, agency=OFFICE)


def get(address: str, bearer: str, **query: Any) -> HttpResponse:
    return Client().get(WEBHOOKS + address, query, headers={"Authorization": bearer})


def post(address: str, bearer: str) -> HttpResponse:
    return Client().post(WEBHOOKS + address, headers={"Authorization": bearer})


def office() -> int:
    found = identity.agency(OFFICE)
    assert found is not None
    return found.id


def waiting(endpoint: UUID) -> tuple[int, int]:
    known = queries.endpoint(agency_id=office(), endpoint_id=endpoint)
    return known.waiting, known.parked


def more_parked(endpoint: UUID, count: int) -> None:
    given = {"agency_id": office(), "endpoint_id": endpoint, "by": SYSTEM, "now": clock.now()}
    for _ in range(count):
        actions.send_test(**given)
    actions.switch_off(**given)
    actions.switch_on(**given)


def test_what_did_not_arrive_is_shown_and_sent_again(bearer: str) -> None:
    endpoint, delivery = parked()
    (shown,) = get("", bearer).json()["items"]
    assert (shown["id"], shown["parked"], shown["off"]) == (str(endpoint), 1, None)
    (one,) = get(f"/{endpoint}/parked", bearer).json()["items"]
    assert (one["id"], one["type"], one["trouble"]) == (str(delivery), "webhook.test", "endpoint_off")
    assert post(f"/deliveries/{delivery}/again", bearer).json() == {"sent_again": 1}
    assert waiting(endpoint) == (1, 0)
    assert post(f"/deliveries/{delivery}/again", bearer).status_code == 404


def test_pages_of_what_did_not_arrive_hold_each_once(bearer: str) -> None:
    endpoint, _delivery = parked()
    more_parked(endpoint, 4)
    seen, cursor = list[str](), None
    while len(seen) < 9:
        page = get(f"/{endpoint}/parked", bearer, limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [one["id"] for one in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert len(seen) == len(set(seen)) == 5
    other, _delivery = parked()
    first = get(f"/{endpoint}/parked", bearer, limit=2).json()["next"]
    assert get(f"/{other}/parked", bearer, cursor=first).json()["code"] == "malformed"
    assert post(f"/{endpoint}/again", bearer).json() == {"sent_again": 5}
    assert waiting(endpoint) == (5, 0)


def test_what_is_switched_off_is_switched_on_first(bearer: str) -> None:
    endpoint, delivery = parked()
    actions.switch_off(agency_id=office(), endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    for address in (f"/{endpoint}/again", f"/deliveries/{delivery}/again"):
        refused = post(address, bearer)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert refused.json()["detail"] == "It is switched off. Switch it on first."
    assert post(f"/{endpoint}/on", bearer).json()["off"] is None
    assert post(f"/{endpoint}/again", bearer).status_code == 200


def test_another_agencys_program_finds_nothing_and_other_scopes_may_not(bearer: str) -> None:
    endpoint, delivery = parked()
    stranger, reader = token(Scope.WEBHOOKS), token(Scope.READ_CASES, agency=OFFICE)
    assert get("", stranger).json() == {"items": []}
    assert get(f"/{endpoint}/parked", stranger).status_code == 404
    for address in (f"/{endpoint}/on", f"/{endpoint}/again", f"/deliveries/{delivery}/again"):
        assert post(address, stranger).status_code == 404
        assert post(address, reader).status_code == 403
    assert waiting(endpoint) == (0, 1)
