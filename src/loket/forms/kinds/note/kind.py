"""Something to read between questions; nothing is asked."""

from collections.abc import Mapping
from typing import Literal

from loket import expressions
from loket.forms.question import LocalText, Question
from loket.forms.registry import QuestionKind
from loket.forms.types import JsonValue, ParseContext, Raw
from loket.kernel.text import Message, marked


class NoteQuestion(Question):
    """`label` is the heading, `text` its paragraphs, apart by an empty line."""

    kind: Literal["note"]
    required: Literal[False] = False
    text: LocalText


class Note(QuestionKind[NoteQuestion, None]):
    key = "note"
    settings = NoteQuestion
    missing = Message(marked("Read the note"))
    asks = False

    def parse(self, question: NoteQuestion, raw: Raw, context: ParseContext) -> None:
        return None

    def to_json(self, question: NoteQuestion, value: None) -> JsonValue:
        return None

    def from_json(self, question: NoteQuestion, data: object) -> None:
        if data is not None:
            raise ValueError("a note has no answer")

    def summary(self, question: NoteQuestion, value: None, language: str) -> tuple[str | Message, ...]:
        return ()

    def json_schema(self, question: NoteQuestion) -> Mapping[str, JsonValue]:
        return {"type": "null"}

    def expression_type(self, question: NoteQuestion) -> expressions.Type:
        return expressions.NULL

    def expression_value(self, question: NoteQuestion, value: None) -> expressions.Value:
        return None

    def raw(self, question: NoteQuestion, value: None) -> Raw:
        return {}


kind = Note()
