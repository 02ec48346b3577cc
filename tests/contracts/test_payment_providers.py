"""What every payment provider must do; runs over every plug-in found, each on its own stage."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

import loket.payments.providers
from loket.kernel.money import Money
from loket.kernel.text import Message
from loket.payments import actions, hearing
from loket.payments.models import Attempt
from loket.payments.offering import offered
from loket.payments.registry import (
    Asks,
    Forged,
    Instructed,
    Notice,
    Order,
    Payee,
    Prompted,
    Provider,
    ProviderAway,
    Redirected,
    RefundOrder,
    Standing,
    Started,
    providers,
)
from loket.payments.types import PaymentState
from tests.payments import till
from tests.payments.stages import CallBack, Stage

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
KEYS = sorted(providers)
_CODE = re.compile(r"[A-Za-z0-9_]{2,60}")
_GARBAGE = (b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"a":' * 500, b"<xml/>", b"0" * 100_000)
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(params=KEYS)
def provider(request: pytest.FixtureRequest) -> Provider:
    return providers[request.param]


@pytest.fixture
def stage(provider: Provider, settings: Settings) -> Iterator[Stage]:
    settings.DEMO = True
    settings.PAYMENT_PROVIDERS = [provider.key]
    with importlib.import_module(f"tests.payments.stages.{provider.key}").stage(settings, NOW) as made:
        yield made


def order(stage: Stage) -> Order:
    return Order(
        attempt_id=uuid4(),
        amount=stage.amount,
        title="Renew your driving licence",
        reference="7K3P-2M9X",
        language="en",
        return_url="https://loket.example/en/pay/token/back/x/",
        callback_url="https://loket.example/api/v1/callbacks/x/",
        expires_at=NOW + timedelta(hours=1),
        phone=stage.phone,
        payee=Payee("transport-authority", "Transport Authority", "2 Acacia Road"),
    )


def begun(provider: Provider, stage: Stage) -> str:
    return provider.start(order(stage), now=NOW).provider_ref


def notices(provider: Provider, told: CallBack) -> list[Notice]:
    """What is told of tries; nothing where it is taken for forged."""
    try:
        found = provider.parse_callback(told.headers, told.query, told.body, now=NOW)
    except Forged:
        return []
    return [notice for notice in found if isinstance(notice, Notice)]


def refund_of(notice: Notice, stage: Stage) -> RefundOrder:
    return RefundOrder(
        refund_id=uuid4(),
        provider_ref=notice.provider_ref,
        transaction_id=notice.transaction_id,
        amount=stage.amount,
        reason="decided",
        receipt=notice.receipt,
        whole=True,
        callback_url="https://loket.example/api/v1/callbacks/x/",
    )


def paid(provider: Provider, stage: Stage) -> Notice:
    ref = begun(provider, stage)
    if not stage.pay(ref):
        pytest.skip("nobody pays there")
    return provider.check(ref, now=NOW)


def test_every_folder_is_a_provider_with_a_stage() -> None:
    folders = {path.parent.name for path in Path(loket.payments.providers.__path__[0]).glob("*/provider.py")}
    assert set(KEYS) == folders
    assert {"sandbox", "offline"} <= folders
    for key in KEYS:
        importlib.import_module(f"tests.payments.stages.{key}")


def test_it_says_what_it_is(provider: Provider, stage: Stage) -> None:
    assert providers[provider.key] is provider
    assert isinstance(provider.label, Message)
    assert provider.asks in Asks
    assert provider.configured()
    assert provider.takes(stage.amount)


def test_one_for_the_demo_stops_the_process_elsewhere(
    provider: Provider, stage: Stage, settings: Settings
) -> None:
    assert offered() == (provider,)
    settings.DEMO = False
    if provider.demo_only:
        with pytest.raises(ImproperlyConfigured):
            offered()
    else:
        assert offered() == (provider,)


def test_starting_names_the_try_and_says_where_to_pay(provider: Provider, stage: Stage) -> None:
    started = [provider.start(order(stage), now=NOW) for _ in range(2)]
    refs = {one.provider_ref for one in started}
    assert len(refs) == 2
    assert all(0 < len(ref) <= 200 for ref in refs)
    assert all(_leads_somewhere(one) for one in started)


def _leads_somewhere(started: Started) -> bool:
    match started:
        case Redirected(url=url):
            return url.startswith(("https://", "http://127.0.0.1", "http://localhost"))
        case Prompted(says=says):
            return bool(says.msgid)
        case Instructed(says=says):
            return any("7K3P-2M9X" in map(str, said.params.values()) for said in says)


def test_an_untouched_try_is_pending(provider: Provider, stage: Stage) -> None:
    ref = begun(provider, stage)
    told = provider.check(ref, now=NOW)
    assert (told.provider_ref, told.standing) == (ref, Standing.PENDING)


def test_money_that_came_has_one_name_and_an_amount(provider: Provider, stage: Stage) -> None:
    told = paid(provider, stage)
    again = provider.check(told.provider_ref, now=NOW)
    assert told.standing is Standing.SUCCEEDED
    assert told.transaction_id == again.transaction_id != ""
    assert told.amount in (None, stage.amount)
    assert hearing.makes_sense(told)


def test_two_tries_bring_two_pieces_of_money(provider: Provider, stage: Stage) -> None:
    first, second = paid(provider, stage), paid(provider, stage)
    assert first.transaction_id != second.transaction_id


def test_another_amount_is_told_as_it_is(provider: Provider, stage: Stage) -> None:
    ref, less = begun(provider, stage), Money(stage.amount.amount - 1, stage.amount.currency)
    if not stage.pay(ref, less):
        pytest.skip("nobody pays another amount there")
    assert provider.check(ref, now=NOW).amount == less


def test_a_failed_try_never_succeeds_by_itself(provider: Provider, stage: Stage) -> None:
    ref = begun(provider, stage)
    if not stage.decline(ref):
        pytest.skip("nothing fails there")
    told = provider.check(ref, now=NOW)
    assert told.standing is not Standing.SUCCEEDED
    assert told.standing is Standing.PENDING or _CODE.fullmatch(told.reason)


def test_a_call_back_tells_of_its_try(provider: Provider, stage: Stage) -> None:
    ref = begun(provider, stage)
    stage.pay(ref)
    told = stage.call_back(ref)
    if told is None:
        pytest.skip("nobody calls back")
    found = notices(provider, told)
    assert [notice.provider_ref for notice in found] == [ref]
    # It may be a hint only, to ask at once.
    assert all(notice.standing in (Standing.SUCCEEDED, Standing.PENDING) for notice in found)


def test_what_was_altered_or_made_up_brings_no_money(provider: Provider, stage: Stage) -> None:
    ref = begun(provider, stage)
    stage.pay(ref)
    told = stage.call_back(ref) or CallBack({}, {}, b"{}")
    altered = [replace(told, body=told.body.replace(b"1", b"9") + b" "), replace(told, headers={})]
    made_up = [CallBack(told.headers, told.query, body) for body in _GARBAGE]
    for each in (*altered, *made_up, *(CallBack({}, {}, body) for body in _GARBAGE)):
        if each != told:
            assert all(one.standing is not Standing.SUCCEEDED for one in notices(provider, each))


def test_a_return_without_anything_names_no_try(provider: Provider) -> None:
    assert provider.read_return({}) == ""


def test_away_it_says_so_in_a_plain_word(provider: Provider, stage: Stage) -> None:
    told = None if stage.away() is None else paid(provider, stage)
    outage = stage.away()
    if told is None or outage is None:
        pytest.skip("it is nowhere else")
    with outage:
        for call in (
            lambda: provider.start(order(stage), now=NOW),
            lambda: provider.check(told.provider_ref, now=NOW),
        ):
            with pytest.raises(ProviderAway) as raised:
                call()
            assert _CODE.fullmatch(raised.value.code)


def test_a_refund_asked_for_twice_goes_back_once(provider: Provider, stage: Stage) -> None:
    told = paid(provider, stage)
    wanted = refund_of(told, stage)
    first = provider.refund(wanted, now=NOW)
    again = provider.refund(replace(wanted, begun=first.provider_ref), now=NOW)
    assert first.by_hand == again.by_hand
    assert first.standing is not Standing.FAILED
    assert stage.given_back(told.provider_ref) == (Decimal(0) if first.by_hand else stage.amount.amount)


def test_through_the_core_it_is_paid_once_however_often_it_is_told(provider: Provider, stage: Stage) -> None:
    payment = till.asked(till.agency(), stage.amount, now=NOW)
    actions.begin(payment_id=payment, provider=provider.key, language="en", phone=stage.phone, now=NOW)
    attempt = Attempt.objects.get(payment_id=payment)
    if not stage.pay(attempt.provider_ref):
        pytest.skip("nobody pays there")
    for _ in range(2):
        told = stage.call_back(attempt.provider_ref)
        if told is not None:
            actions.take_callback(
                provider=provider.key, headers=told.headers, query=told.query, body=told.body, now=NOW
            )
        actions.check_attempt(attempt_id=attempt.id, now=NOW)
    view = till.seen(payment)
    assert (view.state, view.received, view.refunded) == (PaymentState.PAID, stage.amount, None)
    assert len(view.receipts) == 1
