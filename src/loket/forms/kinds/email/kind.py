"""An e-mail address."""

from collections.abc import Mapping
from typing import Literal

from loket.forms.addresses import EMAIL_LIMIT, is_email, read_email
from loket.forms.cleaning import first
from loket.forms.plain import StringKind
from loket.forms.question import Question
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, marked


class EmailQuestion(Question):
    kind: Literal["email"]


class Email(StringKind[EmailQuestion]):
    key = "email"
    settings = EmailQuestion
    missing = Message(marked("Enter an email address for “%(question)s”"))

    def parse(self, question: EmailQuestion, raw: Raw, context: ParseContext) -> str | Problem | None:
        return read_email(first(raw)) or None

    def allows(self, question: EmailQuestion, text: str) -> bool:
        return is_email(text)

    def json_schema(self, question: EmailQuestion) -> Mapping[str, JsonValue]:
        return {"type": "string", "format": "idn-email", "minLength": 3, "maxLength": EMAIL_LIMIT}


kind = Email()
