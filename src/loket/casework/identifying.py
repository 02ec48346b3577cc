"""Keyed digests of what an applicant knows: the contact they gave, or the PIN on their paper."""

import phonenumbers
from django.conf import settings

from loket.forms.types import Answers, Channel, Contact
from loket.privacy.actions import digest

# No address or number that can be stored is longer.
_MOST_TYPED = 254


def contact_in(answers: Answers) -> Contact:
    """The first contact that was given; none where none was."""
    given = [answer for answer in answers.values() if isinstance(answer, Contact)]
    return next((contact for contact in given if contact.address), Contact(Channel.NONE))


def contact_digest(contact: Contact) -> bytes:
    """Tells whether two contacts are the same, so that people can find all of their cases."""
    return digest("contact", contact.address.strip().casefold())


def pin_digest(reference: str, pin: str) -> bytes:
    return digest("case-pin", f"{reference}:{pin}")


def typed_contact_digest(typed: str) -> bytes:
    """The digest of what someone typed as e-mail address or phone number."""
    typed = typed.strip()[:_MOST_TYPED]
    if "@" in typed:
        return contact_digest(Contact(Channel.EMAIL, typed))
    return contact_digest(Contact(Channel.SMS, _e164(typed)))


def typed_pin_digest(reference: str, typed: str) -> bytes:
    return pin_digest(reference, "".join(str(int(sign)) for sign in typed[:40] if sign.isdecimal()))


def _e164(typed: str) -> str:
    """As stored, where it can be a number at all. A number without a prefix is one of this country."""
    try:
        number = phonenumbers.parse(typed, settings.COUNTRY or None)
    except phonenumbers.NumberParseException:
        return typed
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
