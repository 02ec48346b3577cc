"""Yes or no."""

from collections.abc import Mapping
from typing import Literal

from loket import expressions
from loket.forms.cleaning import first
from loket.forms.question import Question
from loket.forms.registry import QuestionKind
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, marked

YES, NO = Message(marked("Yes")), Message(marked("No"))
UNKNOWN = Message(marked("Choose yes or no"))
_VALUES = {"yes": True, "no": False}


class YesNoQuestion(Question):
    kind: Literal["yes_no"]


class YesNo(QuestionKind[YesNoQuestion, bool]):
    key = "yes_no"
    settings = YesNoQuestion
    missing = Message(marked("Choose yes or no for “%(question)s”"))

    def parse(self, question: YesNoQuestion, raw: Raw, context: ParseContext) -> bool | Problem | None:
        chosen = first(raw)
        return _VALUES.get(chosen, Problem(UNKNOWN)) if chosen else None

    def to_json(self, question: YesNoQuestion, value: bool) -> JsonValue:
        return value

    def from_json(self, question: YesNoQuestion, data: object) -> bool:
        if not isinstance(data, bool):
            raise ValueError("expected true or false")
        return data

    def summary(self, question: YesNoQuestion, value: bool, language: str) -> tuple[str | Message, ...]:
        return (YES if value else NO,)

    def json_schema(self, question: YesNoQuestion) -> Mapping[str, JsonValue]:
        return {"type": "boolean"}

    def raw_of_json(self, question: YesNoQuestion, data: object) -> Raw:
        if not isinstance(data, bool):
            raise ValueError("expected true or false")
        return {"": ("yes" if data else "no",)}

    def expression_type(self, question: YesNoQuestion) -> expressions.Type:
        return expressions.BOOLEAN

    def expression_value(self, question: YesNoQuestion, value: bool) -> expressions.Value:
        return value

    def raw(self, question: YesNoQuestion, value: bool) -> Raw:
        return {"": ("yes" if value else "no",)}


kind = YesNo()
