"""The ledger by itself: pure, and right for any amounts in any order."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.kernel.money import Money
from loket.payments import ledger
from loket.payments.ledger import Account, NothingToRefund, Piece
from loket.payments.types import PaymentState, RefundReason

OWED = Money(Decimal("100.00"), "KES")
DUE = Account(OWED, PaymentState.DUE)
AMOUNTS = st.decimals("0.01", "250", places=2)
HAPPENINGS = st.one_of(
    st.tuples(st.just("comes"), AMOUNTS, st.sampled_from(["KES", "KES", "KES", "USD"])),
    st.tuples(st.just("closes"), AMOUNTS, st.just("KES")),
    st.tuples(st.just("back"), AMOUNTS, st.just("KES")),
)


def piece(number: int, amount: str, currency: str = "KES") -> Piece:
    return Piece(UUID(int=number), Money(Decimal(amount), currency))


def test_exactly_what_is_owed_is_receipted() -> None:
    outcome = ledger.arrived(DUE, piece(1, "100.00"))
    assert outcome.receipt
    assert outcome.returns == ()
    assert outcome.account.state is PaymentState.PAID
    assert outcome.account.pieces[0].receipted == Decimal("100.00")


def test_the_rest_pays_and_what_is_over_goes_back_from_the_last_piece() -> None:
    partly = ledger.arrived(DUE, piece(1, "60.00"))
    assert (partly.receipt, partly.account.state) == (False, PaymentState.PARTLY)
    assert partly.account.outstanding == Money(Decimal("40.00"), "KES")
    paid = ledger.arrived(partly.account, piece(2, "60.00"))
    assert paid.receipt
    (back,) = paid.returns
    assert (back.piece_id, back.amount.amount, back.reason) == (
        UUID(int=2),
        Decimal("20.00"),
        RefundReason.TOO_MUCH,
    )


@pytest.mark.parametrize(
    ("state", "currency", "reason"),
    [
        (PaymentState.PAID, "KES", RefundReason.PAID_TWICE),
        (PaymentState.CLOSED, "KES", RefundReason.TOO_LATE),
        (PaymentState.DUE, "USD", RefundReason.OTHER_CURRENCY),
        (PaymentState.PAID, "USD", RefundReason.OTHER_CURRENCY),
    ],
)
def test_what_is_not_wanted_goes_back_whole(state: PaymentState, currency: str, reason: RefundReason) -> None:
    outcome = ledger.arrived(Account(OWED, state), piece(1, "100.00", currency))
    assert [(back.amount, back.reason) for back in outcome.returns] == [
        (Money(Decimal("100.00"), currency), reason)
    ]
    assert (outcome.receipt, outcome.account.state) == (False, state)


def test_no_more_goes_back_than_a_receipt_was_given_for() -> None:
    paid = ledger.arrived(DUE, piece(1, "100.00")).account
    once = ledger.refunded(paid, Money(Decimal("70.00"), "KES"))
    assert once.returns[0].from_receipt
    for amount in ("30.01", "0.00", "-1.00"):
        with pytest.raises(NothingToRefund):
            ledger.refunded(once.account, Money(Decimal(amount), "KES"))


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_nothing_is_no_piece(amount: str) -> None:
    with pytest.raises(ValueError, match="above zero"):
        ledger.arrived(DUE, piece(1, amount))


@given(st.lists(HAPPENINGS, max_size=12))
def test_all_that_came_is_receipted_returned_or_held(happenings: list[tuple[str, Decimal, str]]) -> None:
    account, receipts, came, returned = DUE, 0, Decimal(0), Decimal(0)
    reversed_ = Decimal(0)
    for number, (what, amount, currency) in enumerate(happenings):
        if what == "comes":
            outcome = ledger.arrived(account, Piece(UUID(int=number), Money(amount, currency)))
            came += amount
        elif what == "closes":
            outcome = ledger.closed(account)
        else:
            try:
                outcome = ledger.refunded(account, Money(amount, currency))
            except NothingToRefund:
                assert account.receipted.amount < amount
                continue
        account, receipts = outcome.account, receipts + outcome.receipt
        returned += sum(back.amount.amount for back in outcome.returns if not back.from_receipt)
        reversed_ += sum(back.amount.amount for back in outcome.returns if back.from_receipt)
        assert came == receipts * OWED.amount + returned + account.held.amount
        assert account.receipted.amount == receipts * OWED.amount - reversed_
        assert all(min(piece.held, piece.receipted, piece.returned) >= 0 for piece in account.pieces)
        assert (receipts == 1) == (account.state is PaymentState.PAID)
        assert (account.held.amount > 0) == (account.state is PaymentState.PARTLY)
