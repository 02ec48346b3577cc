"""Reading who there is."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from loket.identity import centres
from loket.identity.models import Agency, Centre, Membership, Person, Team
from loket.identity.types import (
    AgencyContact,
    AgencyView,
    PersonView,
    Post,
    Role,
    StaffMember,
    TeamView,
    Theme,
)
from loket.kernel.calendars import WorkingCalendar
from loket.kernel.remembering import Remembered

# Agencies change a few times a year and are needed by every page.
_REMEMBERED_SECONDS = 5.0


_agencies: Remembered[None, tuple[AgencyView, ...]] = Remembered(1, _REMEMBERED_SECONDS)
_teams: Remembered[tuple[int, str], TeamView] = Remembered(2000, _REMEMBERED_SECONDS)


def agencies() -> tuple[AgencyView, ...]:
    """All agencies by key. No statement while remembered, else 1; another host's change shows in seconds."""
    return _agencies.get(None, lambda: tuple(_view(row) for row in _with_centres().order_by("key")))


def agency(key: str) -> AgencyView | None:
    return next((found for found in agencies() if found.key == key), None)


def agency_by_id(agency_id: int) -> AgencyView | None:
    return next((found for found in agencies() if found.id == agency_id), None)


def agency_known(agency_id: int) -> AgencyView:
    """The agency that a row names. Raises LookupError where a foreign key would have prevented it."""
    found = agency_by_id(agency_id)
    if found is None:
        # Made by another process a moment ago, perhaps.
        _agencies.forget()
        found = agency_by_id(agency_id)
    if found is None:
        raise LookupError(f"there is no agency {agency_id}")
    return found


def forget_agencies() -> None:
    """Makes this process look again."""
    _agencies.forget()
    _teams.forget()


def teams_of(agency_id: int) -> tuple[TeamView, ...]:
    """1 statement."""
    return tuple(_team(row) for row in Team.objects.filter(agency_id=agency_id).order_by("key"))


def team(agency_id: int, key: str) -> TeamView:
    """No statement while remembered, else 1. Raises LookupError where the agency has no such team."""
    return _teams.get((agency_id, key), lambda: _find_team(agency_id, key))


def agencies_of_teams(team_ids: Collection[int]) -> Mapping[int, int]:
    """The agency's id of each team (1 statement)."""
    return dict(Team.objects.filter(id__in=team_ids).values_list("id", "agency_id"))


def staff_member(person_id: UUID) -> StaffMember | None:
    """The active person with their posts, or None where there are none (1 statement)."""
    return staff_members((person_id,)).get(person_id)


def staff_members(person_ids: tuple[UUID, ...]) -> Mapping[UUID, StaffMember]:
    """Those among these people who are active and hold a post (1 statement)."""
    return _staff(Membership.objects.filter(person_id__in=person_ids))


def staff_of(agency_id: int) -> tuple[StaffMember, ...]:
    """Everybody with a post in an agency, by name, with their posts in that agency only (1 statement)."""
    found = _staff(Membership.objects.filter(agency_id=agency_id))
    return tuple(sorted(found.values(), key=lambda staff: (staff.name, staff.person_id)))


def person(person_id: UUID) -> PersonView | None:
    """1 statement."""
    row = Person.objects.filter(pk=person_id).first()
    return None if row is None else _person(row)


def person_by_email(email: str) -> PersonView | None:
    """Whatever the case of the address (1 statement)."""
    row = Person.objects.filter(email=email.strip().lower()).first()
    return None if row is None else _person(row)


def _staff(memberships: QuerySet[Membership]) -> dict[UUID, StaffMember]:
    posts: dict[UUID, list[Post]] = defaultdict(list)
    names: dict[UUID, str] = {}
    for row in memberships.filter(person__is_active=True).select_related("person").order_by("id"):
        posts[row.person_id].append(Post(row.agency_id, row.team_id, Role(row.role)))
        names[row.person_id] = row.person.get_full_name()
    return {one: StaffMember(one, names[one], tuple(held)) for one, held in posts.items()}


def _find_team(agency_id: int, key: str) -> TeamView:
    row = Team.objects.filter(agency_id=agency_id, key=key).first()
    if row is None:
        raise LookupError(f"agency {agency_id} has no team {key!r}")
    return _team(row)


def _team(row: Team) -> TeamView:
    return TeamView(row.pk, row.agency_id, row.key, row.names)


def _person(row: Person) -> PersonView:
    return PersonView(row.pk, row.email, row.full_name, row.language, row.is_active)


def _with_centres() -> QuerySet[Agency]:
    """Agencies with their centres in the order they were made, in one statement."""
    told = JSONObject(**{name: name for name in centres.FIELDS})
    held = Centre.objects.filter(agency=OuterRef("pk")).order_by("id").values(told=told)
    return Agency.objects.annotate(held_centres=ArraySubquery(held))


def _view(row: Agency) -> AgencyView:
    return AgencyView(
        id=row.pk,
        key=row.key,
        names=row.names,
        short_names=row.short_names,
        theme=Theme(row.brand_colour, row.on_brand_colour, row.logo_svg),
        contact=AgencyContact(row.contact_email, row.contact_phone, row.contact_address),
        timezone=row.timezone,
        calendar=WorkingCalendar(
            country=row.country,
            subdivision=row.subdivision,
            weekend=frozenset(row.weekend),
            closed=frozenset(row.closed_on),
        ),
        centres=tuple(centres.from_stored(held) for held in getattr(row, "held_centres", ())),
    )
