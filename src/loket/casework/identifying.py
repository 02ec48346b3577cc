"""Keyed digests of what an applicant knows: the contact they gave, or the PIN on their paper."""

import phonenumbers

from loket.forms.types import Channel, Contact
from loket.privacy.actions import digest


def contact_digest(reference: str, contact: Contact) -> bytes:
    return digest("contact", f"{reference}:{_normal(contact)}")


def pin_digest(reference: str, pin: str) -> bytes:
    return digest("case-pin", f"{reference}:{pin}")


def typed_contact_digest(reference: str, typed: str, country: str) -> bytes:
    """The digest of what someone typed as e-mail address or phone number."""
    typed = typed.strip()[:200]
    contact = Contact(Channel.EMAIL, typed) if "@" in typed else Contact(Channel.SMS, _e164(typed, country))
    return contact_digest(reference, contact)


def typed_pin_digest(reference: str, typed: str) -> bytes:
    return pin_digest(reference, "".join(str(int(sign)) for sign in typed[:40] if sign.isdecimal()))


def _normal(contact: Contact) -> str:
    return contact.address.strip().casefold()


def _e164(typed: str, country: str) -> str:
    try:
        number = phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException:
        return typed
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
