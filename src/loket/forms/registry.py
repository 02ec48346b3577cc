"""The plug-in protocol of question kinds, and the kinds there are."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from loket import expressions
from loket.forms.question import Question
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.centres import Centre
from loket.kernel.registry import Registry
from loket.kernel.text import Message

Q = TypeVar("Q", bound=Question)
V = TypeVar("V")


class QuestionKind(ABC, Generic[Q, V]):
    """How a kind of question is read, stored, shown and bound.

    `settings` is the kind's own Question model, whose `kind` is a Literal of `key`. `missing` is said
    where a required question was left empty (parameter: question), at the part `focus`. A kind that
    doesn't `ask` (a note) has no answer at all; one not `asked_again` can't be part of a question back.
    """

    key: str
    settings: type[Q]
    missing: Message
    focus: str = ""
    asks: bool = True
    asked_again: bool = True

    @abstractmethod
    def parse(self, question: Q, raw: Raw, context: ParseContext) -> V | Problem | None:
        """The answer; None where every field is empty. Never raises, whatever was submitted."""

    @abstractmethod
    def to_json(self, question: Q, value: V) -> JsonValue: ...

    @abstractmethod
    def from_json(self, question: Q, data: object) -> V:
        """The inverse of `to_json`. Raises ValueError on anything else."""

    @abstractmethod
    def summary(self, question: Q, value: V, language: str) -> tuple[str | Message, ...]:
        """The lines of the answer on the page to check answers."""

    def summary_among(
        self, question: Q, value: V, language: str, centres: tuple[Centre, ...]
    ) -> tuple[str | Message, ...]:
        """The same, for a kind whose answer names one of the agency's centres."""
        return self.summary(question, value, language)

    def lapsed(self, question: Q, value: V, language: str, centres: tuple[Centre, ...]) -> Problem | None:
        """Why an answer that was once taken can't be sent any more."""
        return None

    @abstractmethod
    def json_schema(self, question: Q) -> Mapping[str, JsonValue]:
        """A JSON Schema (2020-12) that accepts exactly the shape of `to_json`."""

    def raw_of_json(self, question: Q, data: object) -> Raw:
        """The fields that an answer sent as JSON fills in; `parse` then judges it like a typed one.

        Takes whatever `sent_schema` describes. Raises ValueError on any other shape.
        """
        if isinstance(data, bool) or not isinstance(data, str | int):
            raise ValueError("expected a text or a whole number")
        return {"": (str(data),)}

    def sent_schema(self, question: Q) -> Mapping[str, JsonValue]:
        """A JSON Schema of what programs send; it may take less than is stored."""
        return self.json_schema(question)

    @abstractmethod
    def expression_type(self, question: Q) -> expressions.Type: ...

    @abstractmethod
    def expression_value(self, question: Q, value: V) -> expressions.Value: ...

    @abstractmethod
    def raw(self, question: Q, value: V) -> Raw:
        """The fields that would give this value again, for showing the question with its answer."""

    def expressions(self, question: Q) -> Mapping[str, tuple[str, expressions.Type]]:
        """Expressions in the kind's settings: source and expected type by name.

        Their values arrive in `ParseContext.settings`. They may name questions asked earlier.
        """
        return {}


# Which settings go with which kind is the discriminator's business, not the type checker's.
AnyKind: TypeAlias = QuestionKind[Any, Any]
KINDS: Registry[AnyKind] = Registry("loket.forms.kinds", "kind", "kind")

# Faces load `kinds/<key>/question.html` and `kinds/wiring.html` from here under the prefix `kinds`.
TEMPLATES = Path(__file__).parent / "kinds"
