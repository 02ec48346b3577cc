"""Tries: begun, left, resumed, asked for, expired; and providers that are away, refuse or lie."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from pytest_django import Settings

from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.kernel.text import Message
from loket.payments import actions, queries, sweeping
from loket.payments.actions import NoSuchProvider, NotOwed, PhoneNeeded, ProviderUnavailable, TooOften
from loket.payments.actions.trying import next_check
from loket.payments.models import Attempt, MoneyIn, ParkedNotice, SandboxPage
from loket.payments.providers.sandbox import bank
from loket.payments.providers.sandbox.bank import Doing
from loket.payments.registry import (
    Asks,
    Forged,
    Instructed,
    Notice,
    Order,
    Prompted,
    ProviderAway,
    ProviderRefused,
    Redirected,
    Refunding,
    RefundNotice,
    RefundOrder,
    Standing,
    Started,
    providers,
)
from loket.payments.types import AttemptState, CloseReason, PaymentState, RefundReason
from tests.payments import till
from tests.payments.till import NOW, OWED, begun, kes, paid, seen

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


class Moody:
    """A provider on the phone that says whatever a test wants."""

    key = "moody"
    label = Message("Moody")
    asks = Asks.PHONE
    demo_only = True

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.says = Notice("moody-1", Standing.PENDING)
        self.ref = "moody-1"
        self.orders: list[Order] = []

    def configured(self) -> bool:
        return True

    def takes(self, amount: Money) -> bool:
        return amount.currency == "KES"

    def start(self, order: Order, *, now: datetime) -> Started:
        self.orders.append(order)
        if self.trouble:
            raise self.trouble
        return Prompted(self.ref, Message("Look at your phone."))

    def read_return(self, query: Mapping[str, str]) -> str:
        return query.get("ref", "")

    def parse_callback(
        self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, *, now: datetime
    ) -> tuple[Notice | RefundNotice, ...]:
        return (self.says,)

    def check(self, provider_ref: str, *, now: datetime) -> Notice:
        if self.trouble:
            raise self.trouble
        return self.says

    def refund(self, order: RefundOrder, *, now: datetime) -> Refunding:
        if self.trouble:
            raise self.trouble
        return Refunding(Standing.PENDING, "going")


@pytest.fixture
def moody(settings: Settings) -> Iterator[Moody]:
    """One more plug-in, as if its folder were there."""
    found, made = providers.all(), Moody()
    providers._found = {**found, "moody": made}
    settings.PAYMENT_PROVIDERS = ["moody", "sandbox", "offline"]
    yield made
    providers._found = dict(found)


def try_moody(payment: UUID, now: datetime = NOW, phone: str = "+254712345678") -> Started:
    return actions.begin(payment_id=payment, provider="moody", language="en", phone=phone, now=now)


def said(standing: Standing, amount: Money | None = OWED, transaction: str = "m-1") -> Notice:
    return Notice("moody-1", standing, transaction, amount)


def hear(notice: Notice, moody: Moody) -> int:
    moody.says = notice
    return actions.take_callback(provider="moody", headers={}, query={}, body=b"", now=NOW)


def test_a_page_that_was_left_is_opened_again(agency: AgencyView) -> None:
    payment = till.asked(agency)
    first = begun(payment)
    bank.press(ref=first, doing=Doing.ABANDON, now=NOW)
    assert begun(payment, NOW + timedelta(minutes=14)) == first
    assert begun(payment, NOW + timedelta(minutes=16)) != first
    assert Attempt.objects.count() == 2


def test_a_failed_try_can_be_followed_by_another(agency: AgencyView) -> None:
    payment = till.asked(agency)
    paid(payment, Doing.DECLINE)
    assert [one.state for one in seen(payment).attempts] == [AttemptState.FAILED]
    paid(payment)
    assert seen(payment).state is PaymentState.PAID


def test_what_is_paid_closed_or_over_is_not_begun(agency: AgencyView) -> None:
    done, closed = till.asked(agency), till.asked(agency)
    over = till.asked(agency, expires_at=NOW)
    paid(done)
    actions.close(payment_id=closed, reason=CloseReason.CANCELLED, by=SYSTEM, now=NOW)
    for payment in (done, closed, over):
        with pytest.raises(NotOwed):
            begun(payment)


def test_one_phone_is_asked_only_so_often_for_however_many_payments(agency: AgencyView, moody: Moody) -> None:
    for at in range(12):
        moody.ref = f"moody-{at}"
        try_moody(till.asked(agency))
    with pytest.raises(TooOften):
        try_moody(till.asked(agency))
    assert len(moody.orders) == 12
    moody.ref = "moody-other"
    try_moody(till.asked(agency), phone="+254712345679")


def test_it_can_be_begun_only_so_often(agency: AgencyView) -> None:
    payment = till.asked(agency)
    for _ in range(12):
        begun(payment)
    with pytest.raises(TooOften):
        begun(payment)
    begun(payment, NOW + timedelta(minutes=6))


def test_only_ways_that_are_offered_and_take_the_amount(agency: AgencyView, moody: Moody) -> None:
    assert [way.key for way in queries.ways_to_pay(OWED)] == ["moody", "sandbox", "offline"]
    assert [way.key for way in queries.ways_to_pay(Money(Decimal(5), "USD"))] == ["sandbox", "offline"]
    dollars = till.asked(agency, Money(Decimal(5), "USD"))
    for payment, provider in ((dollars, "moody"), (till.asked(agency), "nobody")):
        with pytest.raises(NoSuchProvider):
            actions.begin(payment_id=payment, provider=provider, language="en", now=NOW)


def test_a_telephone_number_comes_with_its_country(agency: AgencyView, moody: Moody) -> None:
    payment = till.asked(agency)
    for phone in ("", "0712345678", "+0712", "+25471234567x"):
        with pytest.raises(PhoneNeeded):
            try_moody(payment, phone=phone)
    assert isinstance(try_moody(payment), Prompted)
    assert "712345678" not in str(Attempt.objects.values())


def test_a_phone_is_not_rung_twice_at_once(agency: AgencyView, moody: Moody) -> None:
    payment = till.asked(agency)
    try_moody(payment)
    with pytest.raises(TooOften):
        try_moody(payment, NOW + timedelta(seconds=5))
    moody.ref = "moody-2"
    try_moody(payment, NOW + timedelta(seconds=11))
    assert len({order.attempt_id for order in moody.orders}) == 2


@pytest.mark.parametrize("trouble", [ProviderAway("timeout"), RuntimeError("jane@example.org")])
def test_whoever_could_not_be_reached_may_have_begun(
    agency: AgencyView, moody: Moody, trouble: Exception
) -> None:
    """The answer got lost, the phone rang: the call-back proves for which try it is."""
    payment = till.asked(agency)
    moody.trouble = trouble
    with pytest.raises(ProviderUnavailable) as refused:
        try_moody(payment)
    assert "jane" not in str(refused.value.details)
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.provider_ref) == (AttemptState.STARTED, "")
    moody.says = Notice("moody-9", Standing.SUCCEEDED, "m-9", OWED, attempt_id=attempt.id)
    assert actions.take_callback(provider="moody", headers={}, query={}, body=b"", now=NOW) == 1
    assert seen(payment).state is PaymentState.PAID
    assert Attempt.objects.get().provider_ref == "moody-9"


def test_whoever_refuses_to_begin_has_failed(agency: AgencyView, moody: Moody) -> None:
    payment = till.asked(agency)
    moody.trouble = ProviderRefused("bad_phone")
    with pytest.raises(ProviderUnavailable):
        try_moody(payment)
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.reason) == (AttemptState.FAILED, "bad_phone")


def test_a_name_that_another_try_has_is_no_name(agency: AgencyView, moody: Moody) -> None:
    first, second = till.asked(agency), till.asked(agency)
    try_moody(first)
    with pytest.raises(ProviderUnavailable):
        try_moody(second)
    hear(said(Standing.SUCCEEDED), moody)
    assert (seen(first).state, seen(second).state) == (PaymentState.PAID, PaymentState.DUE)


def test_what_is_told_before_the_name_is_known_is_not_lost(agency: AgencyView, moody: Moody) -> None:
    payment = till.asked(agency)
    assert hear(said(Standing.SUCCEEDED), moody) == 0
    assert hear(said(Standing.SUCCEEDED), moody) == 0
    (parked,) = queries.parked()
    assert (parked.provider_ref, parked.amount, parked.times) == ("moody-1", OWED, 2)
    try_moody(payment)
    assert seen(payment).state is PaymentState.PAID
    assert queries.parked() == ()


def test_a_hint_only_makes_us_ask(agency: AgencyView, moody: Moody) -> None:
    payment = till.asked(agency)
    try_moody(payment)
    hear(Notice("moody-1", Standing.PENDING, receipt="QK12ABC345"), moody)
    assert seen(payment).state is PaymentState.DUE
    assert Attempt.objects.get().receipt == "QK12ABC345"
    # No amount: it takes only what was asked.
    moody.says = said(Standing.SUCCEEDED, None)
    actions.check_attempt(attempt_id=Attempt.objects.get().id, now=NOW)
    assert seen(payment).received == OWED


@pytest.mark.parametrize(
    "nonsense",
    [
        said(Standing.SUCCEEDED, kes("0.00")),
        said(Standing.SUCCEEDED, kes("-5.00")),
        said(Standing.SUCCEEDED, kes("0.001")),
        said(Standing.SUCCEEDED, Money(Decimal("NaN"), "KES")),
        said(Standing.SUCCEEDED, Money(Decimal("1e30"), "KES")),
        said(Standing.SUCCEEDED, Money(Decimal(5), "shillings")),
        said(Standing.SUCCEEDED, OWED, ""),
        said(Standing.SUCCEEDED, OWED, "x" * 201),
    ],
)
def test_a_success_without_its_money_is_none(agency: AgencyView, moody: Moody, nonsense: Notice) -> None:
    payment = till.asked(agency)
    try_moody(payment)
    hear(nonsense, moody)
    actions.check_attempt(attempt_id=Attempt.objects.get().id, now=NOW)
    assert seen(payment).state is PaymentState.DUE
    assert Attempt.objects.get().state == AttemptState.STARTED
    assert not MoneyIn.objects.exists()
    assert ParkedNotice.objects.count() == 1


def test_the_first_word_about_money_counts(agency: AgencyView, moody: Moody) -> None:
    payment = till.asked(agency)
    try_moody(payment)
    assert hear(said(Standing.SUCCEEDED, kes("50.00")), moody) == 1
    assert hear(said(Standing.SUCCEEDED, OWED), moody) == 0
    assert seen(payment).received == kes("50.00")
    assert seen(payment).state is PaymentState.PARTLY


def test_another_currency_is_never_receipted(agency: AgencyView, moody: Moody) -> None:
    payment = till.asked(agency)
    try_moody(payment)
    hear(said(Standing.SUCCEEDED, Money(Decimal("1050.00"), "USD")), moody)
    view = seen(payment)
    assert (view.state, view.received, view.receipts) == (PaymentState.DUE, kes("0.00"), ())
    (refund,) = view.refunds
    assert (refund.amount.currency, refund.reason) == ("USD", RefundReason.OTHER_CURRENCY)


def test_failed_after_success_changes_nothing_and_success_after_failed_pays(
    agency: AgencyView, moody: Moody
) -> None:
    payment = till.asked(agency)
    try_moody(payment)
    assert hear(said(Standing.FAILED), moody) == 1
    assert hear(said(Standing.SUCCEEDED), moody) == 1
    assert hear(said(Standing.FAILED), moody) == 0
    view = seen(payment)
    assert (view.state, view.attempts[0].state) == (PaymentState.PAID, AttemptState.SUCCEEDED)


def test_a_return_that_claims_success_is_asked_about(agency: AgencyView) -> None:
    payment = till.asked(agency)
    ref = begun(payment)
    query = {"sandbox_payment": ref, "status": "succeeded", "amount": "1050.00"}
    assert actions.come_back(provider="sandbox", query=query, now=NOW) == payment
    assert seen(payment).state is PaymentState.DUE
    bank.press(ref=ref, doing=Doing.LATE, now=NOW)
    assert actions.come_back(provider="sandbox", query=query, now=NOW) == payment
    assert seen(payment).state is PaymentState.PAID
    assert bank.tell(ref=ref, now=NOW) == 1
    assert seen(payment).received == OWED
    assert actions.come_back(provider="sandbox", query={"sandbox_payment": "sbx_x"}, now=NOW) is None


def test_open_tries_are_asked_for_ever_more_rarely_for_a_day() -> None:
    at, moments = NOW, []
    while at < NOW + timedelta(hours=24):
        at = next_check(NOW, at)
        moments.append((at - NOW) / timedelta(minutes=1))
    assert moments[:6] == [1, 5, 15, 60, 120, 180]
    assert moments[-1] == 24 * 60
    assert len(moments) == 27


def test_a_try_nobody_finished_expires_and_money_that_still_comes_is_taken(agency: AgencyView) -> None:
    payment = till.asked(agency)
    ref = begun(payment)
    attempt = Attempt.objects.get()
    assert sweeping.sweep(now=NOW) == 0
    assert sweeping.sweep(now=NOW + timedelta(minutes=1)) == 1
    assert sweeping.sweep(now=NOW + timedelta(minutes=2)) == 0, "its job is at work"
    assert sweeping.sweep(now=NOW + timedelta(minutes=12)) == 1, "its job was lost"
    assert actions.check_attempt(attempt_id=attempt.id, now=NOW + timedelta(hours=23)) is AttemptState.STARTED
    late = NOW + timedelta(hours=24)
    assert actions.check_attempt(attempt_id=attempt.id, now=late) is AttemptState.EXPIRED
    assert sweeping.sweep(now=late + timedelta(days=1)) == 0
    bank.press(ref=ref, doing=Doing.APPROVE, now=late)
    assert seen(payment).state is PaymentState.PAID


def test_a_provider_that_is_away_is_asked_again(agency: AgencyView, moody: Moody) -> None:
    payment = till.asked(agency)
    try_moody(payment)
    for trouble in (ProviderAway("timeout"), ProviderRefused("unknown"), ValueError("words")):
        moody.trouble = trouble
        state = actions.check_attempt(attempt_id=Attempt.objects.get().id, now=NOW + timedelta(minutes=5))
        assert state is AttemptState.STARTED
    attempt = Attempt.objects.get()
    assert attempt.check_at == NOW + timedelta(minutes=15)


def test_forged_call_backs_change_nothing(agency: AgencyView) -> None:
    payment = till.asked(agency)
    page = SandboxPage.objects.get(ref=begun(payment))
    charge = {"id": "c", "amount": "1050.00", "currency": "KES", "at": NOW.isoformat()}
    headers, body = bank.signed_call_back(page, Standing.SUCCEEDED, charge, NOW)
    old = NOW + timedelta(minutes=6)
    for sent, what, now in ((headers, body + b" ", NOW), ({}, body, NOW), (headers, body, old)):
        with pytest.raises(Forged):
            actions.take_callback(provider="sandbox", headers=sent, query={}, body=what, now=now)
    assert seen(payment).state is PaymentState.DUE


def test_outside_the_demo_the_sandbox_is_nobody(agency: AgencyView, settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(NoSuchProvider):
        actions.take_callback(provider="sandbox", headers={}, query={}, body=b"", now=NOW)


def test_a_payment_s_token_opens_it_and_nothing_else_does(agency: AgencyView) -> None:
    one, other = till.asked(agency), till.asked(agency)
    token = queries.token_of(one)
    assert queries.by_token(token) == seen(one)
    forged = queries.token_of(other)[:22] + token[22:]
    spare = token[:-1] + chr(ord(token[-1]) + 1)
    for wrong in ("", "x", token[:-1], token + "A", token.swapcase(), forged, spare, "é" * 43, "=" * 43):
        assert queries.by_token(wrong) is None


def test_instructions_say_where_and_with_which_reference(agency: AgencyView) -> None:
    payment = till.asked(agency)
    started = actions.begin(payment_id=payment, provider="offline", language="sw", now=NOW)
    again = actions.begin(payment_id=payment, provider="offline", language="sw", now=NOW)
    assert isinstance(started, Instructed)
    assert again == started
    told = [value for says in started.says for value in says.params.values()]
    assert OWED in told
    assert "7K3P-2M9X" in told
    assert "Bank of Tumaini, 0001" in told


def test_where_no_bank_account_is_known_no_transfer_is_spoken_of(
    agency: AgencyView, settings: Settings
) -> None:
    settings.BANK_ACCOUNT = {}
    started = actions.begin(payment_id=till.asked(agency), provider="offline", language="en", now=NOW)
    assert isinstance(started, Instructed)
    assert not [says for says in started.says if "bank" in says.msgid.lower()]


def test_a_redirect_leads_to_the_provider_s_page(agency: AgencyView) -> None:
    started = actions.begin(payment_id=till.asked(agency), provider="sandbox", language="id", now=NOW)
    assert isinstance(started, Redirected)
    assert started.url.endswith(f"/id/sandbox/pay/{started.provider_ref}/")


def test_notices_of_strangers_do_not_stand_before_those_of_ours(
    agency: AgencyView, moody: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loket.payments.hearing._AT_ONCE", 1)
    payment = till.asked(agency)
    moody.says = Notice("never-ours", Standing.SUCCEEDED, "m-0", OWED)
    assert hear(moody.says, moody) == 0
    assert hear(said(Standing.SUCCEEDED), moody) == 0
    attempt = Attempt.objects.create(
        payment_id=payment, provider="moody", provider_ref="moody-1", language="en", amount=OWED.amount,
        currency=OWED.currency, started_at=NOW, check_at=NOW + timedelta(days=1),
    )  # fmt: skip
    assert sweeping.sweep(now=NOW) == 1
    assert MoneyIn.objects.get().attempt == attempt
    assert [one.provider_ref for one in queries.parked()] == ["never-ours"]
