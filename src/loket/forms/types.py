"""Plain values that forms take and give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from loket import expressions
from loket.kernel.calendars import WorkingCalendar
from loket.kernel.centres import Centre
from loket.kernel.money import Money
from loket.kernel.refusals import Refusal
from loket.kernel.text import Message

# Submitted fields of one question by the part's name; "" is the question itself. A face names its
# inputs `q-<id>` and `q-<id>-<part>`.
Raw: TypeAlias = Mapping[str, tuple[str, ...]]

# What a kind's `parse` gives: that kind's own immutable type. Only the kind looks inside; None means
# that the question was left empty on purpose.
Value: TypeAlias = object
Answers: TypeAlias = Mapping[str, Value]

JsonValue: TypeAlias = "Mapping[str, JsonValue] | Sequence[JsonValue] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer can't be taken. `part` is the sub-field that gets the focus, "" the question's own.

    `code` is for programs: they can tell what is missing from what is wrong.
    """

    message: Message
    part: str = ""
    code: str = "invalid"


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What reading an answer depends on besides the answer.

    `country` is an ISO 3166 code (whose phone numbers need no prefix); `settings` the values of the
    kind's own expressions for this question, such as a date's bounds; `centres` the agency's, closed ones
    too.
    """

    today: date
    country: str = ""
    language: str = "en"
    settings: Mapping[str, expressions.Value] = field(default_factory=dict)
    centres: tuple[Centre, ...] = ()


@dataclass(frozen=True, slots=True)
class JourneyContext:
    """What a journey depends on besides definition and answers. `now` is aware; `centres` has closed ones."""

    now: datetime
    country: str = ""
    language: str = "en"
    timezone: str = "UTC"
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    centres: tuple[Centre, ...] = ()

    def parsing(self) -> ParseContext:
        today = self.now.astimezone(ZoneInfo(self.timezone)).date()
        return ParseContext(today, self.country, self.language, centres=self.centres)

    def evaluating(self) -> expressions.Context:
        return expressions.Context(now=self.now, timezone=self.timezone, calendar=self.calendar)


def with_settings(context: ParseContext, settings: Mapping[str, expressions.Value]) -> ParseContext:
    return replace(context, settings=settings)


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Contact:
    """Where updates go. `address` is an e-mail address or an E.164 number, empty for `NONE`."""

    channel: Channel
    address: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as its parts; those not asked or left empty are ""."""

    line1: str
    line2: str = ""
    town: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class FileRef:
    """A stored upload. `size` in bytes."""

    id: str
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class BillRef:
    """A bill that was looked up by its number and one fact, as it was then.

    `what` is what it is for, by language; `state` a word of whoever keeps the bills.
    """

    id: str
    number: str
    fact: str
    amount: Money
    what: tuple[tuple[str, str], ...]
    place: str
    issued_on: date
    due_on: date
    state: str


class NoSuchPage(Refusal):
    """The form has no page of that name, or this person's answers hide it."""

    code = "no_such_page"
