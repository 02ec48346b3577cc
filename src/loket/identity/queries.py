"""Reading who there is."""

import time
from collections import defaultdict
from collections.abc import Mapping
from threading import Lock
from uuid import UUID

from django.db.models import QuerySet

from loket.identity.models import Agency, Membership, Person, Team
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

# Agencies change a few times a year and are needed by every page.
_REMEMBERED_SECONDS = 5.0


class _Agencies:
    """All agencies, remembered by this process for a few seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: tuple[AgencyView, ...] = ()
        self._until = 0.0

    def all(self) -> tuple[AgencyView, ...]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = tuple(_view(row) for row in Agency.objects.order_by("key"))
                self._until = time.monotonic() + _REMEMBERED_SECONDS
            return self._found

    def forget(self) -> None:
        with self._lock:
            self._until = 0.0


_agencies = _Agencies()


def agencies() -> tuple[AgencyView, ...]:
    """All agencies by key. No statement while remembered, else 1; another host's change shows in seconds."""
    return _agencies.all()


def agency(key: str) -> AgencyView | None:
    return next((found for found in agencies() if found.key == key), None)


def agency_by_id(agency_id: int) -> AgencyView | None:
    return next((found for found in agencies() if found.id == agency_id), None)


def forget_agencies() -> None:
    """Makes this process look again."""
    _agencies.forget()


def teams_of(agency_id: int) -> tuple[TeamView, ...]:
    """1 statement."""
    return tuple(
        TeamView(team.pk, team.agency_id, team.key, team.names)
        for team in Team.objects.filter(agency_id=agency_id).order_by("key")
    )


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


def _person(row: Person) -> PersonView:
    return PersonView(row.pk, row.email, row.full_name, row.language, row.is_active)


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
    )
