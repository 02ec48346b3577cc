"""What an evaluation may use besides its values: the moment, the calendar, and how much work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from loket.expressions.faults import ErrorCode, Fault
from loket.expressions.tree import Node
from loket.expressions.types import Value
from loket.kernel.calendars import WorkingCalendar

COST_LIMIT = 100_000
_PLAIN_CALENDAR = WorkingCalendar()


@dataclass(frozen=True, slots=True)
class Context:
    """`now` is aware; `timezone` an IANA name that decides what day it is.

    Raises ValueError for a naive `now` or an unknown timezone: here, never while evaluating.
    """

    now: datetime
    timezone: str = "UTC"
    calendar: WorkingCalendar = _PLAIN_CALENDAR
    cost_limit: int = COST_LIMIT

    def __post_init__(self) -> None:
        if self.now.utcoffset() is None:
            raise ValueError("now must be aware")
        try:
            self.now.astimezone(ZoneInfo(self.timezone))
        except (KeyError, OSError) as unknown:
            raise ValueError(f"unknown timezone {self.timezone!r}") from unknown

    @property
    def today(self) -> date:
        return self.local(self.now).date()

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.timezone))


class Run:
    """One evaluation under way."""

    __slots__ = ("budget", "context", "local", "seen", "values")

    def __init__(self, values: Mapping[str, Value], context: Context, cost: int) -> None:
        self.values, self.context = values, context
        self.local: dict[str, Value] = {}
        self.seen: dict[int, tuple[Node, Value]] = {}
        self.budget = context.cost_limit
        self.charge(cost)

    def charge(self, cost: int) -> None:
        self.budget -= cost
        if self.budget < 0:
            raise Fault(ErrorCode.COST)
