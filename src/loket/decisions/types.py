"""What comes of tables, fees and waivers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from loket.expressions import Value
from loket.kernel.money import Money

LocalText = Mapping[str, str]


class FaultCode(StrEnum):
    """Why something could not be decided. `EXPRESSION`: it could not be worked out at all."""

    EXPRESSION = "expression"
    NO_RULE = "no_rule"
    AMOUNT_MISSING = "amount_missing"
    AMOUNT_UNREADABLE = "amount_unreadable"
    AMOUNT_NEGATIVE = "amount_negative"
    AMOUNT_TOO_LARGE = "amount_too_large"
    AMOUNT_ROUNDED_AWAY = "amount_rounded_away"
    CURRENCY = "currency"
    SHARE_UNREADABLE = "share_unreadable"
    SHARE_OUT_OF_RANGE = "share_out_of_range"


@dataclass(frozen=True, slots=True)
class DecisionFault:
    """`part` is `tables.help`, `fees.renewal` or `waivers.poor`; `detail` an expression's error code."""

    part: str
    code: FaultCode
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.part}: {self.code}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule that was looked at, by its number from 0."""

    number: int
    fits: bool


@dataclass(frozen=True, slots=True)
class TableTrace:
    """The rules of a table that were looked at: up to the first that fits, or all of them to collect."""

    table: str
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What expressions may use: answers, calculated values, and each table's outputs as a record."""

    values: Mapping[str, Value]
    traces: tuple[TableTrace, ...] = ()
    faults: tuple[DecisionFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What a total is made of; a waiver's amount is negative. `id` is the fee's or the waiver's."""

    id: str
    label: LocalText
    amount: Money


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver that applies: its share of the fees, and how much that takes off."""

    id: str
    label: LocalText
    share: Decimal
    amount: Money


@dataclass(frozen=True, slots=True)
class Unproved:
    """A waiver that would apply, if the file asked for in `proof` were there."""

    id: str
    label: LocalText
    share: Decimal
    proof: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is to be paid. `total` is None where no fee applies, and where it could not be worked out.

    With `faults` there are neither lines nor a total: nobody is charged a sum that may be wrong.
    """

    lines: tuple[Line, ...] = ()
    total: Money | None = None
    waived: tuple[Waived, ...] = ()
    unproved: tuple[Unproved, ...] = ()
    traces: tuple[TableTrace, ...] = ()
    faults: tuple[DecisionFault, ...] = ()
