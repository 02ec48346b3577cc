"""Writes: setting letters, issuing and withdrawing certificates, changing keys."""

from datetime import datetime

from django.db import transaction

from loket.audit import actions as audit
from loket.documents import certifying, signing, typesetting
from loket.documents import payload as codes
from loket.documents.models import Certificate, SigningKey
from loket.documents.press.client import PRESS, TypesettingRefused
from loket.documents.queries import digest
from loket.documents.types import (
    CertificateOrder,
    Issued,
    Letter,
    Lock,
    Statement,
    Status,
    WithdrawalReason,
)
from loket.kernel.actors import Actor
from loket.kernel.ids import new_number
from loket.kernel.refusals import Refusal
from loket.privacy import actions as privacy

__all__ = [
    "NoSuchCertificate",
    "TypesettingRefused",
    "issue",
    "press_locks",
    "replace",
    "revoke",
    "rewrap_keys",
    "rotate_keys",
    "typeset",
]


class NoSuchCertificate(Refusal):
    """There is none with that number, or it was withdrawn before."""

    code = "no_such_certificate"


def typeset(*, letter: Letter) -> bytes:
    """A tagged PDF/UA-1. Nothing is kept. Refuses TypesettingRefused."""
    return typesetting.letter(letter)


def press_locks() -> tuple[Lock, ...]:
    """What keeps templates in on this machine, besides limits. Refuses TypesettingRefused."""
    return PRESS.locks()


@transaction.atomic
def issue(*, order: CertificateOrder, by: Actor, now: datetime) -> Issued:
    """Signs, registers and sets a certificate. Called again it issues another: who calls keeps the first.

    Refuses TypesettingRefused, TooMuchToSign.
    """
    key_id, private = signing.current(now)
    number = new_number()
    signed = [fact for fact in order.facts if fact.signed]
    statement = Statement(
        number=number,
        key=order.key,
        agency=order.agency.key,
        holder=order.holder,
        facts={fact.key: fact.value for fact in signed},
        issued_on=order.issued_on,
        expires_on=order.expires_on,
    )
    payload = codes.sign(statement, key_id, private)
    pdf = certifying.pdf(order, number, payload, now)
    Certificate.objects.create(
        number=number,
        agency_id=order.agency.id,
        key=order.key,
        title=dict(order.title),
        labels={fact.key: dict(fact.label) for fact in signed},
        digest=digest(payload),
        signed_with_id=key_id.hex(),
        issued_on=order.issued_on,
        expires_on=order.expires_on,
    )
    audit.record("certificate.issued", by=by, about=f"certificate:{number}", now=now, key=key_id.hex())
    return Issued(pdf, number, payload)


@transaction.atomic
def revoke(*, number: str, reason: WithdrawalReason, by: Actor, now: datetime) -> None:
    """From now on checking the certificate says that it was withdrawn. Refuses NoSuchCertificate."""
    _withdraw(number, Status.REVOKED, reason.value, now)
    audit.record("certificate.revoked", by=by, about=f"certificate:{number}", now=now, reason=reason.value)


@transaction.atomic
def replace(*, number: str, by: Actor, now: datetime) -> None:
    """From now on checking it says that a newer one took its place. Refuses NoSuchCertificate."""
    _withdraw(number, Status.REPLACED, "", now)
    audit.record("certificate.replaced", by=by, about=f"certificate:{number}", now=now)


@transaction.atomic
def rotate_keys(*, by: Actor, now: datetime) -> str:
    """Another key signs from now on; what the old ones signed stays genuine. Gives the new key's id."""
    signing.lock()
    SigningKey.objects.filter(retired_at=None).update(retired_at=now)
    made = signing.new_key(now)
    audit.record("certificate.keys_rotated", by=by, about=f"signing_key:{made.id}", now=now)
    return made.id


@transaction.atomic
def rewrap_keys() -> int:
    """Wraps the signing keys anew under the current master key; how many were wrapped by another."""
    changed = 0
    for row in SigningKey.objects.select_for_update():
        wrapped = privacy.rewrap(bytes(row.wrapped))
        if wrapped is not None:
            row.wrapped = wrapped
            row.save(update_fields=["wrapped"])
            changed += 1
    return changed


def _withdraw(number: str, status: Status, reason: str, now: datetime) -> None:
    changed = Certificate.objects.filter(number=number, status=Status.ISSUED).update(
        status=status, withdrawn_at=now, reason=reason
    )
    if not changed:
        raise NoSuchCertificate()
