"""A bill or fine, found by its number and one fact printed on it.

Only `number` and `fact` may come from the browser. The other fields say what was found and must come from
the register, or somebody could name their own price.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from loket import expressions
from loket.forms.cleaning import clean, first
from loket.forms.kinds.bill.reading import (
    AMOUNT_PATTERN,
    ID_LIMIT,
    LANGUAGE_LIMIT,
    MOST_LANGUAGES,
    NUMBER_LIMIT,
    TEXT_LIMIT,
    raw_of_bill,
    read_bill,
    stored_bill,
)
from loket.forms.question import LocalText, Question
from loket.forms.registry import QuestionKind
from loket.forms.types import BillRef, JsonValue, ParseContext, Problem, Raw
from loket.forms.wording import amount, long_date
from loket.kernel.text import Message, in_language, marked

NO_NUMBER = Message(marked("Enter the number"))
NO_FACT = Message(marked("Fill in both fields: with the number alone we can’t look it up"))
NOT_FOUND = Message(
    marked(
        "We found nothing for “%(number)s” with “%(fact)s”. Both are kept below: please check them sign "
        "by sign. A new one can take a day to appear here"
    )
)
WHY_NOT = {
    "paid": Message(marked("“%(number)s” is paid already. You don’t need to do anything more")),
    "contested": Message(
        marked("“%(number)s” is being looked at again. Please wait for the decision before you pay")
    ),
    "cancelled": Message(marked("“%(number)s” was cancelled. There is nothing to pay")),
}
BROKEN = Message(marked("Something went wrong with the search. Please try again"))

SAYS_WHAT = Message(marked("What for: %(text)s"))
SAYS_PLACE = Message(marked("Where: %(text)s"))
SAYS_ISSUED = Message(marked("When: %(text)s"))
SAYS_AMOUNT = Message(marked("Amount: %(text)s"))
SAYS_DUE = Message(marked("Pay by: %(text)s"))

OPEN = "open"
TYPED = ("number", "fact")
_SLUG = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"


class BillQuestion(Question):
    """`register` names the agency's list to look in, `takes` the states a bill may be in, by default open."""

    kind: Literal["bill"]
    # pydantic's own `register` is in the way of that name.
    look_in: Annotated[str, Field(alias="register"), StringConstraints(pattern=_SLUG, max_length=60)]
    number_label: LocalText
    number_hint: LocalText | None = None
    fact_label: LocalText
    fact_hint: LocalText | None = None
    takes: tuple[Literal["open", "paid", "contested", "cancelled"], ...] = Field(("open",), min_length=1)

    def found(self, raw: Raw, language: str) -> tuple[Message, ...]:
        """What was found, as fields give it, to be shown; nothing where nothing was."""
        bill = read_bill(raw)
        return _told(bill, language) if bill else ()


class Bill(QuestionKind[BillQuestion, BillRef]):
    key = "bill"
    settings = BillQuestion
    missing = Message(marked("Fill in both fields for “%(question)s”"))
    focus = "number"
    # What was paid or contested is settled with the application.
    asked_again = False

    def parse(self, question: BillQuestion, raw: Raw, context: ParseContext) -> BillRef | Problem | None:
        typed = {}
        for part in TYPED:
            text = clean(first(raw, part), limit=NUMBER_LIMIT)
            if isinstance(text, Problem):
                return Problem(text.message, part)
            typed[part] = text
        if not all(typed.values()):
            if not any(typed.values()):
                return None
            return Problem(NO_FACT, "fact") if typed["number"] else Problem(NO_NUMBER, "number")
        bill = read_bill(raw)
        if bill is None:
            broken = bool(first(raw, "id"))
            return Problem(BROKEN if broken else NOT_FOUND.with_params(**typed), "number")
        return bill if bill.state in question.takes else Problem(why_not(bill.state, bill.number), "number")

    def to_json(self, question: BillQuestion, value: BillRef) -> JsonValue:
        return {
            "id": value.id,
            "number": value.number,
            "fact": value.fact,
            "amount": str(value.amount.amount),
            "currency": value.amount.currency,
            "what": dict(value.what),
            "place": value.place,
            "issued_on": value.issued_on.isoformat(),
            "due_on": value.due_on.isoformat(),
            "state": value.state,
        }

    def from_json(self, question: BillQuestion, data: object) -> BillRef:
        bill = stored_bill(data)
        if bill is None or self.to_json(question, bill) != data or bill.state not in question.takes:
            raise ValueError("expected a bill as it was found")
        return bill

    def summary(self, question: BillQuestion, value: BillRef, language: str) -> tuple[str | Message, ...]:
        return (value.number, value.fact, *_told(value, language))

    def json_schema(self, question: BillQuestion) -> Mapping[str, JsonValue]:
        day: JsonValue = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
        texts: dict[str, JsonValue] = {
            part: {"type": "string", "minLength": 1, "maxLength": limit}
            for part, limit in (("id", ID_LIMIT), ("number", NUMBER_LIMIT), ("fact", NUMBER_LIMIT))
        }
        properties: dict[str, JsonValue] = {
            **texts,
            "amount": {"type": "string", "pattern": AMOUNT_PATTERN},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "what": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": MOST_LANGUAGES,
                "propertyNames": {"minLength": 1, "maxLength": LANGUAGE_LIMIT},
                "additionalProperties": {"type": "string", "minLength": 1, "maxLength": TEXT_LIMIT},
            },
            "place": {"type": "string", "maxLength": TEXT_LIMIT},
            "issued_on": day,
            "due_on": day,
            "state": {"type": "string", "enum": list(question.takes)},
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def raw_of_json(self, question: BillQuestion, data: object) -> Raw:
        if not isinstance(data, Mapping) or not set(data) <= set(TYPED):
            raise ValueError("expected a number and a fact")
        if not all(isinstance(text, str) for text in data.values()):
            raise ValueError("expected texts")
        return {part: (text,) for part, text in data.items()}

    def sent_schema(self, question: BillQuestion) -> Mapping[str, JsonValue]:
        text: JsonValue = {"type": "string", "minLength": 1, "maxLength": NUMBER_LIMIT}
        return {
            "type": "object",
            "properties": dict.fromkeys(TYPED, text),
            "required": list(TYPED),
            "additionalProperties": False,
        }

    def expression_type(self, question: BillQuestion) -> expressions.Type:
        return expressions.record(
            {
                "number": expressions.TEXT,
                "amount": expressions.MONEY,
                "currency": expressions.TEXT,
                "place": expressions.TEXT,
                "issued_on": expressions.DATE,
                "due_on": expressions.DATE,
                "state": expressions.choice((OPEN, *WHY_NOT)),
            }
        )

    def expression_value(self, question: BillQuestion, value: BillRef) -> expressions.Value:
        return {
            "number": value.number,
            "amount": value.amount,
            "currency": value.amount.currency,
            "place": value.place,
            "issued_on": value.issued_on,
            "due_on": value.due_on,
            "state": value.state,
        }

    def raw(self, question: BillQuestion, value: BillRef) -> Raw:
        return raw_of_bill(value)


def why_not(state: str, number: str) -> Message:
    """Why a bill in this state can't be dealt with here."""
    return WHY_NOT.get(state, BROKEN).with_params(number=number)


def _told(bill: BillRef, language: str) -> tuple[Message, ...]:
    """What for, where, when, how much and until when."""
    lines = [SAYS_WHAT.with_params(text=in_language(dict(bill.what), language))]
    if bill.place:
        lines.append(SAYS_PLACE.with_params(text=bill.place))
    return (
        *lines,
        SAYS_ISSUED.with_params(text=long_date(bill.issued_on, language)),
        SAYS_AMOUNT.with_params(text=amount(bill.amount, language)),
        SAYS_DUE.with_params(text=long_date(bill.due_on, language)),
    )


kind = Bill()
