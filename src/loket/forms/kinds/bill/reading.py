"""A bill as form fields and as JSON: whole and well formed, or nothing."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from loket.forms.cleaning import first, is_clean
from loket.forms.types import BillRef, Raw
from loket.kernel.money import Money

NUMBER_LIMIT, TEXT_LIMIT, ID_LIMIT, LANGUAGE_LIMIT = 60, 500, 100, 20
MOST_LANGUAGES = 20
AMOUNT_PATTERN = r"^[0-9]{1,12}(\.[0-9]{1,3})?$"

# Our own patterns, over short texts.
_AMOUNT = re.compile(AMOUNT_PATTERN, re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_STATES = ("open", "paid", "contested", "cancelled")
_LIMITS = {"id": ID_LIMIT, "number": NUMBER_LIMIT, "fact": NUMBER_LIMIT}


def read_bill(raw: Raw) -> BillRef | None:
    """None unless every field is as a register would give it."""
    texts = {part: first(raw, part) for part in (*_LIMITS, "place", "currency", "state", "amount")}
    what = _what(raw.get("language", ()), raw.get("what", ()))
    issued_on, due_on = _day(first(raw, "issued_on")), _day(first(raw, "due_on"))
    if not what or issued_on is None or due_on is None or not _are_good(texts):
        return None
    return BillRef(
        id=texts["id"],
        number=texts["number"],
        fact=texts["fact"],
        amount=Money(Decimal(texts["amount"]), texts["currency"]),
        what=what,
        place=texts["place"],
        issued_on=issued_on,
        due_on=due_on,
        state=texts["state"],
    )


def raw_of_bill(bill: BillRef) -> Raw:
    """The fields, those of the register among them."""
    return {
        "id": (bill.id,),
        "number": (bill.number,),
        "fact": (bill.fact,),
        "amount": (str(bill.amount.amount),),
        "currency": (bill.amount.currency,),
        "language": tuple(language for language, _ in bill.what),
        "what": tuple(text for _, text in bill.what),
        "place": (bill.place,),
        "issued_on": (bill.issued_on.isoformat(),),
        "due_on": (bill.due_on.isoformat(),),
        "state": (bill.state,),
    }


def stored_bill(data: object) -> BillRef | None:
    if not isinstance(data, Mapping):
        return None
    texts = {part: text for part, text in data.items() if part != "what"}
    what = data.get("what")
    if not isinstance(what, Mapping):
        return None
    if not all(isinstance(text, str) for text in (*texts.values(), *what, *what.values())):
        return None
    fields = {str(part): (str(text),) for part, text in texts.items()}
    return read_bill({**fields, "language": tuple(what), "what": tuple(what.values())})


def _are_good(texts: Mapping[str, str]) -> bool:
    return (
        all(is_clean(texts[part], limit=limit) for part, limit in _LIMITS.items())
        and (not texts["place"] or is_clean(texts["place"], limit=TEXT_LIMIT))
        and texts["state"] in _STATES
        # `fullmatch`, for `$` lets a line end pass.
        and bool(_AMOUNT.fullmatch(texts["amount"]))
        and bool(_CURRENCY.fullmatch(texts["currency"]))
    )


def _what(languages: Sequence[str], texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    if len(languages) != len(texts) or len(set(languages)) != len(languages):
        return ()
    pairs = tuple(zip(languages, texts, strict=True))
    good = all(
        is_clean(language, limit=LANGUAGE_LIMIT) and is_clean(text, limit=TEXT_LIMIT)
        for language, text in pairs
    )
    return pairs if good and len(pairs) <= MOST_LANGUAGES else ()


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
