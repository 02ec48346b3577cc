"""E-mail addresses and phone numbers: what several kinds read."""

import phonenumbers
import re2

from loket.forms.cleaning import ascii_digits, clean
from loket.forms.types import Problem
from loket.kernel.text import Message, marked

EMAIL_LIMIT = 254
EMAIL_WRONG = Message(marked("Enter an email address in the correct format, for example name@example.com"))
PHONE_WRONG = Message(marked("Enter a phone number, for example %(example)s"))
PHONE_COUNTRY = Message(
    marked("Start the phone number with + and the country code, for example +254 712 345 678")
)

# Deliverable in practice: an ordinary local part (also in other scripts, RFC 6531) and a domain with a dot.
_LOCAL = re2.compile(r"[\pL\pM\pN!#$%&'*+/=?^_`{|}~-]+(\.[\pL\pM\pN!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re2.compile(r"[\pL\pN]([\pL\pM\pN-]*[\pL\pM\pN])?")
_LOCAL_LIMIT, _LABEL_LIMIT, _DOMAIN_LIMIT = 64, 63, 253
_E164 = re2.compile(r"\+[1-9][0-9]{3,16}")
_PHONE_LIMIT = 40
_ANY_COUNTRY_EXAMPLE = "+254 712 345 678"


def read_email(typed: str) -> str | Problem:
    """The address to write to, its domain in lower case; "" for nothing. A link or a <…> around it goes."""
    text = clean(typed, limit=EMAIL_LIMIT)
    if isinstance(text, Problem) or not text:
        return text
    text = text.removeprefix("mailto:").strip("<>, ;")
    local, _, domain = text.rpartition("@")
    domain = domain.rstrip(".").lower()
    if not _LOCAL.fullmatch(local) or len(local) > _LOCAL_LIMIT or not _is_domain(domain):
        return Problem(EMAIL_WRONG)
    address = f"{local}@{domain}"
    # Lower-casing can lengthen or denormalise a few letters; such an address is no address.
    return address if clean(address, limit=EMAIL_LIMIT) == address else Problem(EMAIL_WRONG)


def read_phone(typed: str, country: str) -> str | Problem:
    """The number in E.164; "" for nothing. Without + it is one of `country`'s numbers."""
    text = clean(typed, limit=_PHONE_LIMIT)
    if isinstance(text, Problem):
        return text if len(typed) <= _PHONE_LIMIT else _phone_wrong(country)
    if not text:
        return text
    digits = ascii_digits(text)
    number = _parsed(digits, country)
    if digits.startswith("00") and (number is None or not phonenumbers.is_valid_number(number)):
        # The world's usual prefix for calling abroad, also where the country's own is another.
        number = _parsed(f"+{digits[2:]}", country) or number
    # Numbers newer than the numbering data are possible without being known as valid: take them.
    if number is None or not phonenumbers.is_possible_number(number) or number.extension:
        wanting = not country and digits[0] in "0123456789"
        return Problem(PHONE_COUNTRY) if wanting else _phone_wrong(country)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164 if _reads_back(e164) else _phone_wrong(country)


def is_phone(text: str) -> bool:
    """Whether it is a stored number. Numbering plans change; what was taken once stays readable."""
    return _E164.fullmatch(text) is not None


def is_email(text: str) -> bool:
    return read_email(text) == text != ""


def readable_phone(e164: str) -> str:
    """`+254712345678` as `+254 712 345678`; as it is where its country code is unknown."""
    number = _parsed(e164, "")
    if number is None:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _parsed(digits: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(digits, country.upper() or None)
    except phonenumbers.NumberParseException:
        return None


def _reads_back(e164: str) -> bool:
    """Whether the number means itself: one with too many leading zeros loses one at every reading."""
    again = phonenumbers.parse(e164)
    return phonenumbers.format_number(again, phonenumbers.PhoneNumberFormat.E164) == e164


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    if len(labels) < 2 or len(domain) > _DOMAIN_LIMIT or labels[-1].isdigit():
        return False
    return all(len(label) <= _LABEL_LIMIT and _LABEL.fullmatch(label) for label in labels) and _encodes(
        domain
    )


def _encodes(domain: str) -> bool:
    try:
        return len(domain.encode("idna")) <= _DOMAIN_LIMIT
    except UnicodeError:
        return False


def _phone_wrong(country: str) -> Problem:
    mobile = phonenumbers.PhoneNumberType.MOBILE
    sample = phonenumbers.example_number_for_type(country.upper(), mobile) if country else None
    if sample is None:
        return Problem(PHONE_WRONG.with_params(example=_ANY_COUNTRY_EXAMPLE))
    national = phonenumbers.format_number(sample, phonenumbers.PhoneNumberFormat.NATIONAL)
    return Problem(PHONE_WRONG.with_params(example=national))
