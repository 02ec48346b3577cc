"""A phone number, of this country or any other."""

from collections.abc import Mapping
from typing import Literal

from loket.forms.addresses import is_phone, read_phone, readable_phone
from loket.forms.cleaning import first
from loket.forms.plain import StringKind
from loket.forms.question import Question
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, marked


class PhoneQuestion(Question):
    kind: Literal["phone"]


class Phone(StringKind[PhoneQuestion]):
    key = "phone"
    settings = PhoneQuestion
    missing = Message(marked("Enter a phone number for “%(question)s”"))

    def parse(self, question: PhoneQuestion, raw: Raw, context: ParseContext) -> str | Problem | None:
        return read_phone(first(raw), context.country) or None

    def allows(self, question: PhoneQuestion, text: str) -> bool:
        return is_phone(text)

    def summary(self, question: PhoneQuestion, value: str, language: str) -> tuple[str | Message, ...]:
        return (readable_phone(value),)

    def json_schema(self, question: PhoneQuestion) -> Mapping[str, JsonValue]:
        return {"type": "string", "pattern": r"^\+[1-9][0-9]{3,16}$"}

    def raw(self, question: PhoneQuestion, value: str) -> Raw:
        return {"": (readable_phone(value),)}


kind = Phone()
