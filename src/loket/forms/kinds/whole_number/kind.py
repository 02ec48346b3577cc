"""A whole number, typed with or without separators."""

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from loket import expressions
from loket.forms.cleaning import ascii_digits, clean, first
from loket.forms.question import LocalText, Question
from loket.forms.registry import QuestionKind
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.forms.wording import grouped
from loket.kernel.text import Message, marked

NOT_A_NUMBER = Message(marked("Enter a number, for example 1000"))
NOT_WHOLE = Message(marked("Enter a whole number, without a decimal part"))
TOO_SMALL = Message(marked("The number must be %(limit)s or more"))
TOO_LARGE = Message(marked("The number must be %(limit)s or less"))

# Beyond this, JSON readers in other languages lose digits.
_LARGEST = 10**15
_TYPED_LIMIT = 60
_PLAIN = re.compile(r"[+-]?[0-9]+")
# 1,000,000 and 1.000.000 and 1 000 000, one separator throughout; and 10,00,000 as in India.
_GROUPED = re.compile(
    r"[+-]?[0-9]{1,3}(?:([,.' ’])[0-9]{3})(?:\1[0-9]{3})*|[+-]?[0-9]{1,3}(?:,[0-9]{2})*,[0-9]{3}"
)
_NO_CENTS = re.compile(r"[.,]0{1,2}$")
_DECIMAL = re.compile(r"[+-]?[0-9][0-9,.' ’]*[.,][0-9]+")


class WholeNumberQuestion(Question):
    """`prefix` and `suffix` are shown at the field: a currency, a unit."""

    kind: Literal["whole_number"]
    min: int | None = Field(default=None, ge=-_LARGEST, le=_LARGEST)
    max: int | None = Field(default=None, ge=-_LARGEST, le=_LARGEST)
    prefix: LocalText | None = None
    suffix: LocalText | None = None

    @property
    def bounds(self) -> tuple[int, int]:
        low = -_LARGEST if self.min is None else self.min
        return low, _LARGEST if self.max is None else self.max


class WholeNumber(QuestionKind[WholeNumberQuestion, int]):
    key = "whole_number"
    settings = WholeNumberQuestion
    missing = Message(marked("Enter a number for “%(question)s”"))

    def parse(self, question: WholeNumberQuestion, raw: Raw, context: ParseContext) -> int | Problem | None:
        text = clean(first(raw), limit=_TYPED_LIMIT)
        if isinstance(text, Problem) or not text:
            return text if isinstance(text, Problem) else None
        number = _read(ascii_digits(text).replace("\u2212", "-"))
        if isinstance(number, Message):
            return Problem(number)
        low, high = question.bounds
        if number < low:
            return Problem(TOO_SMALL.with_params(limit=grouped(low, context.language)))
        if number > high:
            return Problem(TOO_LARGE.with_params(limit=grouped(high, context.language)))
        return number

    def to_json(self, question: WholeNumberQuestion, value: int) -> JsonValue:
        return value

    def from_json(self, question: WholeNumberQuestion, data: object) -> int:
        low, high = question.bounds
        if not isinstance(data, int) or isinstance(data, bool) or not low <= data <= high:
            raise ValueError("expected a whole number within the question's bounds")
        return data

    def summary(self, question: WholeNumberQuestion, value: int, language: str) -> tuple[str | Message, ...]:
        return (grouped(value, language),)

    def json_schema(self, question: WholeNumberQuestion) -> Mapping[str, JsonValue]:
        low, high = question.bounds
        return {"type": "integer", "minimum": low, "maximum": high}

    def expression_type(self, question: WholeNumberQuestion) -> expressions.Type:
        return expressions.INTEGER

    def expression_value(self, question: WholeNumberQuestion, value: int) -> expressions.Value:
        return value

    def raw(self, question: WholeNumberQuestion, value: int) -> Raw:
        return {"": (str(value),)}


def _read(text: str) -> int | Message:
    if _PLAIN.fullmatch(text):
        return int(text)
    if _GROUPED.fullmatch(text):
        return int(re.sub(r"[^0-9+-]", "", text))
    without_cents = _NO_CENTS.sub("", text)
    if without_cents != text and (_PLAIN.fullmatch(without_cents) or _GROUPED.fullmatch(without_cents)):
        return int(re.sub(r"[^0-9+-]", "", without_cents))
    return NOT_WHOLE if _DECIMAL.fullmatch(text) else NOT_A_NUMBER


kind = WholeNumber()
