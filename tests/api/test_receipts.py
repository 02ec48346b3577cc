"""The door for what providers tell of messages: genuine ones in, nothing out."""

import json

import pytest
from django.test import Client
from pytest_django import Settings

from loket.identity.types import AgencyView
from loket.kernel import clock
from loket.notifications.models import Message
from loket.notifications.types import State
from tests.notifications.conftest import agency  # noqa: F401
from tests.notifications.letters import sent

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
ADDRESS = "/api/v1/receipts/govuk_notify/"
TOKEN = "only-we-two"


@pytest.fixture
def message(agency: AgencyView, settings: Settings) -> Message:  # noqa: F811
    """One that a provider took."""
    settings.NOTIFY_CALLBACK_TOKEN = TOKEN
    row, now = sent(agency.id, clock.now()), clock.now()
    row.state, row.attempted_at, row.sent_at, row.ended_at = State.SENT, now, now, now
    row.save()
    return row


def told(reference: object, status: str = "delivered", token: str = TOKEN, address: str = ADDRESS) -> int:
    """The answer's status. Whatever it is, it says nothing more."""
    client = Client(enforce_csrf_checks=True)
    body = json.dumps({"reference": str(reference), "status": status})
    response = client.post(
        address, body, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token}"
    )
    assert response.content == b""
    assert response.headers["Cache-Control"] == "no-store"
    assert not client.cookies
    return response.status_code


def test_a_genuine_one_is_believed_and_again_changes_nothing(message: Message) -> None:
    assert told(message.id) == 200
    message.refresh_from_db()
    first = message.delivered_at
    assert first is not None
    assert told(message.id) == 200
    message.refresh_from_db()
    assert message.delivered_at == first


def test_a_bounce_is_told_too(message: Message) -> None:
    assert told(message.id, "permanent-failure") == 200
    message.refresh_from_db()
    assert (message.last_error, message.delivered_at) == ("notify_permanent_failure", None)
    assert message.bounced_at is not None


def test_forged_ones_change_nothing(message: Message) -> None:
    assert told(message.id, token="guessed") == 400
    assert told(message.id, token="") == 400
    assert told("not an id") == 400
    message.refresh_from_db()
    assert (message.delivered_at, message.bounced_at) == (None, None)


def test_unknown_and_closed_doors(message: Message) -> None:
    assert told(message.id, address="/api/v1/receipts/pigeon/") == 404
    # What came back by mail proves nothing by itself: it comes through our own pipe only.
    assert told(message.id, address="/api/v1/receipts/smtp/") == 404
    assert Client().post(ADDRESS, b"x" * (256 * 1024 + 1), content_type="text/plain").status_code == 413
    assert Client().get(ADDRESS).status_code == 405


def test_nobody_learns_which_messages_there_are(message: Message) -> None:
    assert told("00000000-0000-4000-8000-000000000000") == told(message.id) == 200
