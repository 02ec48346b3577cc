"""A postal address, in parts that suit most countries."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Literal

from loket import expressions
from loket.forms.cleaning import clean, first
from loket.forms.question import Question
from loket.forms.registry import QuestionKind
from loket.forms.types import Address, JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message, marked

NO_STREET = Message(marked("Enter the street and number, or the building"))
NO_TOWN = Message(marked("Enter the town or city"))
NO_POSTCODE = Message(marked("Enter the postcode"))
NO_COUNTRY = Message(marked("Enter the country"))

_PARTS = tuple(part.name for part in fields(Address))
_LIMITS = {"postcode": 20}
_LIMIT = 200


class AddressQuestion(Question):
    """Street and town are always needed. `country` asks for the country too."""

    kind: Literal["address"]
    postcode: Literal["required", "optional", "not_asked"] = "optional"
    country: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        unasked = {"postcode"} if self.postcode == "not_asked" else set()
        return tuple(part for part in _PARTS if part not in unasked and (part != "country" or self.country))

    @property
    def needed(self) -> Mapping[str, Message]:
        """What to say where a part that can't be left empty was."""
        needed = {"line1": NO_STREET, "town": NO_TOWN}
        if self.postcode == "required":
            needed["postcode"] = NO_POSTCODE
        if self.country:
            needed["country"] = NO_COUNTRY
        return needed


class AddressKind(QuestionKind[AddressQuestion, Address]):
    key = "address"
    settings = AddressQuestion
    missing = Message(marked("Enter an address for “%(question)s”"))
    focus = "line1"

    def parse(self, question: AddressQuestion, raw: Raw, context: ParseContext) -> Address | Problem | None:
        cleaned: dict[str, str] = {}
        for part in question.parts:
            text = clean(first(raw, part), limit=_LIMITS.get(part, _LIMIT))
            if isinstance(text, Problem):
                return Problem(text.message, part)
            cleaned[part] = text
        if not any(cleaned.values()):
            return None
        for part, message in question.needed.items():
            if not cleaned[part]:
                return Problem(message, part)
        return Address(**cleaned)

    def to_json(self, question: AddressQuestion, value: Address) -> JsonValue:
        return asdict(value)

    def from_json(self, question: AddressQuestion, data: object) -> Address:
        if not isinstance(data, Mapping) or set(data) != set(_PARTS):
            raise ValueError("expected the parts of an address")
        if not all(isinstance(text, str) and _is_kept(part, text) for part, text in data.items()):
            raise ValueError("expected texts as they are kept")
        address = Address(**data)
        asked, needed = question.parts, question.needed
        if any(not data[part] for part in needed) or any(data[part] for part in _PARTS if part not in asked):
            raise ValueError("parts are missing, or not asked for")
        return address

    def summary(self, question: AddressQuestion, value: Address, language: str) -> tuple[str | Message, ...]:
        lines = (value.line1, value.line2, value.town, value.region, value.postcode, value.country)
        return tuple(line for line in lines if line)

    def json_schema(self, question: AddressQuestion) -> Mapping[str, JsonValue]:
        properties: dict[str, JsonValue] = {
            part: {
                "type": "string",
                "minLength": int(part in question.needed),
                "maxLength": _LIMITS.get(part, _LIMIT) if part in question.parts else 0,
            }
            for part in _PARTS
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(_PARTS),
            "additionalProperties": False,
        }

    def raw_of_json(self, question: AddressQuestion, data: object) -> Raw:
        if not isinstance(data, Mapping) or not set(data) <= set(question.parts):
            raise ValueError("expected the parts of an address that are asked for")
        if not all(isinstance(text, str) for text in data.values()):
            raise ValueError("expected texts")
        return {part: (text,) for part, text in data.items()}

    def sent_schema(self, question: AddressQuestion) -> Mapping[str, JsonValue]:
        properties: dict[str, JsonValue] = {
            part: {"type": "string", "maxLength": _LIMITS.get(part, _LIMIT)} for part in question.parts
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(question.needed),
            "additionalProperties": False,
        }

    def expression_type(self, question: AddressQuestion) -> expressions.Type:
        return expressions.record(dict.fromkeys(question.parts, expressions.TEXT))

    def expression_value(self, question: AddressQuestion, value: Address) -> expressions.Value:
        return {part: getattr(value, part) for part in question.parts}

    def raw(self, question: AddressQuestion, value: Address) -> Raw:
        return {part: (getattr(value, part),) for part in question.parts}


def _is_kept(part: str, text: str) -> bool:
    return clean(text, limit=_LIMITS.get(part, _LIMIT)) == text


kind = AddressKind()
