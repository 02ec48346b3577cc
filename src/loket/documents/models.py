"""The register of certificates and the keys that sign them. Neither knows whom a certificate is about."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from loket.documents.types import Status, WithdrawalReason
from loket.kernel.ids import new_id


class SigningKey(models.Model):
    """A key that signs certificates, or did. The private half is sealed under a key of its own."""

    not_personal: ClassVar = "keys of the installation"

    id = models.CharField(primary_key=True, max_length=8)
    public = models.BinaryField(max_length=32)
    wrapped = models.BinaryField()
    sealed_private = models.BinaryField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["retired_at"],
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
                name="signing_key_one_signs",
            ),
        ]


class Certificate(models.Model):
    """An entry of the register, kept for ever: what may be shown to whoever holds the document."""

    not_personal: ClassVar = "numbers, dates and a hash; the facts are in the document alone"

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.CharField(max_length=14, unique=True)
    agency = models.ForeignKey("identity.Agency", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    title = models.JSONField()
    # What the signed facts are called, by their keys.
    labels = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32)
    signed_with = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+")
    issued_on = models.DateField()
    expires_on = models.DateField(null=True)
    status = models.CharField(
        max_length=10, choices=[(status, status) for status in Status], default=Status.ISSUED
    )
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField(
        max_length=20, blank=True, choices=[(reason, reason) for reason in WithdrawalReason]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="certificate_withdrawn_has_time",
                condition=Q(status=Status.ISSUED, withdrawn_at__isnull=True, reason="")
                | Q(status=Status.REPLACED, withdrawn_at__isnull=False, reason="")
                | Q(status=Status.REVOKED, withdrawn_at__isnull=False) & ~Q(reason=""),
            ),
        ]
