"""Whatever payers, banks, officers and power cuts do, in any order: money in = receipts + refunds + held."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Part
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.kernel.refusals import Refusal
from loket.payments import actions, ledger, sweeping
from loket.payments.ledger import Account, Outcome, Piece
from loket.payments.models import Attempt, MoneyIn, ParkedNotice, Payment, Receipt, Refund, SandboxPage
from loket.payments.providers.sandbox import bank
from loket.payments.registry import Forged, Standing
from loket.payments.types import CloseReason, PaymentState, RefundState
from tests.payments import oracle, till
from tests.payments.crashing import crashing_at
from tests.payments.till import NOW, kes

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
T = TypeVar("T")
# Mostly none; otherwise early, in the middle or late in what an action does.
CRASHES = st.one_of(st.just(0), st.just(0), st.integers(1, 30), st.integers(30, 160))
WHICH = st.integers(0, 5)
SHARES = st.sampled_from(["1", "1", "0.4", "0.6", "1.5", "0.01"])
OWED = kes("100.00")


class Course(RuleBasedStateMachine):
    """Two payments, a make-believe bank, an office, and a clock. The bank's table is what is true outside."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.depth = len(connection.savepoint_ids)
        self.listening = oracle.listening()
        self.listening.__enter__()
        self.now = NOW
        self.charged = 0
        self.agency = till.agency()
        self.payments = [till.asked(self.agency, OWED, reference=f"REF-{at}") for at in range(2)]

    def teardown(self) -> None:
        self.listening.__exit__(None, None, None)
        transaction.set_rollback(True)
        left_open = len(connection.savepoint_ids) - self.depth
        self.savepoint.__exit__(None, None, None)
        assert not left_open, "a crash of this test left a transaction open"

    def _try(self, crash: int, doing: Callable[[], T]) -> T | None:
        """Does it; refusals are answers too. Whether it was stopped must not matter."""
        try:
            return crashing_at(crash, doing)[0]
        except Refusal:
            return None

    def _page(self, which: int) -> SandboxPage | None:
        pages = list(SandboxPage.objects.order_by("created_at", "ref"))
        return pages[which % len(pages)] if pages else None

    def _payment(self, which: int) -> UUID:
        return self.payments[which % 2]

    @rule(minutes=st.sampled_from([1, 5, 20, 70, 60 * 25, 60 * 24 * 8]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(which=WHICH, crash=CRASHES)
    def somebody_begins(self, which: int, crash: int) -> None:
        self._try(
            crash,
            lambda: actions.begin(
                payment_id=self._payment(which), provider="sandbox", language="en", now=self.now
            ),
        )

    @rule(
        which=WHICH, share=SHARES, tells=st.booleans(), currency=st.sampled_from(["KES", "KES", "KES", "USD"])
    )
    def the_bank_takes_money(self, which: int, share: str, tells: bool, currency: str) -> None:
        """In full, in part, too much, in another currency, once more: banks do all of that."""
        if self._page(which) is None:
            self.somebody_begins(which, 0)
        page = self._page(which)
        if page is not None:
            self.charged += 1
            amount = Money(page.amount * Decimal(share), currency).rounded()
            page.state = "approved"
            page.charges.append(
                {
                    "id": f"chg_{self.charged}", "amount": str(amount.amount), "currency": currency,
                    "at": self.now.isoformat(), "told": False,
                }
            )  # fmt: skip
            page.save()
            if tells:
                self._call_back(page, Standing.SUCCEEDED, page.charges[-1])

    @rule(which=WHICH)
    def the_bank_declines(self, which: int) -> None:
        SandboxPage.objects.filter(ref=getattr(self._page(which), "ref", ""), state="open").update(
            state="declined"
        )

    def _call_back(self, page: SandboxPage, standing: Standing, charge: Any, crash: int = 0) -> None:
        headers, body = bank.signed_call_back(page, standing, charge, self.now)
        self._try(
            crash,
            lambda: actions.take_callback(
                provider="sandbox", headers=headers, query={}, body=body, now=self.now
            ),
        )

    @rule(which=WHICH, at=WHICH, times=st.sampled_from([1, 1, 2]), crash=CRASHES)
    def the_bank_tells_of_money(self, which: int, at: int, times: int, crash: int) -> None:
        page = self._page(which)
        for _ in range(times if page and page.charges else 0):
            assert page is not None
            self._call_back(page, Standing.SUCCEEDED, page.charges[at % len(page.charges)], crash)

    @rule(which=WHICH, standing=st.sampled_from([Standing.FAILED, Standing.PENDING]), crash=CRASHES)
    def the_bank_tells_of_none(self, which: int, standing: Standing, crash: int) -> None:
        """Also after it told of money: its queues overtake each other."""
        page = self._page(which)
        if page is not None:
            self._call_back(page, standing, None, crash)

    @rule(which=WHICH)
    def somebody_forges(self, which: int) -> None:
        page = self._page(which)
        if page is None:
            return
        charge = {"id": "chg_forged", "amount": "100.00", "currency": "KES", "at": self.now.isoformat()}
        headers, body = bank.signed_call_back(page, Standing.SUCCEEDED, charge, self.now)
        for altered in (body.replace(b"forged", b"forger"), body + b" "):
            with pytest.raises(Forged):
                actions.take_callback(
                    provider="sandbox", headers=headers, query={}, body=altered, now=self.now
                )

    @rule(number=st.integers(1, 2), crash=CRASHES)
    def the_bank_tells_of_somebody_else(self, number: int, crash: int) -> None:
        stranger = SandboxPage(ref=f"sbx_stranger{number}", attempt_id=UUID(int=number))
        charge = {"id": f"chg_s{number}", "amount": "7.00", "currency": "KES", "at": self.now.isoformat()}
        self._call_back(stranger, Standing.SUCCEEDED, charge, crash)

    @rule(which=WHICH, crash=CRASHES)
    def somebody_comes_back(self, which: int, crash: int) -> None:
        page = self._page(which)
        if page is not None:
            query = {"sandbox_payment": page.ref, "paid": "yes"}
            self._try(crash, lambda: actions.come_back(provider="sandbox", query=query, now=self.now))

    @rule(which=WHICH, crash=CRASHES)
    def an_attempt_is_checked(self, which: int, crash: int) -> None:
        attempts = list(Attempt.objects.order_by("id"))
        if attempts:
            one = attempts[which % len(attempts)].id
            self._try(crash, lambda: actions.check_attempt(attempt_id=one, now=self.now))

    @rule(which=WHICH, share=SHARES, number=st.integers(1, 4), known=st.booleans(), crash=CRASHES)
    def a_transfer_comes(self, which: int, share: str, number: int, known: bool, crash: int) -> None:
        reference = f"REF-{which % 2}" if known else "for my licence"
        amount = kes(str(OWED.amount * Decimal(share)))
        self._try(
            crash,
            lambda: actions.record_transfer(
                agency_id=self.agency.id, reference=reference, amount=amount, transaction_id=f"T{number}",
                received_at=self.now, by=SYSTEM, now=self.now,
            ),
        )  # fmt: skip

    @rule(which=WHICH, back=st.booleans(), crash=CRASHES)
    def the_office_sorts_a_transfer(self, which: int, back: bool, crash: int) -> None:
        for money in MoneyIn.objects.filter(payment=None).order_by("id"):
            if back:
                self._try(
                    crash, lambda one=money: actions.return_transfer(money_id=one.id, by=SYSTEM, now=self.now)
                )
            else:
                self._try(
                    crash,
                    lambda one=money: actions.match_transfer(
                        money_id=one.id, payment_id=self._payment(which), by=SYSTEM, now=self.now
                    ),
                )

    @rule(which=WHICH, crash=CRASHES)
    def a_payment_is_closed(self, which: int, crash: int) -> None:
        self._try(
            crash,
            lambda: actions.close(
                payment_id=self._payment(which), reason=CloseReason.LAPSED, by=SYSTEM, now=self.now
            ),
        )

    @rule(which=WHICH, amount=st.sampled_from(["100.00", "30.00", "0.01", "170.00"]), crash=CRASHES)
    def the_office_gives_back(self, which: int, amount: str, crash: int) -> None:
        self._try(
            crash,
            lambda: actions.refund(
                payment_id=self._payment(which),
                amount=kes(amount),
                reason="goodwill",
                by=SYSTEM,
                now=self.now,
            ),
        )

    @rule(crash=CRASHES, twice=st.booleans())
    def the_worker_works(self, crash: int, twice: bool) -> None:
        self._try(crash, lambda: sweeping.sweep(now=self.now))
        for _ in range(2 if twice else 1):
            for refund_id in Refund.objects.order_by("id").values_list("id", flat=True):
                self._try(crash, lambda one=refund_id: actions.pay_back(refund_id=one, now=self.now))

    @rule(crash=CRASHES)
    def the_office_pays_by_hand(self, crash: int) -> None:
        for refund in Refund.objects.filter(state=RefundState.BY_HAND).order_by("id"):
            self._try(
                crash,
                lambda one=refund: actions.refund_done_by_hand(refund_id=one.id, by=SYSTEM, now=self.now),
            )

    @rule()
    @precondition(lambda self: self.charged)
    def everything_is_told_and_settles(self) -> None:
        """Once nothing crashes any more, all that the bank took is in the books; what is due went back."""
        for page in SandboxPage.objects.all():
            for charge in page.charges:
                self._call_back(page, Standing.SUCCEEDED, charge)
        self.now += timedelta(hours=5)
        sweeping.sweep(now=self.now)
        for refund_id in Refund.objects.order_by("id").values_list("id", flat=True):
            actions.pay_back(refund_id=refund_id, now=self.now)
        taken = set(MoneyIn.objects.filter(provider="sandbox").values_list("transaction_id", flat=True))
        charges = {charge["id"] for page in SandboxPage.objects.all() for charge in page.charges}
        assert taken == charges
        left = Refund.objects.filter(money__provider="sandbox").exclude(state=RefundState.DONE)
        assert not left.exists()

    @invariant()
    def the_books_are_right(self) -> None:
        assert oracle.faults() == []

    @invariant()
    def strangers_money_is_never_ours(self) -> None:
        assert not MoneyIn.objects.filter(transaction_id__startswith="chg_s").exists()
        assert ParkedNotice.objects.count() <= 2

    @invariant()
    def paid_is_for_ever(self) -> None:
        was = getattr(self, "paid", set())
        self.paid = {payment.id for payment in Payment.objects.filter(state=PaymentState.PAID)}
        assert was <= self.paid


def _run(course: type[Course], examples: int, steps: int, *parts: Part, chance: bool = True) -> None:
    run_state_machine_as_test(
        course,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, derandomize=not chance, deadline=None,
            report_multiple_bugs=False, suppress_health_check=list(HealthCheck), print_blob=False,
            # Explaining traces lines, and so do the crashes.
            phases=parts or (Part.explicit, Part.reuse, Part.generate, Part.shrink),
        ),
    )  # fmt: skip


def test_any_course_keeps_the_books_right() -> None:
    _run(Course, 20, 25)


@pytest.mark.prove
def test_a_thousand_courses_keep_the_books_right() -> None:
    _run(Course, 1000, 40)


class _Paid(Course):
    """Where faults have something to spoil: paid, with a receipt, and what was too much went back."""

    def __init__(self) -> None:
        super().__init__()
        self.the_bank_takes_money(0, "1.5", True, "KES")
        self.the_worker_works(0, False)


class _SkipsANumber(_Paid):
    @rule()
    def fault(self) -> None:
        Receipt.objects.update(sequence=F("sequence") + 10)


class _TakesTwice(_Paid):
    @rule()
    def fault(self) -> None:
        for money in MoneyIn.objects.filter(provider="sandbox")[:1]:
            money.id, money.transaction_id = UUID(int=self.charged), f"{money.transaction_id}-again"
            money.receipted = money.returned = Decimal(0)
            money.save(force_insert=True)


class _LosesARefund(_Paid):
    @rule()
    def fault(self) -> None:
        Refund.objects.all().delete()


class _UnPays(_Paid):
    @rule()
    def fault(self) -> None:
        Payment.objects.filter(state="paid").update(state="due", paid_at=None)


class _GivesBackTwice(_Paid):
    @rule()
    def fault(self) -> None:
        for page in SandboxPage.objects.exclude(refunds={}):
            page.refunds["another"] = next(iter(page.refunds.values()))
            page.save()


@pytest.mark.parametrize("faulty", [_SkipsANumber, _TakesTwice, _LosesARefund, _UnPays, _GivesBackTwice])
def test_a_planted_fault_is_noticed(faulty: type[Course]) -> None:
    """The same courses each time."""
    with pytest.raises(AssertionError):
        _run(faulty, 20, 15, Part.generate, chance=False)


def _keeps_what_is_too_much(account: Account, piece: Piece) -> Outcome:
    outcome = ledger_arrived(account, piece)
    return replace(outcome, returns=())


def _never_closes(account: Account) -> Outcome:
    return Outcome(replace(account, state=PaymentState.CLOSED))


def _gives_a_receipt_for_any_money(account: Account, piece: Piece) -> Outcome:
    return replace(ledger_arrived(account, piece), receipt=True)


ledger_arrived = ledger.arrived


class Lapsing(Course):
    """Where it happens often that a payment's time ends when a part of it has come."""

    @rule(which=WHICH, number=st.integers(5, 9))
    def a_part_comes_and_the_time_ends(self, which: int, number: int) -> None:
        Course.a_transfer_comes(self, which, "0.4", number, known=True, crash=0)
        Course.a_payment_is_closed(self, which, crash=0)


@pytest.mark.parametrize(
    ("name", "faulty"),
    [
        ("arrived", _keeps_what_is_too_much),
        ("closed", _never_closes),
        ("arrived", _gives_a_receipt_for_any_money),
    ],
)
def test_a_ledger_that_errs_is_noticed(
    monkeypatch: pytest.MonkeyPatch, name: str, faulty: Callable[..., Outcome]
) -> None:
    monkeypatch.setattr(ledger, name, faulty)
    with pytest.raises(Exception):  # noqa: B017 - the database may object before the oracle does
        _run(Lapsing, 60, 25, Part.generate, chance=False)
