"""A statement that a person has to confirm."""

from collections.abc import Mapping
from typing import Literal

from loket import expressions
from loket.forms.cleaning import first
from loket.forms.question import LocalText, Question
from loket.forms.registry import QuestionKind
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, marked

CONFIRMED = Message(marked("Confirmed"))
_TICKED = "yes"


class DeclarationQuestion(Question):
    """`text` is the legal text, its paragraphs apart by an empty line; `confirm` stands at the box."""

    kind: Literal["declaration"]
    text: LocalText
    confirm: LocalText | None = None


class Declaration(QuestionKind[DeclarationQuestion, bool]):
    key = "declaration"
    settings = DeclarationQuestion
    missing = Message(marked("Tick the box to confirm “%(question)s”"))

    def parse(self, question: DeclarationQuestion, raw: Raw, context: ParseContext) -> bool | Problem | None:
        return True if first(raw) == _TICKED else None

    def to_json(self, question: DeclarationQuestion, value: bool) -> JsonValue:
        return value

    def from_json(self, question: DeclarationQuestion, data: object) -> bool:
        if data is not True:
            raise ValueError("expected true")
        return True

    def summary(self, question: DeclarationQuestion, value: bool, language: str) -> tuple[str | Message, ...]:
        return (CONFIRMED,)

    def json_schema(self, question: DeclarationQuestion) -> Mapping[str, JsonValue]:
        return {"const": True}

    def raw_of_json(self, question: DeclarationQuestion, data: object) -> Raw:
        if not isinstance(data, bool):
            raise ValueError("expected true")
        return {"": (_TICKED,)} if data else {}

    def expression_type(self, question: DeclarationQuestion) -> expressions.Type:
        return expressions.BOOLEAN

    def expression_value(self, question: DeclarationQuestion, value: bool) -> expressions.Value:
        return value

    def raw(self, question: DeclarationQuestion, value: bool) -> Raw:
        return {"": (_TICKED,)}


kind = Declaration()
