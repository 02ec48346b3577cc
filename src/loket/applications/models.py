"""Drafts, found by a token that only a browser, link or paper holds; and what programs sent once already."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from loket.kernel.ids import new_id


class Draft(models.Model):
    """Answers on their way, sealed under the draft's own key.

    The row outlives its submission without key and answers, so that sending the form twice, or from
    two tabs, leads to the same confirmation.
    """

    holding: ClassVar = "drafts"

    id = models.UUIDField(primary_key=True, default=new_id)
    token_hash = models.BinaryField(max_length=32, unique=True)
    agency = models.ForeignKey("identity.Agency", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("catalogue.ServiceVersion", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=8)
    wrapped_key = models.BinaryField(null=True)
    sealed_answers = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    link_hash = models.BinaryField(max_length=32, unique=True, null=True)
    save_reference = models.CharField(max_length=9, unique=True, null=True)
    pin_digest = models.BinaryField(max_length=32, null=True)
    submitted_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=9, unique=True, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="draft_submitted_has_no_answers",
                condition=Q(
                    submitted_at__isnull=True,
                    reference__isnull=True,
                    wrapped_key__isnull=False,
                    sealed_answers__isnull=False,
                )
                | Q(
                    submitted_at__isnull=False,
                    reference__isnull=False,
                    wrapped_key__isnull=True,
                    sealed_answers__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="draft_saved_on_paper_has_pin",
                condition=Q(save_reference__isnull=True, pin_digest__isnull=True)
                | Q(save_reference__isnull=False, pin_digest__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="draft_expires")]


class SentOnce(models.Model):
    """What a program sent under a key of its own choice, so that sending it again does nothing twice.

    `digest` is of the key and of whose it is, `body_digest` of all that was sent. Committed with the
    application itself, or not at all.
    """

    not_personal: ClassVar = "keyed digests and a case's reference, gone within days"

    digest = models.BinaryField(primary_key=True, max_length=32)
    body_digest = models.BinaryField(max_length=32)
    reference = models.CharField(max_length=9)
    # Of the draft that there would have been: the PIN on paper follows from it.
    draft_id = models.UUIDField()
    has_pin = models.BooleanField()
    expires_at = models.DateTimeField(db_index=True)
