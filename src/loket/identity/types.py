"""What identity tells others: staff members with their roles, agencies as they present themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from loket.kernel.actors import Actor, ActorKind
from loket.kernel.calendars import WorkingCalendar
from loket.kernel.centres import Centre, centre_of
from loket.kernel.text import in_language


class Role(StrEnum):
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    PUBLISHER = "publisher"
    ANALYST = "analyst"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Post:
    """One role of a person: in a team, or in the whole agency where `team_id` is None."""

    agency_id: int
    team_id: int | None
    role: Role


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who acts for at least one agency."""

    person_id: UUID
    name: str
    posts: tuple[Post, ...]

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(post.role for post in self.posts)

    @property
    def agency_ids(self) -> frozenset[int]:
        return frozenset(post.agency_id for post in self.posts)

    @property
    def team_ids(self) -> frozenset[int]:
        """The teams named in a post; a post in the whole agency names none."""
        return frozenset(post.team_id for post in self.posts if post.team_id is not None)

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.STAFF, str(self.person_id), self.name)


@dataclass(frozen=True, slots=True)
class Theme:
    """How an agency looks. Colours are `#rrggbb`; `logo_svg` is shown as an image, never put into a page."""

    brand_colour: str
    on_brand_colour: str
    logo_svg: str = ""


@dataclass(frozen=True, slots=True)
class AgencyContact:
    """How people reach an agency, already fit to print; each may be empty."""

    email: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class AgencyView:
    """An agency as pages and terms need it. `timezone` is an IANA name; `centres` has closed ones too."""

    id: int
    key: str
    names: Mapping[str, str]
    short_names: Mapping[str, str]
    theme: Theme
    contact: AgencyContact
    timezone: str
    calendar: WorkingCalendar
    centres: tuple[Centre, ...] = ()

    @property
    def open_centres(self) -> tuple[Centre, ...]:
        """Those that can be chosen."""
        return tuple(centre for centre in self.centres if centre.active)

    def centre(self, key: str) -> Centre | None:
        """Also one that has closed."""
        return centre_of(key, self.centres)

    @property
    def country(self) -> str:
        return self.calendar.country

    def name(self, language: str) -> str:
        return in_language(self.names, language)

    def short_name(self, language: str) -> str:
        return in_language(self.short_names, language) or self.name(language)


@dataclass(frozen=True, slots=True)
class TeamView:
    id: int
    agency_id: int
    key: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person's own account, as shown to that person and copied for them."""

    id: UUID
    email: str
    full_name: str
    language: str
    is_active: bool


class Scope(StrEnum):
    """What a program may do with an agency's things."""

    SUBMIT = "applications:submit"
    READ_CASES = "cases:read"
    ACT_ON_CASES = "cases:act"
    WEBHOOKS = "webhooks:manage"


@dataclass(frozen=True, slots=True)
class ApiTokenView:
    """A token as it may be shown: never the token itself. Days of use are exact, hours are not kept."""

    id: UUID
    agency_id: int
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_on: date | None
    revoked_at: datetime | None

    def works_at(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    @property
    def reader(self) -> StaffMember:
        """The program as it reads cases: an officer of the agency, who says why each time."""
        return self._in(Role.OFFICER)

    @property
    def worker(self) -> StaffMember:
        """The program as it acts: every case of the agency is its work."""
        return self._in(Role.SUPERVISOR)

    def _in(self, role: Role) -> StaffMember:
        return StaffMember(self.id, self.name, (Post(self.agency_id, None, role),))


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """`token` is shown once and stored nowhere."""

    token: str
    view: ApiTokenView
