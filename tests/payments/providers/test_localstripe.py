"""Our refunds against localstripe, which others wrote: PaymentIntents are paid there and given back by us."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode

import pytest
from pytest_django import Settings

from loket.payments.providers.stripe.provider import provider
from loket.payments.registry import ProviderRefused, Standing
from tests.notifications.mail_server import unused_port
from tests.payments.providers.conftest import money, refund_order

_KEY = "sk_test_local"
_CARD = {
    "type": "card",
    "card[number]": "4242424242424242",
    "card[exp_month]": "12",
    "card[exp_year]": "2040",
    "card[cvc]": "123",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = unused_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
        cwd=tmp_path_factory.mktemp("localstripe"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _answering(f"http://127.0.0.1:{port}", server)
    finally:
        server.terminate()
        server.wait(10)


def _answering(address: str, server: "subprocess.Popen[bytes]") -> str:
    for _ in range(150):
        try:
            _asked(address, "/v1/refunds")
        except URLError:
            assert server.poll() is None, "localstripe ended"
            time.sleep(0.1)
        else:
            return address
    raise AssertionError("localstripe does not answer")


def _asked(address: str, path: str, form: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(
        address + path,
        data=urlencode(form).encode() if form else None,
        headers={"Authorization": f"Bearer {_KEY}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@pytest.fixture
def transaction(address: str, settings: Settings) -> str:
    """1,050.00 shillings that were paid."""
    settings.STRIPE_ADDRESS, settings.STRIPE_SECRET_KEY = address, _KEY
    card = _asked(address, "/v1/payment_methods", _CARD)
    wanted = {"amount": "105000", "currency": "kes", "payment_method": card["id"], "confirm": "true"}
    intent = _asked(address, "/v1/payment_intents", wanted)
    assert intent["status"] == "succeeded"
    return str(intent["id"])


def refunds(address: str, transaction: str) -> list[int]:
    listed = _asked(address, f"/v1/refunds?payment_intent={transaction}")
    return [refund["amount"] for refund in listed["data"]]


def test_a_refund_is_made_once_though_nobody_keeps_idempotency_keys_there(
    address: str, transaction: str, now: datetime
) -> None:
    wanted = refund_order(transaction, money("1050.00"))
    first = provider.refund(wanted, now=now)
    assert first.standing is Standing.SUCCEEDED
    assert provider.refund(wanted, now=now) == first
    assert refunds(address, transaction) == [105_000]


def test_parts_go_back_as_so_many_refunds(address: str, transaction: str, now: datetime) -> None:
    for part in ("50.00", "0.50"):
        assert provider.refund(refund_order(transaction, money(part)), now=now).standing is Standing.SUCCEEDED
    assert sorted(refunds(address, transaction)) == [50, 5_000]


def test_a_payment_that_does_not_exist_gives_nothing_back(transaction: str, now: datetime) -> None:
    with pytest.raises(ProviderRefused):
        provider.refund(refund_order("pi_unknown", money("1.00")), now=now)
