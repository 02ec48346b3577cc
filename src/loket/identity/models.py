"""People, agencies, teams, and the posts that join them."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from loket.identity.types import Role
from loket.kernel.ids import new_id

_COLOUR = r"^#[0-9a-f]{6}$"


class PersonManager(BaseUserManager["Person"]):
    """Finds people by address whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Somebody who can sign in.

    There is no superuser and no "is staff": what a person may do follows from their posts alone.
    """

    holding: ClassVar = "accounts"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            # One spelling, so that a plain unique index keeps addresses apart whatever their case.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="person_email_lower"),
        ]

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    def save(self, *args: object, **kwargs: object) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_full_name(self) -> str:
        return self.full_name or self.email


class Agency(models.Model):
    """A public body that owns services."""

    not_personal: ClassVar = "describes a public body"

    key = models.SlugField(max_length=60, unique=True)
    names = models.JSONField()
    short_names = models.JSONField(default=dict)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)
    timezone = models.CharField(max_length=64, default="UTC")
    weekend = ArrayField(models.PositiveSmallIntegerField(), default=list)
    closed_on = ArrayField(models.DateField(), default=list)
    brand_colour = models.CharField(max_length=7, default="#1d4e89")
    on_brand_colour = models.CharField(max_length=7, default="#ffffff")
    logo_svg = models.TextField(blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_address = models.TextField(blank=True)

    class Meta:
        constraints = [
            # Colours are written into a style sheet; nothing else may get there.
            models.CheckConstraint(
                condition=models.Q(brand_colour__regex=_COLOUR, on_brand_colour__regex=_COLOUR),
                name="agency_colours",
            ),
        ]


class Team(models.Model):
    """People of one agency who work the same cases."""

    not_personal: ClassVar = "describes part of a public body"

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="teams")
    key = models.SlugField(max_length=60)
    names = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "key"], name="team_key_once_an_agency"),
        ]


class Centre(models.Model):
    """A counter of an agency. Never deleted: cases name it by its key.

    `hours` holds seven lists of [opens, closes] as HH:MM, Monday's first; `closures` objects of first, last
    and reason.
    """

    not_personal: ClassVar = "describes a place"

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="centres")
    key = models.SlugField(max_length=60)
    names = models.JSONField()
    region = models.JSONField(default=dict)
    address = models.TextField()
    phone = models.CharField(max_length=40, blank=True)
    hours = models.JSONField(default=list)
    closures = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "key"], name="centre_key_once_an_agency"),
        ]


class Membership(models.Model):
    """A role of a person in an agency, or in one of its teams."""

    holding: ClassVar = "accounts"

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships", null=True)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "agency", "team", "role"], name="membership_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="membership_role"
            ),
        ]


class ApiToken(models.Model):
    """What a program of an agency or of its partner shows instead of signing in. Only a hash is kept.

    Never deleted: records of what was done name it.
    """

    not_personal: ClassVar = "describes a program"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    # Its first letters, so that people can tell which one it is.
    prefix = models.CharField(max_length=8, unique=True)
    token_hash = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64)
    expires_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
