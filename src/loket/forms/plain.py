"""Kinds whose answer is one string in one field."""

from abc import abstractmethod
from typing import Generic

from loket import expressions
from loket.forms.question import LocalText
from loket.forms.registry import Q, QuestionKind
from loket.forms.types import JsonValue, Problem, Raw
from loket.kernel.text import Message, in_language


class StringKind(QuestionKind[Q, str], Generic[Q]):
    """Stored, bound and shown as it is; a subclass says how it is read and what is allowed."""

    @abstractmethod
    def allows(self, question: Q, text: str) -> bool:
        """Whether `parse` could have given this text."""

    def to_json(self, question: Q, value: str) -> JsonValue:
        return value

    def from_json(self, question: Q, data: object) -> str:
        if not isinstance(data, str) or not self.allows(question, data):
            raise ValueError(f"no answer to {question.id}")
        return data

    def summary(self, question: Q, value: str, language: str) -> tuple[str | Message, ...]:
        return (value,)

    def expression_type(self, question: Q) -> expressions.Type:
        return expressions.TEXT

    def expression_value(self, question: Q, value: str) -> expressions.Value:
        return value

    def raw(self, question: Q, value: str) -> Raw:
        return {"": (value,)}


def said(text: LocalText, language: str, part: str = "") -> Problem:
    """A problem in the pack's own words. They are no gettext id and may hold a %: so, a parameter."""
    return Problem(Message("%(text)s", {"text": in_language(text, language)}), part)
