"""What a piece of money does to a payment: a receipt, waiting for the rest, going back. Pure.

Every amount that came is, at any time, exactly one of: receipted, returned, held for a payment still open.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from loket.kernel.money import Money
from loket.kernel.refusals import Refusal
from loket.payments.types import OPEN, PaymentState, RefundReason

_NOTHING = Decimal(0)


class NothingToRefund(Refusal):
    """More is to go back than receipts were given for and has not gone back already."""

    code = "nothing_to_refund"


@dataclass(frozen=True, slots=True)
class Piece:
    """Money that came in one go, and what became of it so far."""

    id: UUID
    amount: Money
    receipted: Decimal = _NOTHING
    returned: Decimal = _NOTHING

    @property
    def held(self) -> Decimal:
        return self.amount.amount - self.receipted - self.returned


@dataclass(frozen=True, slots=True)
class Account:
    """A payment's money: what is owed, how it stands, and the pieces that came, oldest first."""

    owed: Money
    state: PaymentState
    pieces: tuple[Piece, ...] = ()

    @property
    def held(self) -> Money:
        return Money(sum((piece.held for piece in self.pieces), _NOTHING), self.owed.currency)

    @property
    def receipted(self) -> Money:
        return Money(sum((piece.receipted for piece in self.pieces), _NOTHING), self.owed.currency)

    @property
    def outstanding(self) -> Money:
        if self.state not in OPEN:
            return Money(_NOTHING, self.owed.currency)
        return self.owed - self.held


@dataclass(frozen=True, slots=True)
class Return:
    """So much of a piece goes back. `from_receipt`: a receipt had been given for it."""

    piece_id: UUID
    amount: Money
    reason: RefundReason
    from_receipt: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The account afterwards, what goes back, and whether a receipt for what is owed is due now."""

    account: Account
    returns: tuple[Return, ...] = ()
    receipt: bool = False


def arrived(account: Account, piece: Piece) -> Outcome:
    """A new piece came; all of it is held until this says what becomes of it."""
    if piece.amount.amount <= 0 or piece.receipted or piece.returned:
        raise ValueError("a piece that comes is above zero and untouched")
    reason = _not_wanted(account, piece)
    if reason is not None:
        return _giving_back(account, (*account.pieces, piece), reason, only=piece.id)
    pieces = (*account.pieces, piece)
    holding = replace(account, state=PaymentState.PARTLY, pieces=pieces)
    if holding.held < account.owed:
        return Outcome(holding)
    paid = replace(account, state=PaymentState.PAID, pieces=tuple(_receipted(account.owed.amount, pieces)))
    return replace(_giving_back(paid, paid.pieces, RefundReason.TOO_MUCH), receipt=True)


def closed(account: Account) -> Outcome:
    """The payment is no longer asked for: what is held goes back. A paid or closed one stays as it is."""
    if account.state not in OPEN:
        return Outcome(account)
    ended = replace(account, state=PaymentState.CLOSED)
    return _giving_back(ended, account.pieces, RefundReason.NOT_OWED)


def refunded(account: Account, amount: Money) -> Outcome:
    """Somebody decided that receipted money goes back, the newest piece first. Refuses NothingToRefund."""
    if amount.amount <= 0 or account.receipted < amount:
        raise NothingToRefund
    left, pieces, returns = amount.amount, list(account.pieces), []
    for at in reversed(range(len(pieces))):
        piece = pieces[at]
        part = min(left, piece.receipted)
        if part:
            pieces[at] = replace(piece, receipted=piece.receipted - part, returned=piece.returned + part)
            back = Money(part, piece.amount.currency)
            returns.append(Return(piece.id, back, RefundReason.DECIDED, from_receipt=True))
            left -= part
    return Outcome(replace(account, pieces=tuple(pieces)), tuple(returns))


def _not_wanted(account: Account, piece: Piece) -> RefundReason | None:
    if piece.amount.currency != account.owed.currency:
        return RefundReason.OTHER_CURRENCY
    return {
        PaymentState.PAID: RefundReason.PAID_TWICE,
        PaymentState.CLOSED: RefundReason.TOO_LATE,
    }.get(account.state)


def _receipted(owed: Decimal, pieces: tuple[Piece, ...]) -> Iterator[Piece]:
    """The pieces with what is owed taken from them, the oldest first."""
    left = owed
    for piece in pieces:
        part = min(left, piece.held)
        left -= part
        yield replace(piece, receipted=piece.receipted + part)


def _giving_back(
    account: Account, pieces: tuple[Piece, ...], reason: RefundReason, only: UUID | None = None
) -> Outcome:
    """All that is held of the pieces, or of one of them, goes back."""
    going = [piece for piece in pieces if piece.held and only in (None, piece.id)]
    returns = tuple(Return(piece.id, Money(piece.held, piece.amount.currency), reason) for piece in going)
    ids = {piece.id for piece in going}
    left = tuple(
        replace(piece, returned=piece.returned + piece.held) if piece.id in ids else piece for piece in pieces
    )
    return Outcome(replace(account, pieces=left), returns)
