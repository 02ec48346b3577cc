"""Amounts and shares as packs may give them: a number, a decimal written as text, or money."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException

from loket.decisions.types import FaultCode
from loket.expressions import Value
from loket.kernel.money import Money

# No fee is that large in any currency; beyond it something has gone wrong.
MOST = Decimal(10) ** 12
# Enough digits that no product of an amount and a share is cut; never the thread's own context.
EXACT = Context(prec=120, rounding=ROUND_HALF_UP)
_LONGEST = 40
_WRITTEN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Unusable(Exception):
    """Inside this package: a value that is no amount or no share."""

    def __init__(self, code: FaultCode) -> None:
        super().__init__(code)
        self.code = code


def amount_of(value: Value, currency: str, step: Decimal | None) -> Money:
    """Rounded to `step`, halves away from zero; without one to the currency's minor unit. Raises Unusable.

    Zero is an amount: there is nothing to pay. Something that rounding makes zero is a mistake.
    """
    if value is None:
        raise Unusable(FaultCode.AMOUNT_MISSING)
    if isinstance(value, Money):
        if value.currency != currency:
            raise Unusable(FaultCode.CURRENCY)
        value = value.amount
    number = _number(value, FaultCode.AMOUNT_UNREADABLE)
    if number < 0:
        raise Unusable(FaultCode.AMOUNT_NEGATIVE)
    if number > MOST:
        raise Unusable(FaultCode.AMOUNT_TOO_LARGE)
    rounded = _rounded(number, currency, step)
    if number and not rounded.amount:
        raise Unusable(FaultCode.AMOUNT_ROUNDED_AWAY)
    return rounded


def share_of(value: Value) -> Decimal:
    """0 to 1; null is 0: what wasn't answered waives nothing. Raises Unusable."""
    if value is None:
        return Decimal(0)
    share = _number(value, FaultCode.SHARE_UNREADABLE)
    if not 0 <= share <= 1:
        raise Unusable(FaultCode.SHARE_OUT_OF_RANGE)
    return share


def part_of(amount: Money, share: Decimal) -> Money:
    """That share of an amount, in the currency's minor unit, halves up."""
    return Money(EXACT.multiply(amount.amount, share), amount.currency).rounded()


def _number(value: Value, unreadable: FaultCode) -> Decimal:
    if isinstance(value, str) and len(value) <= _LONGEST and _WRITTEN.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unusable(unreadable)
    number = Decimal(value)
    # A difference in the fortieth decimal is no difference in money, but would cost digits without end.
    if not number.is_finite() or (number and not -_LONGEST <= number.adjusted() <= _LONGEST):
        raise Unusable(unreadable)
    return number


def _rounded(number: Decimal, currency: str, step: Decimal | None) -> Money:
    if step is None:
        return Money(number, currency).rounded()
    try:
        steps = EXACT.divide(number, step).to_integral_value(ROUND_HALF_UP, EXACT)
        return Money(EXACT.multiply(steps, step), currency).rounded()
    except DecimalException:
        raise Unusable(FaultCode.AMOUNT_UNREADABLE) from None
