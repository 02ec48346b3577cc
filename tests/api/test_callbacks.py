"""The door for call-backs: genuine ones in, nothing out."""

import pytest
from django.test import Client
from pytest_django import Settings

from loket.kernel import clock
from loket.payments.models import Attempt, SandboxPage
from loket.payments.providers.sandbox import bank
from loket.payments.registry import Standing
from loket.payments.types import PaymentState
from tests.payments import till

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
ADDRESS = "/api/v1/callbacks/sandbox/"


@pytest.fixture(autouse=True)
def demo(settings: Settings) -> None:
    settings.DEMO = True


def sent(client: Client, headers: dict[str, str], body: bytes, address: str = ADDRESS) -> int:
    """The answer's status. Whatever it is, it says nothing more."""
    signature = {"HTTP_SANDBOX_SIGNATURE": headers.get("sandbox-signature", "")}
    response = client.post(address, body, content_type="application/json", **signature)  # type: ignore[arg-type]
    assert response.status_code == 405 or response.content == b""
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code


def test_a_genuine_one_pays_and_again_changes_nothing() -> None:
    now = clock.now()
    payment = till.asked(till.agency(), now=now)
    page = SandboxPage.objects.get(ref=till.begun(payment, now))
    charge = {"id": "c-1", "amount": "1050.00", "currency": "KES", "at": now.isoformat()}
    page.charges = [charge]
    page.save()
    headers, body = bank.signed_call_back(page, Standing.SUCCEEDED, charge, now)
    client = Client(enforce_csrf_checks=True)
    assert sent(client, headers, body) == 200
    assert sent(client, headers, body) == 200
    assert till.seen(payment).state is PaymentState.PAID
    assert not client.cookies


def test_forged_unknown_and_endless_ones_are_turned_away() -> None:
    client = Client(enforce_csrf_checks=True)
    assert sent(client, {}, b"{}") == 400
    assert sent(client, {}, b"{}", "/api/v1/callbacks/nobody/") == 404
    assert sent(client, {}, b"x" * (256 * 1024 + 1)) == 413
    assert sent(client, {}, b"x" * (256 * 1024)) == 400
    assert client.get(ADDRESS).status_code == 405


def test_nobody_learns_which_payments_there_are() -> None:
    now = clock.now()
    stranger = SandboxPage(ref="sbx_stranger", attempt_id=Attempt().id)
    headers, body = bank.signed_call_back(stranger, Standing.FAILED, None, now)
    assert sent(Client(), headers, body) == 200


def test_outside_the_demo_the_make_believe_bank_is_unknown(settings: Settings) -> None:
    settings.DEMO = False
    assert sent(Client(), {}, b"{}") == 404
