"""Services, their immutable versions, and what search looks through."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Service(models.Model):
    """A service that an agency has published at least once."""

    not_personal: ClassVar = "describes a public service"

    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    key = models.SlugField(max_length=60)
    live_version = models.ForeignKey("ServiceVersion", models.PROTECT, related_name="+", null=True)
    # Measured elsewhere and set now and then: counting here at every start would lock this row each time.
    starts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "key"], name="service_key_once_an_agency"),
        ]


class ServiceVersion(models.Model):
    """A pack as it was published. A trigger refuses every change: cases keep their version for ever."""

    not_personal: ClassVar = "describes a public service; the publisher is named by id alone"

    service = models.ForeignKey(Service, models.PROTECT, related_name="versions")
    # SHA-256 of `source` in UTF-8, followed by each template's name and text, if there are any.
    content_hash = models.CharField(max_length=64)
    source = models.TextField()
    # The documents' own templates: Typst texts by file name.
    templates = models.JSONField(default=dict)
    # What lists need of the source (see cards.Card), so that they parse no pack.
    card = models.JSONField()
    published_at = models.DateTimeField()
    # The person's id, or empty for the system.
    published_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "content_hash"], name="version_content_once_a_service"
            ),
            models.CheckConstraint(
                condition=models.Q(content_hash__regex="^[0-9a-f]{64}$"), name="version_content_hash"
            ),
        ]


class SearchText(models.Model):
    """What full text search looks through: a live service in one language."""

    not_personal: ClassVar = "describes a public service"

    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    language = models.CharField(max_length=20)
    words = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "language"], name="search_text_once_a_language"),
        ]
        indexes = [GinIndex(fields=["words"], name="search_text_words")]
