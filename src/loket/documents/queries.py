"""Checking certificates, and the keys to do it with."""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from loket.documents import payload as codes
from loket.documents import signing
from loket.documents.models import Certificate, SigningKey
from loket.documents.payload import NotGenuine
from loket.documents.types import Checked, PublicKey, RegisterEntry, Status, Verdict, WithdrawalReason
from loket.identity import queries as identity
from loket.kernel.ids import normalised_number


def verify(payload: str, now: datetime) -> Checked:
    """What is to be said of the payload of a code: two statements, none where it can't be one."""
    try:
        signed = codes.check(payload, signing.every_public())
    except NotGenuine:
        return Checked(Verdict.ALTERED)
    row = Certificate.objects.filter(number=signed.statement.number).first()
    if row is None or bytes(row.digest) != digest(payload):
        return Checked(Verdict.UNKNOWN, signed.statement)
    return Checked(_verdict(row, now), signed.statement, _entry(row))


def look_up(number: str, now: datetime) -> Checked:
    """What the register says of a number that was typed; it can't say whose it is."""
    typed = normalised_number(number)
    row = Certificate.objects.filter(number=typed).first() if typed else None
    if row is None:
        return Checked(Verdict.UNKNOWN)
    return Checked(_verdict(row, now), entry=_entry(row))


def entries(numbers: frozenset[str]) -> dict[str, RegisterEntry]:
    """One statement, none for no numbers."""
    if not numbers:
        return {}
    return {row.number: _entry(row) for row in Certificate.objects.filter(number__in=numbers)}


def public_keys() -> tuple[PublicKey, ...]:
    """Every key that ever signed, the latest first."""
    rows = SigningKey.objects.order_by("-made_at", "id")
    return tuple(PublicKey(row.id, bytes(row.public).hex(), row.made_at, row.retired_at) for row in rows)


def digest(payload: str) -> bytes:
    return hashlib.sha256(payload.encode()).digest()


def _verdict(row: Certificate, now: datetime) -> Verdict:
    if row.status == Status.REVOKED:
        return Verdict.REVOKED
    if row.status == Status.REPLACED:
        return Verdict.REPLACED
    today = now.astimezone(ZoneInfo(identity.agency_known(row.agency_id).timezone)).date()
    return Verdict.EXPIRED if row.expires_on and row.expires_on < today else Verdict.VALID


def _entry(row: Certificate) -> RegisterEntry:
    return RegisterEntry(
        number=row.number,
        agency_id=row.agency_id,
        key=row.key,
        title=row.title,
        labels=row.labels,
        status=Status(row.status),
        issued_on=row.issued_on,
        expires_on=row.expires_on,
        withdrawn_at=row.withdrawn_at,
        reason=WithdrawalReason(row.reason) if row.reason else None,
    )
