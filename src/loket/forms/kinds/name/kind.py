"""A person's name in one field: any script, any shape."""

from collections.abc import Mapping
from typing import Literal

from loket.forms.cleaning import clean, first, is_clean
from loket.forms.plain import StringKind
from loket.forms.question import Question
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, marked

_LIMIT = 200


class NameQuestion(Question):
    """`of` is whose name it is: the person's own may be filled in by the browser."""

    kind: Literal["name"]
    of: Literal["self", "other"] = "self"


class Name(StringKind[NameQuestion]):
    key = "name"
    settings = NameQuestion
    missing = Message(marked("Enter a name for “%(question)s”"))

    def parse(self, question: NameQuestion, raw: Raw, context: ParseContext) -> str | Problem | None:
        return clean(first(raw), limit=_LIMIT) or None

    def allows(self, question: NameQuestion, text: str) -> bool:
        return is_clean(text, limit=_LIMIT)

    def json_schema(self, question: NameQuestion) -> Mapping[str, JsonValue]:
        return {"type": "string", "minLength": 1, "maxLength": _LIMIT}


kind = Name()
