"""Functions of lists, and the ones that take several values."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, DecimalException

from loket.expressions.context import Run
from loket.expressions.faults import ErrorCode, Fault
from loket.expressions.numbers import DECIMALS, calculate, equal, precedes, weight
from loket.expressions.types import Value
from loket.kernel.money import Money


def has(run: Run, value: Value) -> bool:
    return value is not None


def selected(run: Run, choices: str | tuple[Value, ...], option: str) -> bool:
    if isinstance(choices, str):
        return choices == option
    run.charge(weight(choices))
    return any(equal(choice, option) for choice in choices)


def size(run: Run, value: str | tuple[Value, ...] | Mapping[str, Value]) -> int:
    return len(value)


def count(run: Run, items: tuple[Value, ...] | None) -> int:
    run.charge(len(items or ()))
    return sum(item is not None for item in items or ())


def total(run: Run, items: tuple[Value, ...]) -> Value:
    run.charge(len(items))
    result: Value = 0
    for position, item in enumerate(answered(items)):
        result = calculate("+", result, item) if position else calculate("*", item, 1)
    return result


def answered(items: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(item for item in items if item is not None)


def least(run: Run, *values: Value) -> Value:
    return _extreme(run, values, least=True)


def greatest(run: Run, *values: Value) -> Value:
    return _extreme(run, values, least=False)


def _extreme(run: Run, values: tuple[Value, ...], least: bool) -> Value:
    if len(values) == 1 and (isinstance(values[0], tuple) or values[0] is None):
        values = values[0] or ()
    run.charge(len(values))
    found: Value = None
    for value in answered(values):
        better = precedes(value, found, or_equal=False) if least else precedes(found, value, or_equal=False)
        if found is None:
            precedes(value, value, or_equal=False)  # a lone value must have an order, too
        if found is None or better:
            found = value
    return found


def rounded(run: Run, value: int | Decimal | Money, digits: int | None = None) -> Value:
    """Halves away from zero, as receipts do."""
    if isinstance(value, Money):
        try:
            places = digits if digits is not None else -_exponent(Money(Decimal(0), value.currency))
        except DecimalException:
            raise Fault(ErrorCode.OVERFLOW) from None
        return Money(_to_digits(value.amount, places), value.currency)
    if isinstance(value, int):
        return value if (digits or 0) >= 0 else int(_to_digits(Decimal(value), digits or 0))
    return _to_digits(value, digits or 0)


def _exponent(money: Money) -> int:
    return int(money.rounded().amount.as_tuple().exponent)


def _to_digits(number: Decimal, digits: int) -> Decimal:
    if abs(digits) > 20:
        raise Fault(ErrorCode.OUT_OF_RANGE)
    try:
        result = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, DECIMALS)
    except DecimalException:
        raise Fault(ErrorCode.OVERFLOW) from None
    return result if digits >= 0 else result.quantize(Decimal(1), context=DECIMALS)


def absolute(run: Run, value: int | Decimal | Money) -> Value:
    amount = value.amount if isinstance(value, Money) else value
    return calculate("*", value, -1 if amount < 0 else 1)
