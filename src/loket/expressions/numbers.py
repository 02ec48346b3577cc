"""Arithmetic and comparison: one table for the evaluator, the checker and the documentation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

from loket.expressions.faults import ErrorCode, Fault
from loket.expressions.types import Kind, Value, kind_of
from loket.kernel.money import Money

WHOLE_MIN, WHOLE_MAX = -(2**63), 2**63 - 1
# IEEE decimal128: 34 digits. Never the thread's own context, which anybody may have changed.
DECIMALS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
MAX_TEXT = 100_000  # characters
MAX_ITEMS = 10_000


def whole(number: int) -> int:
    if not WHOLE_MIN <= number <= WHOLE_MAX:
        raise Fault(ErrorCode.OVERFLOW)
    return number


def truncated_quotient(left: int, right: int) -> int:
    """Towards zero, as CEL divides."""
    if right == 0:
        raise Fault(ErrorCode.DIVISION_BY_ZERO)
    quotient = abs(left) // abs(right)
    return whole(quotient if (left < 0) == (right < 0) else -quotient)


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise Fault(ErrorCode.DIVISION_BY_ZERO)
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def exactly(
    operation: Callable[[Decimal, Decimal], Decimal], left: Decimal | int, right: Decimal | int
) -> Decimal:
    """`operation` (a method of DECIMALS) with its exceptions told apart."""
    try:
        return operation(Decimal(left), Decimal(right))
    except DivisionByZero:
        raise Fault(ErrorCode.DIVISION_BY_ZERO) from None
    except DecimalException:
        # 0/0 and remainders by zero are "invalid" to decimal, a division by zero to a person.
        code = ErrorCode.DIVISION_BY_ZERO if right == 0 else ErrorCode.OVERFLOW
        raise Fault(code) from None


def _same_currency(left: Money, right: Money) -> None:
    if left.currency != right.currency:
        raise Fault(ErrorCode.CURRENCY)


def _joined_text(left: str, right: str) -> str:
    if len(left) + len(right) > MAX_TEXT:
        raise Fault(ErrorCode.OVERFLOW)
    return left + right


def _joined_lists(left: tuple[Value, ...], right: tuple[Value, ...]) -> tuple[Value, ...]:
    if len(left) + len(right) > MAX_ITEMS:
        raise Fault(ErrorCode.OVERFLOW)
    return left + right


def _decimal(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[..., Value]:
    return lambda left, right: exactly(operation, left, right)


def _money_with_money(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[..., Value]:
    def combined(left: Money, right: Money) -> Value:
        _same_currency(left, right)
        return Money(exactly(operation, left.amount, right.amount), left.currency)

    return combined


def _money_with_number(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[..., Value]:
    return lambda left, right: Money(exactly(operation, left.amount, right), left.currency)


def _money_ratio(left: Money, right: Money) -> Decimal:
    _same_currency(left, right)
    return exactly(DECIMALS.divide, left.amount, right.amount)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an operator makes of two kinds. A list's items keep their type."""

    result: Kind
    apply: Callable[..., Value]


def _rules() -> Mapping[tuple[str, Kind, Kind], Rule]:
    integer, decimal, money = Kind.INTEGER, Kind.DECIMAL, Kind.MONEY
    rules: dict[tuple[str, Kind, Kind], Rule] = {
        ("+", integer, integer): Rule(integer, lambda left, right: whole(left + right)),
        ("-", integer, integer): Rule(integer, lambda left, right: whole(left - right)),
        ("*", integer, integer): Rule(integer, lambda left, right: whole(left * right)),
        ("/", integer, integer): Rule(integer, truncated_quotient),
        ("%", integer, integer): Rule(integer, _remainder),
        ("+", Kind.TEXT, Kind.TEXT): Rule(Kind.TEXT, _joined_text),
        ("+", Kind.LIST, Kind.LIST): Rule(Kind.LIST, _joined_lists),
        ("+", money, money): Rule(money, _money_with_money(DECIMALS.add)),
        ("-", money, money): Rule(money, _money_with_money(DECIMALS.subtract)),
        ("/", money, money): Rule(decimal, _money_ratio),
    }
    operations = {
        "+": DECIMALS.add,
        "-": DECIMALS.subtract,
        "*": DECIMALS.multiply,
        "/": DECIMALS.divide,
        "%": DECIMALS.remainder,
    }
    for operator, operation in operations.items():
        for left, right in ((decimal, decimal), (integer, decimal), (decimal, integer)):
            rules[operator, left, right] = Rule(decimal, _decimal(operation))
    for number in (integer, decimal):
        times = _money_with_number(DECIMALS.multiply)
        rules["*", money, number] = Rule(money, times)
        rules["*", number, money] = Rule(money, lambda left, right, times=times: times(right, left))
        rules["/", money, number] = Rule(money, _money_with_number(DECIMALS.divide))
    return rules


RULES = _rules()
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})
_ORDERED = frozenset({Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.MONEY})


def calculate(operator: str, left: Value, right: Value) -> Value:
    """Null where either side is null."""
    if left is None or right is None:
        return None
    rule = RULES.get((operator, kind_of(left), kind_of(right)))
    if rule is None:
        raise Fault(ErrorCode.TYPE)
    return rule.apply(left, right)


def negative(value: Value) -> Value:
    return calculate("*", value, -1) if kind_of(value) in (*NUMBERS, Kind.MONEY, Kind.NULL) else _refused()


def _refused() -> Value:
    raise Fault(ErrorCode.TYPE)


def orderable(left: Kind, right: Kind) -> bool:
    return (left is right and left in _ORDERED) or (left in NUMBERS and right in NUMBERS)


def precedes(left: Value, right: Value, or_equal: bool) -> bool:
    """False where either side is null."""
    if left is None or right is None:
        return False
    if not orderable(kind_of(left), kind_of(right)):
        raise Fault(ErrorCode.TYPE)
    if isinstance(left, Money) and isinstance(right, Money):
        _same_currency(left, right)
        left, right = left.amount, right.amount
    return left <= right if or_equal else left < right  # type: ignore[operator]  # orderable


def equal(left: Value, right: Value) -> bool:
    """Total: values of different kinds differ, but 1 and 1.0 are the same number."""
    kinds = kind_of(left), kind_of(right)
    if kinds[0] in NUMBERS and kinds[1] in NUMBERS:
        return left == right
    if kinds[0] is not kinds[1]:
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def among(value: Value, values: Value) -> bool:
    """Whether a list has the item or a record the key; false where either side is null."""
    if value is None or values is None:
        return False
    if isinstance(values, tuple):
        return any(equal(value, item) for item in values)
    if isinstance(values, Mapping):
        return isinstance(value, str) and value in values
    raise Fault(ErrorCode.TYPE)


def weight(value: Value) -> int:
    """How much work comparing a value may be: 1 for a plain one, the number of parts otherwise."""
    if isinstance(value, tuple):
        return 1 + sum(map(weight, value))
    if isinstance(value, Mapping):
        return 1 + sum(map(weight, value.values()))
    return 1
