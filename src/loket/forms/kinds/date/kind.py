"""A day, in three fields."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator

from loket import expressions
from loket.forms.cleaning import all_blank
from loket.forms.kinds.date.reading import FIRST_YEAR, PARTS, read_date
from loket.forms.question import ExpressionSource, Question
from loket.forms.registry import QuestionKind
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.forms.wording import long_date
from loket.kernel.text import Message, marked

NOT_FUTURE = Message(marked("The date must be today or earlier"))
NOT_PAST = Message(marked("The date must be today or later"))
TOO_LATE = Message(marked("The date must be %(limit)s or earlier"))
TOO_EARLY = Message(marked("The date must be %(limit)s or later"))


def _bound(given: object) -> object:
    # YAML reads an unquoted 2026-01-31 as a date.
    return given.isoformat() if isinstance(given, date) else given


_Bound = Annotated[ExpressionSource, BeforeValidator(_bound)]


class DateQuestion(Question):
    """`min` and `max`: `today`, an ISO date or an expression. `birthday` lets browsers fill in the
    person's own."""

    kind: Literal["date"]
    min: _Bound | None = None
    max: _Bound | None = None
    birthday: bool = False


class Date(QuestionKind[DateQuestion, date]):
    key = "date"
    settings = DateQuestion
    missing = Message(marked("Enter a date for “%(question)s”, for example 27 3 2024"))
    focus = "day"

    def parse(self, question: DateQuestion, raw: Raw, context: ParseContext) -> date | Problem | None:
        if all_blank(raw, ("", *PARTS)):
            return None
        day = read_date(raw)
        if isinstance(day, Problem):
            return day
        earliest, latest = context.settings.get("min"), context.settings.get("max")
        if isinstance(earliest, date) and day < earliest:
            return self._outside(NOT_PAST if question.min == "today" else TOO_EARLY, earliest, context)
        if isinstance(latest, date) and day > latest:
            return self._outside(NOT_FUTURE if question.max == "today" else TOO_LATE, latest, context)
        return day

    def _outside(self, message: Message, limit: date, context: ParseContext) -> Problem:
        return Problem(message.with_params(limit=long_date(limit, context.language)), self.focus)

    def to_json(self, question: DateQuestion, value: date) -> JsonValue:
        return value.isoformat()

    def from_json(self, question: DateQuestion, data: object) -> date:
        if not isinstance(data, str):
            raise ValueError("expected an ISO date")
        day = date.fromisoformat(data)
        if day.isoformat() != data or day.year < FIRST_YEAR:
            raise ValueError("expected an ISO date such as 2026-03-27")
        return day

    def summary(self, question: DateQuestion, value: date, language: str) -> tuple[str | Message, ...]:
        return (long_date(value, language),)

    def json_schema(self, question: DateQuestion) -> Mapping[str, JsonValue]:
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}

    def expression_type(self, question: DateQuestion) -> expressions.Type:
        return expressions.DATE

    def expression_value(self, question: DateQuestion, value: date) -> expressions.Value:
        return value

    def expressions(self, question: DateQuestion) -> Mapping[str, tuple[str, expressions.Type]]:
        bounds = {"min": question.min, "max": question.max}
        return {
            name: (_source(bound), expressions.DATE) for name, bound in bounds.items() if bound is not None
        }

    def raw(self, question: DateQuestion, value: date) -> Raw:
        return {"day": (str(value.day),), "month": (str(value.month),), "year": (f"{value.year:04d}",)}


def _source(bound: str) -> str:
    if bound == "today":
        return "today()"
    try:
        return f'date("{date.fromisoformat(bound).isoformat()}")'
    except ValueError:
        return bound


kind = Date()
