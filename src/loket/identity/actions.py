"""Changing who there is. Every action leaves an audit record that names ids and never addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import available_timezones

import holidays
from django.db import transaction
from django.db.models import Q, QuerySet

from loket.audit import actions as audit
from loket.identity import centres, queries
from loket.identity.models import Agency, Membership, Person, Team
from loket.identity.models import Centre as CentreRow
from loket.identity.types import AgencyContact, AgencyView, PersonView, Role, TeamView, Theme
from loket.kernel.actors import Actor
from loket.kernel.centres import Centre
from loket.kernel.refusals import Refusal

_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
# WCAG 2.2, 1.4.3: text on a coloured ground.
_LEAST_CONTRAST = 4.5
DEFAULT_THEME = Theme("#1d4e89", "#ffffff")
_NO_CONTACT = AgencyContact()


class AgencyProblem(Refusal):
    """An agency can't be described so; `field` says what is wrong."""

    code = "agency_problem"


class CentreProblem(Refusal):
    """A centre can't be described so; `field` says what is wrong."""

    code = "centre_problem"


class PersonExists(Refusal):
    """Somebody has this address already."""

    code = "person_exists"


class TeamElsewhere(Refusal):
    """The team belongs to another agency."""

    code = "team_elsewhere"


@dataclass(frozen=True, slots=True)
class AgencyProfile:
    """All that describes an agency. `weekend` holds weekday numbers, Monday 0."""

    names: Mapping[str, str]
    short_names: Mapping[str, str] = field(default_factory=dict)
    country: str = ""
    subdivision: str = ""
    timezone: str = "UTC"
    weekend: frozenset[int] = frozenset({5, 6})
    closed_on: frozenset[date] = frozenset()
    theme: Theme = DEFAULT_THEME
    contact: AgencyContact = _NO_CONTACT


def upsert_agency(*, key: str, profile: AgencyProfile, by: Actor, now: datetime) -> AgencyView:
    """Makes the agency `key`, or describes it anew. Raises AgencyProblem."""
    _check(key, profile)
    with transaction.atomic():
        row, made = Agency.objects.update_or_create(
            key=key,
            defaults={
                "names": dict(profile.names),
                "short_names": dict(profile.short_names),
                "country": profile.country,
                "subdivision": profile.subdivision,
                "timezone": profile.timezone,
                "weekend": sorted(profile.weekend),
                "closed_on": sorted(profile.closed_on),
                "brand_colour": profile.theme.brand_colour,
                "on_brand_colour": profile.theme.on_brand_colour,
                "logo_svg": profile.theme.logo_svg,
                "contact_email": profile.contact.email,
                "contact_phone": profile.contact.phone,
                "contact_address": profile.contact.address,
            },
        )
        audit.record(
            "agency.created" if made else "agency.changed", by=by, about=f"agency:{row.pk}", now=now, key=key
        )
        # At once for this transaction, and again for what another thread remembered before it committed.
        queries.forget_agencies()
        transaction.on_commit(queries.forget_agencies)
    found = queries.agency_by_id(row.pk)
    assert found is not None
    return found


def upsert_team(*, agency_id: int, key: str, names: Mapping[str, str], by: Actor, now: datetime) -> TeamView:
    """Makes a team of the agency, or names it anew."""
    with transaction.atomic():
        row, made = Team.objects.update_or_create(
            agency_id=agency_id, key=key, defaults={"names": dict(names)}
        )
        audit.record(
            "team.created" if made else "team.changed", by=by, about=f"team:{row.pk}", now=now, key=key
        )
    return TeamView(row.pk, row.agency_id, row.key, row.names)


def upsert_centre(*, agency_id: int, centre: Centre, by: Actor, now: datetime) -> None:
    """Makes a centre of the agency, or describes it anew; one not `active` can't be chosen any more.

    Raises CentreProblem.
    """
    wrong = {
        "key": not _KEY.fullmatch(centre.key),
        "names": not any(centre.names.values()),
        "address": not centre.address.strip(),
        "hours": not centre.hours.well_formed,
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise CentreProblem(field=name)
    with transaction.atomic():
        row, made = CentreRow.objects.update_or_create(
            agency_id=agency_id, key=centre.key, defaults=centres.to_stored(centre)
        )
        audit.record(
            "centre.created" if made else "centre.changed",
            by=by,
            about=f"centre:{row.pk}",
            now=now,
            agency=agency_id,
            key=centre.key,
            active=centre.active,
        )
        queries.forget_agencies()
        transaction.on_commit(queries.forget_agencies)


def create_person(
    *, email: str, full_name: str = "", language: str = "en", by: Actor, now: datetime
) -> PersonView:
    """A person who can sign in by a code sent to `email`; no password. Raises PersonExists."""
    person = Person(email=email.strip().lower(), full_name=full_name.strip(), language=language)
    person.set_unusable_password()
    with transaction.atomic():
        if Person.objects.bulk_create([person], ignore_conflicts=True) and not (
            Person.objects.filter(pk=person.pk).exists()
        ):
            raise PersonExists
        audit.record("person.created", by=by, about=f"person:{person.pk}", now=now)
    return PersonView(person.pk, person.email, person.full_name, person.language, person.is_active)


def choose_language(*, person_id: UUID, language: str, by: Actor, now: datetime) -> None:
    """The language in which a person is written to. Nothing where there is no such person."""
    with transaction.atomic():
        if Person.objects.filter(pk=person_id).update(language=language):
            audit.record("person.language", by=by, about=f"person:{person_id}", now=now, language=language)


def add_membership(
    *, person_id: UUID, agency_id: int, role: Role, team_id: int | None = None, by: Actor, now: datetime
) -> None:
    """Gives a person a post; one they hold already leaves no second record. Raises TeamElsewhere."""
    with transaction.atomic():
        if team_id is not None and not Team.objects.filter(pk=team_id, agency_id=agency_id).exists():
            raise TeamElsewhere(team=team_id, agency=agency_id)
        _, made = _posts(team_id).get_or_create(
            person_id=person_id,
            agency_id=agency_id,
            role=role.value,
            defaults={"team_id": team_id},
        )
        if made:
            _record_post("membership.added", person_id, agency_id, role, team_id, by, now)


def remove_membership(
    *, person_id: UUID, agency_id: int, role: Role, team_id: int | None = None, by: Actor, now: datetime
) -> None:
    """Takes a post away; one they don't hold changes nothing."""
    with transaction.atomic():
        gone, _ = _posts(team_id).filter(person_id=person_id, agency_id=agency_id, role=role.value).delete()
        if gone:
            _record_post("membership.removed", person_id, agency_id, role, team_id, by, now)


def erase_person(*, person_id: UUID, by: Actor, now: datetime) -> int:
    """Empties an account and takes its posts away; how many rows told of the person.

    The row itself stays, with nothing but its id, because records of what staff did point to it.
    """
    with transaction.atomic():
        posts, _ = Membership.objects.filter(person_id=person_id).delete()
        person = Person.objects.select_for_update().filter(pk=person_id).first()
        if person is None:
            return 0
        blank = f"erased-{person.pk}@invalid"
        if person.email == blank:
            return 0
        person.email, person.full_name, person.is_active, person.last_login = blank, "", False, None
        person.set_unusable_password()
        person.save()
        audit.record("person.erased", by=by, about=f"person:{person.pk}", now=now)
    return posts + 1


def contrast(one: str, other: str) -> float:
    """The WCAG contrast between two colours `#rrggbb`: 1 (none) to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _check(key: str, profile: AgencyProfile) -> None:
    theme = profile.theme
    colours = all(_COLOUR.fullmatch(colour) for colour in (theme.brand_colour, theme.on_brand_colour))
    wrong = {
        "key": not _KEY.fullmatch(key),
        "names": not any(profile.names.values()),
        "timezone": profile.timezone not in available_timezones(),
        "country": not _known_place(profile.country, profile.subdivision),
        "weekend": not profile.weekend < set(range(7)),
        "theme": not colours or contrast(theme.brand_colour, theme.on_brand_colour) < _LEAST_CONTRAST,
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise AgencyProblem(field=name)


def _known_place(country: str, subdivision: str) -> bool:
    if not country:
        return not subdivision
    known = holidays.list_supported_countries()
    return country in known and (not subdivision or subdivision in known[country])


def _posts(team_id: int | None) -> QuerySet[Membership]:
    """Posts in one team, or in whole agencies."""
    return Membership.objects.filter(Q(team=None) if team_id is None else Q(team_id=team_id))


def _record_post(
    action: str, person_id: UUID, agency_id: int, role: Role, team_id: int | None, by: Actor, now: datetime
) -> None:
    audit.record(
        action,
        by=by,
        about=f"person:{person_id}",
        now=now,
        agency=agency_id,
        team=team_id or 0,
        role=role.value,
    )
