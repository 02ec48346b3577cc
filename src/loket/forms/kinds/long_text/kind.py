"""Several lines of text."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from loket.forms.cleaning import clean, first, is_clean
from loket.forms.plain import StringKind
from loket.forms.question import Question
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, marked


class LongTextQuestion(Question):
    """`rows` is the height of the field, in lines."""

    kind: Literal["long_text"]
    max_length: int = Field(default=5_000, ge=1, le=50_000)
    rows: int = Field(default=5, ge=2, le=30)


class LongText(StringKind[LongTextQuestion]):
    key = "long_text"
    settings = LongTextQuestion
    missing = Message(marked("Write an answer to “%(question)s”"))

    def parse(self, question: LongTextQuestion, raw: Raw, context: ParseContext) -> str | Problem | None:
        return clean(first(raw), limit=question.max_length, lines=True) or None

    def allows(self, question: LongTextQuestion, text: str) -> bool:
        return is_clean(text, limit=question.max_length, lines=True)

    def summary(self, question: LongTextQuestion, value: str, language: str) -> tuple[str | Message, ...]:
        return tuple(value.split("\n"))

    def json_schema(self, question: LongTextQuestion) -> Mapping[str, JsonValue]:
        return {"type": "string", "minLength": 1, "maxLength": question.max_length}


kind = LongText()
