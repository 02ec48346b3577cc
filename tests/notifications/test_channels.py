"""The channels that speak to gateways, against real HTTP servers."""

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pytest_django import Settings

from loket.notifications.channels.apprise.channel import channel as apprise
from loket.notifications.channels.govuk_notify.channel import channel as notify
from loket.notifications.registry import Attempt, Channel, Fate, Forged, Permanent, Receipt, Sender, Temporary
from loket.notifications.types import RenderedText
from tests.fakes.gateway import Gateway, Notify, gateway

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NUMBER, MESSAGE = "+254712345123", UUID(int=7)


@pytest.fixture
def far() -> Iterator[Gateway]:
    with gateway() as running:
        yield running


@pytest.fixture
def fake_notify(far: Gateway, settings: Settings) -> Notify:
    fake = Notify()
    far.answer = fake
    settings.NOTIFY_KEY = "loket-" + "-".join(["26785a09-ab16-4eb0-8407-a37497a57506"] * 2)
    settings.NOTIFY_ADDRESS = f"http://127.0.0.1:{far.port}"
    settings.NOTIFY_EMAIL_TEMPLATE, settings.NOTIFY_SMS_TEMPLATE = fake.templates.values()
    settings.NOTIFY_CALLBACK_TOKEN = "only-we-two"
    return fake


def give(channel: Channel, address: str, number: int = 1, unsubscribe: str = "") -> Receipt:
    return channel.deliver(
        address=address,
        text=RenderedText("Habari\r\nBcc: x", "Ombi lako limekubaliwa — asante.\n", "sw"),
        sender=Sender("Kantor"),
        attempt=Attempt(MESSAGE, number, unsubscribe),
    )


def test_apprise_gives_the_number_and_the_words_to_the_gateway(far: Gateway, settings: Settings) -> None:
    settings.APPRISE_SMS = f"json://127.0.0.1:{far.port}/send/?:to={{to}}"
    give(apprise, NUMBER)
    (request,) = far.requests
    assert isinstance(request.body, dict)
    assert (request.body["to"], request.body["message"]) == (NUMBER, "Ombi lako limekubaliwa — asante.")
    assert request.path.rstrip("/") == "/send"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, Permanent, "gateway_400"),
        (401, Temporary, "gateway_401"),
        (404, Temporary, "gateway_404"),
        (429, Temporary, "gateway_429"),
        (500, Temporary, "gateway_500"),
    ],
)
def test_apprise_tells_what_may_pass(
    far: Gateway, settings: Settings, caplog: pytest.LogCaptureFixture, status: int, kind: type, code: str
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.APPRISE_SMS = f"json://127.0.0.1:{far.port}/send/?:to={{to}}"
    far.answer = lambda request: (status, {"error": f"no {NUMBER}"})
    with pytest.raises(kind) as told:
        give(apprise, NUMBER)
    assert told.value.code == code
    assert NUMBER[1:] not in caplog.text


def test_a_gateway_that_is_away_or_hangs_up_may_come_back(far: Gateway, settings: Settings) -> None:
    settings.APPRISE_SMS = f"json://127.0.0.1:{far.port}/send/?:to={{to}}"
    far.answer = lambda request: None
    with pytest.raises(Temporary, match="gateway_unreachable"):
        give(apprise, NUMBER)


def test_no_address_can_change_the_gateway(far: Gateway, settings: Settings) -> None:
    settings.APPRISE_SMS = f"json://127.0.0.1:{far.port}/send/?:to={{to}}"
    for address in ("+254712345123/../other", "+254712345123?:x=1", "@evil.example", ""):
        with suppress(Permanent):
            give(apprise, address)
    assert {request.path.rstrip("/") for request in far.requests} <= {"/send"}


def test_apprise_needs_its_setting(settings: Settings) -> None:
    settings.APPRISE_SMS = "json://127.0.0.1/send"
    assert "LOKET_APPRISE_SMS" in apprise.missing()


def test_notify_gets_the_words_the_reference_and_the_way_out(fake_notify: Notify) -> None:
    receipt = give(notify, "amina@home.example", unsubscribe="https://counter.example/stop/")
    (taken,) = fake_notify.taken
    assert taken["sent"] == {
        "email_address": "amina@home.example",
        "template_id": fake_notify.templates["email"],
        "personalisation": {"subject": "Habari Bcc: x", "body": "Ombi lako limekubaliwa — asante.\n"},
        "reference": str(MESSAGE),
        "one_click_unsubscribe_url": "https://counter.example/stop/",
    }
    assert receipt.provider_id == taken["id"]
    give(notify, NUMBER)
    assert fake_notify.taken[1]["type"] == "sms"


def test_notify_is_asked_first_whether_it_took_an_earlier_try(fake_notify: Notify) -> None:
    """A worker that was killed between handing over and writing it down tells nobody twice."""
    assert give(notify, NUMBER) == give(notify, NUMBER, number=2)
    assert len(fake_notify.taken) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Permanent), (403, Temporary), (429, Temporary), (500, Temporary), (503, Temporary)],
)
def test_notify_tells_what_may_pass(fake_notify: Notify, status: int, kind: type) -> None:
    fake_notify.refuse = (status, "SomeError", f"about {NUMBER}")
    with pytest.raises(kind) as told:
        give(notify, NUMBER)
    assert told.value.code == f"notify_{status}"


def _told(status: str, token: str = "only-we-two", **changes: object) -> list[tuple[UUID, Fate, str, bool]]:
    body = {"id": "x", "reference": str(MESSAGE), "status": status, "to": NUMBER, **changes}
    reports = notify.parse_receipt(
        headers={"authorization": f"Bearer {token}"}, body=json.dumps(body).encode(), now=NOW
    )
    return [(report.message_id, report.fate, report.code, report.for_good) for report in reports]


def test_notify_calls_back(settings: Settings) -> None:
    settings.NOTIFY_CALLBACK_TOKEN = "only-we-two"
    assert _told("delivered") == [(MESSAGE, Fate.DELIVERED, "", False)]
    assert _told("permanent-failure") == [(MESSAGE, Fate.BOUNCED, "notify_permanent_failure", True)]
    assert _told("temporary-failure")[0][3] is False
    assert _told("sending") == _told("delivered", reference=None) == []
    with pytest.raises(Forged):
        _told("delivered", token="guessed")
    settings.NOTIFY_CALLBACK_TOKEN = ""
    with pytest.raises(Forged):
        _told("delivered", token="")
    settings.NOTIFY_CALLBACK_TOKEN = "only-we-two"
    with pytest.raises(ValueError, match="UUID"):
        _told("delivered", reference="not ours")
