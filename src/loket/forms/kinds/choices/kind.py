"""Any number of answers out of several."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from loket import expressions
from loket.forms.question import Option, Question
from loket.forms.registry import QuestionKind
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, in_language, marked

UNKNOWN = Message(marked("Choose from the answers shown"))
NOT_BOTH = Message(marked("Choose either “%(none)s” or other answers, not both"))


class ChoicesQuestion(Question):
    """`none_option` is the value of the option that excludes all others, such as "none of these"."""

    kind: Literal["choices"]
    options: tuple[Option, ...] = Field(min_length=1, max_length=300)
    none_option: str | None = None

    @model_validator(mode="after")
    def _values_agree(self) -> "ChoicesQuestion":
        if len(set(self.values)) < len(self.options):
            raise ValueError("two options have the same value")
        if self.none_option is not None and self.none_option not in self.values:
            raise ValueError("none_option must be the value of one of the options")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(option.value for option in self.options)

    def says(self, value: str, language: str) -> str:
        return next(in_language(option.label, language) for option in self.options if option.value == value)


class Choices(QuestionKind[ChoicesQuestion, tuple[str, ...]]):
    key = "choices"
    settings = ChoicesQuestion
    missing = Message(marked("Choose at least one answer to “%(question)s”"))

    def parse(
        self, question: ChoicesQuestion, raw: Raw, context: ParseContext
    ) -> tuple[str, ...] | Problem | None:
        chosen = {value for value in raw.get("", ()) if value}
        if not chosen <= set(question.values):
            return Problem(UNKNOWN)
        none = question.none_option
        if none is not None and none in chosen and len(chosen) > 1:
            return Problem(NOT_BOTH.with_params(none=question.says(none, context.language)))
        return tuple(value for value in question.values if value in chosen) or None

    def to_json(self, question: ChoicesQuestion, value: tuple[str, ...]) -> JsonValue:
        return list(value)

    def from_json(self, question: ChoicesQuestion, data: object) -> tuple[str, ...]:
        if not isinstance(data, list) or not data or not all(isinstance(value, str) for value in data):
            raise ValueError("expected a list of options")
        if data != [value for value in question.values if value in data]:
            raise ValueError("expected options of the question, each once, in its order")
        if question.none_option in data and len(data) > 1:
            raise ValueError("the option for none goes with no other")
        return tuple(data)

    def summary(
        self, question: ChoicesQuestion, value: tuple[str, ...], language: str
    ) -> tuple[str | Message, ...]:
        return tuple(question.says(chosen, language) for chosen in value)

    def json_schema(self, question: ChoicesQuestion) -> Mapping[str, JsonValue]:
        return {
            "type": "array",
            "items": {"type": "string", "enum": list(question.values)},
            "uniqueItems": True,
            "minItems": 1,
        }

    def raw_of_json(self, question: ChoicesQuestion, data: object) -> Raw:
        if not isinstance(data, list) or not all(isinstance(value, str) for value in data):
            raise ValueError("expected a list of options")
        return {"": tuple(data)}

    def expression_type(self, question: ChoicesQuestion) -> expressions.Type:
        return expressions.list_of(expressions.choice(question.values))

    def expression_value(self, question: ChoicesQuestion, value: tuple[str, ...]) -> expressions.Value:
        return value

    def raw(self, question: ChoicesQuestion, value: tuple[str, ...]) -> Raw:
        return {"": value}


kind = Choices()
