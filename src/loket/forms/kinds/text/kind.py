"""One line of text."""

from collections.abc import Mapping
from typing import Annotated, Literal

import re2
from pydantic import AfterValidator, Field

from loket.forms.cleaning import clean, first, is_clean
from loket.forms.plain import StringKind, said
from loket.forms.question import LocalText, Question
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, marked

WRONG_FORM = Message(marked("Enter your answer in the form that is asked for"))


def _is_pattern(source: str) -> str:
    try:
        re2.compile(source)
    except re2.error as wrong:
        raise ValueError(f"the pattern can't be read: {wrong}") from wrong
    return source


class TextQuestion(Question):
    """`pattern` is RE2 and must match the whole answer; `pattern_message` says what is expected.
    `width` is the number of letters that the field shows."""

    kind: Literal["text"]
    max_length: int = Field(default=200, ge=1, le=1_000)
    pattern: Annotated[str, Field(max_length=500), AfterValidator(_is_pattern)] | None = None
    pattern_message: LocalText | None = None
    autocomplete: Annotated[str, Field(pattern=r"^[a-z][a-z0-9 -]{0,60}$")] | None = None
    input_mode: Literal["text", "numeric", "decimal", "tel", "email", "url", "search"] | None = None
    width: Literal[2, 3, 4, 5, 10, 20] | None = None


class Text(StringKind[TextQuestion]):
    key = "text"
    settings = TextQuestion
    missing = Message(marked("Enter an answer to “%(question)s”"))

    def parse(self, question: TextQuestion, raw: Raw, context: ParseContext) -> str | Problem | None:
        text = clean(first(raw), limit=question.max_length)
        if isinstance(text, Problem) or not text:
            return text or None
        if question.pattern is None or re2.fullmatch(question.pattern, text):
            return text
        if question.pattern_message is None:
            return Problem(WRONG_FORM)
        return said(question.pattern_message, context.language)

    def allows(self, question: TextQuestion, text: str) -> bool:
        if not is_clean(text, limit=question.max_length):
            return False
        return question.pattern is None or re2.fullmatch(question.pattern, text) is not None

    def json_schema(self, question: TextQuestion) -> Mapping[str, JsonValue]:
        return {"type": "string", "minLength": 1, "maxLength": question.max_length}


kind = Text()
