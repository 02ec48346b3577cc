"""M-Pesa's STK push against a fake that is itself held against Safaricom's public documentation."""

import json
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest
from pytest_django import Settings

from loket.kernel.money import Money
from loket.payments.providers.mpesa import daraja
from loket.payments.providers.mpesa.provider import provider
from loket.payments.registry import (
    Forged,
    Notice,
    Order,
    Prompted,
    ProviderAway,
    ProviderRefused,
    RefundNotice,
    Standing,
)
from tests.fakes.daraja_server import CONSUMER_SECRET, CREDENTIAL, PASSKEY, FakeDaraja
from tests.fakes.serving import Weather
from tests.payments.providers.conftest import money, order, refund_order

FEE = money("1050")
RECEIPT = "QK12ABC345"


def start(wanted: Order, now: datetime) -> str:
    started = provider.start(wanted, now=now)
    assert isinstance(started, Prompted)
    return started.provider_ref


def pushed(fake: FakeDaraja) -> dict[str, object]:
    asked: dict[str, object] = json.loads(fake.log[-1].body)
    return asked


def call_back(address: str, told: object, now: datetime, **instead: str) -> tuple[Notice | RefundNotice, ...]:
    query = {**dict(parse_qsl(urlsplit(address).query)), **instead}
    return provider.parse_callback({}, query, json.dumps(told).encode(), now=now)


def forged(address: str, told: object, now: datetime, **instead: str) -> bool:
    try:
        call_back(address, told, now, **instead)
    except Forged:
        return True
    return False


def test_it_is_offered_once_all_four_settings_are_there(daraja_fake: FakeDaraja, settings: Settings) -> None:
    assert provider.configured()
    for name in ("CONSUMER_KEY", "CONSUMER_SECRET", "SHORTCODE", "PASSKEY"):
        kept = getattr(settings, f"MPESA_{name}")
        setattr(settings, f"MPESA_{name}", "")
        assert not provider.configured()
        setattr(settings, f"MPESA_{name}", kept)


@pytest.mark.parametrize("amount", ["1", "1050.00", "250000"])
def test_it_takes_whole_shillings(amount: str) -> None:
    assert provider.takes(money(amount))


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0", "KES"), ("0.50", "KES"), ("1050.01", "KES"), ("250001", "KES"), ("-5", "KES"), ("NaN", "KES"),
     ("1050", "UGX"), ("1050", "")],
)  # fmt: skip
def test_it_takes_nothing_else(daraja_fake: FakeDaraja, now: datetime, amount: str, currency: str) -> None:
    given = Money(Decimal(amount), currency)
    assert not provider.takes(given)
    with pytest.raises(ProviderRefused):
        provider.start(order(given), now=now)
    assert daraja_fake.log == [], "nothing was asked of Safaricom"


def test_starting_sends_a_request_to_the_phone(daraja_fake: FakeDaraja, now: datetime) -> None:
    wanted = order(FEE)
    started = provider.start(wanted, now=now)
    assert isinstance(started, Prompted)
    assert "PIN" in started.says.msgid
    asked = pushed(daraja_fake)
    assert asked["Amount"] == 1050
    assert asked["PhoneNumber"] == asked["PartyA"] == "254712345678"
    assert asked["AccountReference"] == "7K3P2M9X"
    assert str(asked["CallBackURL"]).startswith(wanted.callback_url + "?")
    assert "Certificate" not in daraja_fake.log[-1].body, (
        "what somebody applies for is not Safaricom's business"
    )


def test_the_request_is_signed_by_nairobis_clock(daraja_fake: FakeDaraja) -> None:
    at = datetime(2026, 11, 22, 22, 30, 5, tzinfo=UTC)
    assert daraja.signed(at)["Timestamp"] == "20261123013005"


def test_a_till_is_paid_as_one(daraja_fake: FakeDaraja, settings: Settings, now: datetime) -> None:
    settings.MPESA_TILL = "654321"
    start(order(FEE), now)
    asked = pushed(daraja_fake)
    assert (asked["TransactionType"], asked["PartyB"]) == ("CustomerBuyGoodsOnline", "654321")


@pytest.mark.parametrize(
    "phone", ["+254712345678", "254712345678", "0712345678", "0712 345 678", "+254 712-345-678", "712345678"]
)
def test_a_kenyan_mobile_number_however_written(daraja_fake: FakeDaraja, now: datetime, phone: str) -> None:
    start(order(FEE, phone=phone), now)
    assert pushed(daraja_fake)["PhoneNumber"] == "254712345678"


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "amina",
        "+254201234567",
        "+255712345678",
        "+6281234567890",
        "07123",
        "+2547123456789",
        "+254812345678",
    ],
)
def test_another_number_is_refused_before_anything_is_sent(
    daraja_fake: FakeDaraja, now: datetime, phone: str
) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.start(order(FEE, phone=phone), now=now)
    assert refused.value.code == "bad_phone"
    assert daraja_fake.log == []


def test_one_token_serves_until_it_ends(daraja_fake: FakeDaraja, now: datetime) -> None:
    ref = start(order(FEE), now)
    for _ in range(3):
        provider.check(ref, now=now)
    assert daraja_fake.tokens_given == 1
    daraja_fake.lives = 30
    daraja.tokens.forget()
    provider.check(ref, now=now)
    provider.check(ref, now=now)
    assert daraja_fake.tokens_given == 3, "one that ends within the minute is not kept"


def test_a_token_that_safaricom_dropped_is_renewed(daraja_fake: FakeDaraja, now: datetime) -> None:
    ref = start(order(FEE), now)
    daraja_fake.token = "token-2"
    assert provider.check(ref, now=now).standing is Standing.PENDING
    assert daraja_fake.tokens_given == 2


def test_another_account_gets_another_token(
    daraja_fake: FakeDaraja, settings: Settings, now: datetime
) -> None:
    ref = start(order(FEE), now)
    settings.MPESA_CONSUMER_SECRET = "another"
    with pytest.raises(ProviderAway) as away:
        provider.check(ref, now=now)
    assert away.value.code == "not_authorised"


def test_a_refused_push_is_a_refusal(daraja_fake: FakeDaraja, now: datetime) -> None:
    daraja_fake.refuses_push = "400.002.02"
    with pytest.raises(ProviderRefused) as refused:
        provider.start(order(FEE), now=now)
    assert refused.value.code == "refused"
    daraja_fake.refuses_push = "500.001.1001"
    with pytest.raises(ProviderAway) as away:
        provider.start(order(FEE), now=now)
    assert away.value.code == "not_taken"
    daraja_fake.refuses_push = "500.003.02"
    with pytest.raises(ProviderAway) as away:
        provider.start(order(FEE), now=now)
    assert away.value.code == "busy"


# How it stands


def test_check_tells_how_it_stands(daraja_fake: FakeDaraja, now: datetime) -> None:
    ref = start(order(FEE), now)
    assert provider.check(ref, now=now).standing is Standing.PENDING
    daraja_fake.confirm(ref)
    told = provider.check(ref, now=now)
    assert (told.standing, told.transaction_id, told.amount) == (Standing.SUCCEEDED, ref, None)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("1", "too_little_money"),
        ("1032", "cancelled"),
        ("1037", "no_answer"),
        ("2001", "wrong_pin"),
        ("1019", "expired"),
    ],
)
def test_a_push_that_came_to_nothing_has_failed(
    daraja_fake: FakeDaraja, now: datetime, result: str, reason: str
) -> None:
    ref = start(order(FEE), now)
    daraja_fake.refuse(ref, result)
    told = provider.check(ref, now=now)
    assert (told.standing, told.reason) == (Standing.FAILED, reason)


@pytest.mark.parametrize("result", ["4999", "17", "00", "-1"])
def test_a_result_that_nobody_documented_leaves_it_open(
    daraja_fake: FakeDaraja, now: datetime, result: str
) -> None:
    ref = start(order(FEE), now)
    daraja_fake.refuse(ref, result)
    assert provider.check(ref, now=now).standing is Standing.PENDING


def test_an_answer_about_another_push_is_no_answer(
    daraja_fake: FakeDaraja, now: datetime, settings: Settings
) -> None:
    ref, other = start(order(FEE), now), start(order(FEE), now)
    daraja_fake.confirm(other)
    daraja_fake.pushes[ref] = daraja_fake.pushes[other]
    with pytest.raises(ProviderAway) as away:
        provider.check(ref, now=now)
    assert away.value.code == "nonsense"


def test_a_push_of_nobody_is_unknown(daraja_fake: FakeDaraja, now: datetime) -> None:
    for ref in ("ws_CO_of_nobody", "", "../x"):
        with pytest.raises(ProviderRefused) as refused:
            provider.check(ref, now=now)
        assert refused.value.code == "unknown"


# Call-backs


def test_a_call_back_says_that_it_is_time_to_ask(daraja_fake: FakeDaraja, now: datetime) -> None:
    wanted = order(FEE)
    ref = start(wanted, now)
    daraja_fake.confirm(ref)
    push = daraja_fake.pushes[ref]
    (told,) = call_back(push.callback, daraja_fake.told(ref), now)
    assert told == Notice(ref, Standing.PENDING, receipt=push.receipt, attempt_id=wanted.attempt_id)


def test_money_in_a_call_back_is_never_believed(daraja_fake: FakeDaraja, now: datetime) -> None:
    """Whoever learns the address may say what they like: the query decides."""
    ref = start(order(FEE), now)
    address = daraja_fake.pushes[ref].callback
    daraja_fake.refuse(ref, "0")
    lie = daraja_fake.told(ref)
    lie["Body"]["stkCallback"]["CallbackMetadata"]["Item"][0]["Value"] = 999_999
    daraja_fake.refuse(ref, "1032")
    (told,) = call_back(address, lie, now)
    assert isinstance(told, Notice)
    assert (told.standing, told.amount, told.transaction_id) == (Standing.PENDING, None, "")
    assert provider.check(told.provider_ref, now=now).standing is Standing.FAILED


def test_a_call_back_proves_whose_it_is_when_the_answer_to_start_was_lost(
    daraja_fake: FakeDaraja, now: datetime
) -> None:
    wanted = order(FEE)
    daraja.tokens.current(daraja.Conversation())
    daraja_fake.storm(Weather.HANGS_UP, after=True)
    with pytest.raises(ProviderAway):
        provider.start(wanted, now=now)
    daraja_fake.storm(Weather.FAIR)
    (ref,) = daraja_fake.pushes
    daraja_fake.confirm(ref)
    (told,) = call_back(daraja_fake.pushes[ref].callback, daraja_fake.told(ref), now)
    assert isinstance(told, Notice)
    assert (told.attempt_id, told.provider_ref) == (wanted.attempt_id, ref)
    assert provider.check(ref, now=now).standing is Standing.SUCCEEDED


def test_only_addresses_that_we_gave_are_listened_to(daraja_fake: FakeDaraja, now: datetime) -> None:
    ref, other = start(order(FEE), now), start(order(FEE), now)
    daraja_fake.confirm(ref)
    address, told = daraja_fake.pushes[ref].callback, daraja_fake.told(ref)
    query = dict(parse_qsl(urlsplit(address).query))
    key = query["key"]
    assert not forged(address, told, now)
    assert forged("https://loket.example/", told, now)
    for instead in (
        {"key": ""}, {"key": key[:-1]}, {"key": key[:-1] + ("0" if key[-1] != "0" else "1")},
        {"key": "é" * 64},
        {"key": dict(parse_qsl(urlsplit(daraja_fake.pushes[other].callback).query))["key"]},
        {"try": str(uuid4())}, {"try": "x"}, {"try": ""},
    ):  # fmt: skip
        assert forged(address, told, now, **instead), instead
    refunds = {"refund": query["try"], "key": key}
    assert forged("https://loket.example/", told, now, **refunds), "a key for a try is none for a refund"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"Body": []}', b'{"Body": {"stkCallback": {"ResultCode": 0}}}',
     b"\xff\xfe",
     b'{"Body": {"stkCallback": {"CheckoutRequestID": "../x", "ResultCode": 0}}}', b"[" * 100_000,
     b'{"Body": {"stkCallback": {"CheckoutRequestID": "ws_CO_1234", "ResultCode": "zero"}}}'],
)  # fmt: skip
def test_a_body_without_sense_is_refused(daraja_fake: FakeDaraja, now: datetime, body: bytes) -> None:
    ref = start(order(FEE), now)
    query = dict(parse_qsl(urlsplit(daraja_fake.pushes[ref].callback).query))
    with pytest.raises(Forged):
        provider.parse_callback({}, query, body, now=now)


@pytest.mark.parametrize(
    "metadata",
    [None, [], {"Item": None}, {"Item": [None, 5]}, {"Item": [{"Name": "MpesaReceiptNumber"}]},
     {"Item": [{"Name": "MpesaReceiptNumber", "Value": "'; DROP"}]}],
)  # fmt: skip
def test_a_receipt_number_that_is_none_is_left_out(
    daraja_fake: FakeDaraja, now: datetime, metadata: object
) -> None:
    ref = start(order(FEE), now)
    daraja_fake.confirm(ref)
    told = daraja_fake.told(ref)
    told["Body"]["stkCallback"]["CallbackMetadata"] = metadata
    (notice,) = call_back(daraja_fake.pushes[ref].callback, told, now)
    assert isinstance(notice, Notice)
    assert (notice.standing, notice.receipt) == (Standing.PENDING, "")


# Refunds


def test_a_whole_transaction_is_reversed_and_told_of_later(daraja_fake: FakeDaraja, now: datetime) -> None:
    wanted = refund_order("ws_CO_1", FEE, receipt=RECEIPT)
    asked = provider.refund(wanted, now=now)
    assert (asked.standing, asked.by_hand) == (Standing.PENDING, False)
    assert (daraja_fake.reversals[0]["TransactionID"], daraja_fake.reversals[0]["Amount"]) == (RECEIPT, 1050)
    again = provider.refund(replace(wanted, begun=asked.provider_ref), now=now)
    assert again == asked
    assert len(daraja_fake.reversals) == 1, "asking again reverses nothing again"
    address = daraja_fake.reversals[0]["ResultURL"]
    (told,) = call_back(address, daraja_fake.told_of_reversal(0), now)
    assert told == RefundNotice(wanted.refund_id, Standing.SUCCEEDED, provider_ref=asked.provider_ref)
    for result in (1, 2001, "R000002", "21"):
        (told,) = call_back(address, daraja_fake.told_of_reversal(0, result), now)
        assert isinstance(told, RefundNotice)
        assert told.standing is Standing.FAILED
    assert forged(address, daraja_fake.told_of_reversal(0), now, refund=str(uuid4()))
    assert forged(address, {"Result": {}}, now)


def test_the_office_gives_back_what_m_pesa_cannot(
    daraja_fake: FakeDaraja, settings: Settings, now: datetime
) -> None:
    for wanted in (
        refund_order("ws_CO_1", FEE),
        refund_order("ws_CO_1", FEE, receipt="nonsense!"),
        refund_order("ws_CO_1", FEE, receipt=RECEIPT, whole=False),
        refund_order("ws_CO_1", money("10.50"), receipt=RECEIPT),
        replace(refund_order("ws_CO_1", FEE, receipt=RECEIPT), callback_url=""),
    ):
        assert provider.refund(wanted, now=now).by_hand
    settings.MPESA_INITIATOR = ""
    assert provider.refund(refund_order("ws_CO_1", FEE, receipt=RECEIPT), now=now).by_hand
    assert daraja_fake.reversals == []


def test_a_refused_reversal_is_a_refusal(daraja_fake: FakeDaraja, settings: Settings, now: datetime) -> None:
    settings.MPESA_SECURITY_CREDENTIAL = "wrong"
    with pytest.raises(ProviderRefused):
        provider.refund(refund_order("ws_CO_1", FEE, receipt=RECEIPT), now=now)


# Weather

_EXPECTED = {
    Weather.HANGS_UP: "unreachable",
    Weather.SILENT: "timeout",
    Weather.TRICKLES: "timeout",
    Weather.HEAD_TRICKLES: "timeout",
    Weather.ERROR_PAGE: "nonsense",
    Weather.ERROR: "faulty",
    Weather.BROKEN: "nonsense",
    Weather.LIST: "nonsense",
    Weather.NEST: "nonsense",
    Weather.HUGE: "too_much",
    Weather.BUSY: "busy",
}


@pytest.mark.parametrize("fetched", [True, False], ids=["with a token", "without"])
@pytest.mark.parametrize("weather", list(_EXPECTED))
def test_in_bad_weather_nothing_is_known(
    daraja_fake: FakeDaraja, now: datetime, settings: Settings, weather: Weather, fetched: bool
) -> None:
    ref = start(order(FEE), now)
    settings.PAYMENT_CALL_SECONDS = 0.5 if _EXPECTED[weather] == "timeout" else 5
    daraja_fake.storm(weather)
    for call in (
        lambda: provider.start(order(FEE), now=now),
        lambda: provider.check(ref, now=now),
        lambda: provider.refund(refund_order(ref, FEE, receipt=RECEIPT), now=now),
    ):
        if not fetched:
            daraja.tokens.forget()
        began = time.monotonic()
        with pytest.raises(ProviderAway) as away:
            call()
        assert away.value.code == _EXPECTED[weather]
        assert time.monotonic() - began < 4
    daraja_fake.storm(Weather.FAIR)
    assert provider.check(ref, now=now + timedelta(seconds=1)).standing is Standing.PENDING


@pytest.mark.parametrize(
    "token",
    [
        {},
        {"access_token": ""},
        {"access_token": "a\r\nX: y", "expires_in": "9"},
        {"access_token": "a", "expires_in": "soon"},
    ],
)
def test_a_token_without_sense_is_none(daraja_fake: FakeDaraja, now: datetime, token: dict[str, str]) -> None:
    daraja_fake.token, daraja_fake.lives = token.get("access_token", ""), token.get("expires_in", "")  # type: ignore[assignment]
    with pytest.raises(ProviderAway) as away:
        provider.check("ws_CO_1234", now=now)
    assert away.value.code == "nonsense"


def test_secrets_go_nowhere_in_the_clear(
    daraja_fake: FakeDaraja, settings: Settings, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ref = start(order(FEE), now)
    daraja_fake.confirm(ref)
    provider.check(ref, now=now)
    provider.refund(refund_order(ref, FEE, receipt=RECEIPT), now=now)
    assert len(caplog.records) > 2, "the HTTP library does log"
    for secret in (PASSKEY, CONSUMER_SECRET, CREDENTIAL, daraja_fake.token, "712345678"):
        assert secret not in caplog.text
    settings.MPESA_ADDRESS = "http://api.safaricom.example"
    with pytest.raises(ProviderAway) as away:
        provider.check(ref, now=now)
    assert away.value.code == "insecure_address"
