"""What can go wrong while evaluating, and how it is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from loket.expressions.tree import Position
from loket.kernel.text import Message, marked


class ErrorCode(StrEnum):
    DIVISION_BY_ZERO = "division_by_zero"
    OVERFLOW = "overflow"
    COST = "cost"
    TYPE = "type"
    UNKNOWN_NAME = "unknown_name"
    UNKNOWN_FUNCTION = "unknown_function"
    CURRENCY = "currency"
    OUT_OF_RANGE = "out_of_range"
    CONVERSION = "conversion"
    PATTERN = "pattern"
    CALENDAR = "calendar"
    VALUE = "value"


_SENTENCES: Mapping[ErrorCode, str] = {
    ErrorCode.DIVISION_BY_ZERO: marked("This divides by zero."),
    ErrorCode.OVERFLOW: marked("The result is too large."),
    ErrorCode.COST: marked("This expression takes too much work."),
    ErrorCode.TYPE: marked("These kinds of value do not go together."),
    ErrorCode.UNKNOWN_NAME: marked("There is no value with this name."),
    ErrorCode.UNKNOWN_FUNCTION: marked("There is no such function, or not with these values."),
    ErrorCode.CURRENCY: marked("Amounts in different currencies cannot be combined."),
    ErrorCode.OUT_OF_RANGE: marked("There is nothing at this position, or it is out of range."),
    ErrorCode.CONVERSION: marked("This cannot be read as the kind of value asked for."),
    ErrorCode.PATTERN: marked("This pattern cannot be used."),
    ErrorCode.CALENDAR: marked("The working calendar does not cover these days."),
    ErrorCode.VALUE: marked("One of the values given is not a value of this language."),
}


@dataclass(frozen=True, slots=True)
class EvaluationError:
    """Where and why an evaluation stopped; `line` and `column` count from 1."""

    code: ErrorCode
    line: int
    column: int

    @property
    def message(self) -> Message:
        return Message(_SENTENCES[self.code])


class Fault(Exception):
    """Inside this package only; the nearest node says where, `evaluate` turns it into a result."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code
        self.at: Position | None = None
