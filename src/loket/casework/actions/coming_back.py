"""How an applicant gets back to a case: a reference with a contact, a PIN on paper, or a one-time code."""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from loket.casework import addressing, letters, sealing
from loket.casework.identifying import typed_contact_digest, typed_pin_digest
from loket.casework.models import Case, OneTimeCode
from loket.casework.refusals import CantSendCode, NoSuchCase, TooOften, WrongCode
from loket.forms.types import Channel
from loket.kernel.actors import APPLICANT
from loket.kernel.ids import new_code, new_id, normalised_reference
from loket.limits import actions as limits
from loket.privacy import actions as privacy

CODE_MINUTES = 15
_TRIES, _TRIES_PER = 10, timedelta(hours=1)
_PIN_DIGITS = 8
_CODES, _CODES_PER = 5, timedelta(hours=1)
# Each gives one row, also where there is no such case: reading a row, and making a model of it, takes longer
# than reading none, and that time would tell which references exist.
_CONTACT = (
    "SELECT id, contact_digest FROM casework_case WHERE reference = %s UNION ALL SELECT NULL, NULL LIMIT 1"
)
_PIN = "SELECT id, pin_digest FROM casework_case WHERE reference = %s UNION ALL SELECT NULL, NULL LIMIT 1"


def find_by_proof(*, reference: str, proof: str, now: datetime) -> tuple[UUID, bool]:
    """By contact or PIN, whichever it looks like; True where it was the PIN, which opens all of the case.

    Refuses NoSuchCase, TooOften.
    """
    digits = "".join(sign for sign in proof if sign.isdecimal())
    if len(digits) == _PIN_DIGITS and set(proof) - set(digits) <= set(" -"):
        return find_by_pin(reference=reference, pin=digits, now=now), True
    return find_by_contact(reference=reference, contact=proof, now=now), False


def find_by_contact(*, reference: str, contact: str, now: datetime) -> UUID:
    """The case whose reference and contact these are: opens stage and dates.

    An unknown reference and a wrong contact take the same work and get the same answer. Refuses
    NoSuchCase, TooOften.
    """
    typed = _allowed(reference, now)
    case_id, expected = _one_row(_CONTACT, typed)
    given = typed_contact_digest(contact)
    if not hmac.compare_digest(expected, given) or case_id is None:
        raise NoSuchCase()
    return case_id


def find_by_pin(*, reference: str, pin: str, now: datetime) -> UUID:
    """The case whose reference and PIN these are: opens all of it. Refuses NoSuchCase, TooOften."""
    typed = _allowed(reference, now)
    case_id, expected = _one_row(_PIN, typed)
    if not hmac.compare_digest(expected, typed_pin_digest(typed, pin)) or case_id is None:
        raise NoSuchCase()
    return case_id


@transaction.atomic
def send_code(*, case_id: UUID, language: str, now: datetime) -> None:
    """Sends a six-digit code to the contact of the case. Refuses CantSendCode, TooOften."""
    case = Case.objects.filter(id=case_id, erased_at=None).first()
    if case is None:
        raise NoSuchCase()
    if not limits.take("case-code", str(case_id), limit=_CODES, per=_CODES_PER, now=now):
        raise TooOften(minutes=60)
    key = privacy.open_key(case.key_id)
    contact = sealing.contact_of(key, case)
    if contact.channel is Channel.NONE:
        raise CantSendCode()
    code = OneTimeCode(
        id=new_id(), case=case, created_at=now, expires_at=now + timedelta(minutes=CODE_MINUTES)
    )
    digits = new_code()
    code.digest = _code_digest(code.id, digits)
    code.save(force_insert=True)
    addressing.write_to(
        case,
        contact,
        letters.one_time_code(case, digits, CODE_MINUTES, language),
        purpose=letters.CODE,
        once=f"code:{code.id}",
        keep_trying=timedelta(minutes=CODE_MINUTES),
        urgent=True,
        by=APPLICANT,
        now=now,
    )


def use_code(*, case_id: UUID, code: str, now: datetime) -> None:
    """Accepts the newest code of the case, once. Refuses WrongCode, TooOften."""
    if not limits.take("case-code-try", str(case_id), limit=_TRIES, per=_TRIES_PER, now=now):
        raise TooOften(minutes=60)
    digits = "".join(str(int(sign)) for sign in code[:40] if sign.isdecimal())
    with transaction.atomic():
        newest = (
            OneTimeCode.objects.select_for_update()
            .filter(case_id=case_id)
            .order_by("-created_at", "-id")
            .first()
        )
        if newest is None or newest.used_at or newest.expires_at <= now:
            raise WrongCode()
        if not hmac.compare_digest(bytes(newest.digest), _code_digest(newest.id, digits)):
            raise WrongCode()
        newest.used_at = now
        newest.save(update_fields=["used_at"])


def _one_row(statement: str, reference: str) -> tuple[UUID | None, bytes]:
    """The case and the digest it expects; none and zeros where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [reference])
        case_id, digest = cursor.fetchone()
    return case_id, bytes(digest or bytes(32))


def _allowed(reference: str, now: datetime) -> str:
    """The reference as it must be, or a blank one that no case has. Refuses TooOften."""
    typed = normalised_reference(reference) or ""
    # What can't be a reference is counted as typed: people who mistype must not use up each other's tries.
    if not limits.take("case-track", typed or reference[:40], limit=_TRIES, per=_TRIES_PER, now=now):
        raise TooOften(minutes=60)
    return typed


def _code_digest(code_id: UUID, digits: str) -> bytes:
    return privacy.digest("one-time-code", f"{code_id}:{digits}")
