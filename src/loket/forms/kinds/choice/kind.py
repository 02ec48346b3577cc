"""One answer out of several."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from loket import expressions
from loket.forms.cleaning import first
from loket.forms.plain import StringKind
from loket.forms.question import Option, Question
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, in_language, marked

UNKNOWN = Message(marked("Choose one of the answers shown"))


class ChoiceQuestion(Question):
    kind: Literal["choice"]
    options: tuple[Option, ...] = Field(min_length=2, max_length=300)

    @model_validator(mode="after")
    def _values_differ(self) -> "ChoiceQuestion":
        if len({option.value for option in self.options}) < len(self.options):
            raise ValueError("two options have the same value")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(option.value for option in self.options)


class Choice(StringKind[ChoiceQuestion]):
    key = "choice"
    settings = ChoiceQuestion
    missing = Message(marked("Choose an answer to “%(question)s”"))

    def parse(self, question: ChoiceQuestion, raw: Raw, context: ParseContext) -> str | Problem | None:
        chosen = first(raw)
        if not chosen:
            return None
        return chosen if chosen in question.values else Problem(UNKNOWN)

    def summary(self, question: ChoiceQuestion, value: str, language: str) -> tuple[str | Message, ...]:
        return tuple(
            in_language(option.label, language) for option in question.options if option.value == value
        )

    def allows(self, question: ChoiceQuestion, text: str) -> bool:
        return text in question.values

    def json_schema(self, question: ChoiceQuestion) -> Mapping[str, JsonValue]:
        return {"type": "string", "enum": list(question.values)}

    def expression_type(self, question: ChoiceQuestion) -> expressions.Type:
        return expressions.choice(question.values)


kind = Choice()
