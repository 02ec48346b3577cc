"""Where updates go: e-mail, text message, or neither."""

from collections.abc import Mapping
from typing import Literal

from loket import expressions
from loket.forms.addresses import is_email, is_phone, read_email, read_phone, readable_phone
from loket.forms.cleaning import first
from loket.forms.question import Question
from loket.forms.registry import QuestionKind
from loket.forms.types import Channel, Contact, JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, marked

UNKNOWN = Message(marked("Choose one of the answers shown"))
NO_EMAIL = Message(marked("Enter the email address for updates"))
NO_PHONE = Message(marked("Enter the phone number for updates"))
ON_PAPER = Message(marked("No updates: a number on paper"))

_PARTS = {Channel.EMAIL: "email", Channel.SMS: "phone"}


class ContactQuestion(Question):
    """A person with neither address can always say so."""

    kind: Literal["contact"]


class ContactKind(QuestionKind[ContactQuestion, Contact]):
    key = "contact"
    settings = ContactQuestion
    missing = Message(marked("Choose where we should send updates"))

    def parse(self, question: ContactQuestion, raw: Raw, context: ParseContext) -> Contact | Problem | None:
        chosen = first(raw)
        if not chosen:
            return _unchosen(raw, context)
        if chosen not in set(Channel):
            return Problem(UNKNOWN)
        return _read(Channel(chosen), raw, context)

    def to_json(self, question: ContactQuestion, value: Contact) -> JsonValue:
        return {"channel": value.channel.value, "address": value.address}

    def from_json(self, question: ContactQuestion, data: object) -> Contact:
        match data:
            case {"channel": str(channel), "address": str(address), **rest} if not rest:
                contact = Contact(Channel(channel), address)
            case _:
                raise ValueError("expected a channel and an address")
        if not _fits(contact):
            raise ValueError("the address doesn't belong to the channel")
        return contact

    def summary(self, question: ContactQuestion, value: Contact, language: str) -> tuple[str | Message, ...]:
        if value.channel is Channel.NONE:
            return (ON_PAPER,)
        return (readable_phone(value.address) if value.channel is Channel.SMS else value.address,)

    def json_schema(self, question: ContactQuestion) -> Mapping[str, JsonValue]:
        return {
            "type": "object",
            "properties": {
                "channel": {"type": "string", "enum": [channel.value for channel in Channel]},
                "address": {"type": "string", "maxLength": 254},
            },
            "required": ["channel", "address"],
            "additionalProperties": False,
        }

    def raw_of_json(self, question: ContactQuestion, data: object) -> Raw:
        match data:
            case {"channel": str(channel), **rest} if set(rest) <= {"address"}:
                address = rest.get("address", "")
            case _:
                raise ValueError("expected a channel and an address")
        if not isinstance(address, str):
            raise ValueError("expected a text as address")
        if channel not in set(Channel) or Channel(channel) is Channel.NONE:
            return {"": (channel,)}
        return {"": (channel,), _PARTS[Channel(channel)]: (address,)}

    def sent_schema(self, question: ContactQuestion) -> Mapping[str, JsonValue]:
        return {**self.json_schema(question), "required": ["channel"]}

    def expression_type(self, question: ContactQuestion) -> expressions.Type:
        channels = expressions.choice(tuple(channel.value for channel in Channel))
        return expressions.record({"channel": channels, "address": expressions.TEXT})

    def expression_value(self, question: ContactQuestion, value: Contact) -> expressions.Value:
        return {"channel": value.channel.value, "address": value.address}

    def raw(self, question: ContactQuestion, value: Contact) -> Raw:
        if value.channel is Channel.NONE:
            return {"": (value.channel.value,)}
        shown = readable_phone(value.address) if value.channel is Channel.SMS else value.address
        return {"": (value.channel.value,), _PARTS[value.channel]: (shown,)}


def _unchosen(raw: Raw, context: ParseContext) -> Contact | Problem | None:
    """Without JavaScript both fields are in sight: who fills in one need not also tick it."""
    filled = [channel for channel, part in _PARTS.items() if first(raw, part).strip()]
    return _read(filled[0], raw, context) if len(filled) == 1 else None


def _read(channel: Channel, raw: Raw, context: ParseContext) -> Contact | Problem:
    if channel is Channel.NONE:
        return Contact(channel)
    part = _PARTS[channel]
    typed = first(raw, part)
    read = read_email(typed) if channel is Channel.EMAIL else read_phone(typed, context.country)
    if isinstance(read, Problem):
        return Problem(read.message, part)
    if not read:
        return Problem(NO_EMAIL if channel is Channel.EMAIL else NO_PHONE, part)
    return Contact(channel, read)


def _fits(contact: Contact) -> bool:
    if contact.channel is Channel.NONE:
        return contact.address == ""
    return is_email(contact.address) if contact.channel is Channel.EMAIL else is_phone(contact.address)


kind = ContactKind()
