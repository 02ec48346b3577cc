"""Opens the offices of the sample county and publishes the library for them."""

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from loket.casework.registry import effect_checks
from loket.catalogue import actions as catalogue
from loket.config.sample import fines
from loket.identity import actions as identity
from loket.identity import queries as people
from loket.identity.actions import AgencyProfile
from loket.identity.types import AgencyContact, Role, Theme
from loket.kernel.actors import SYSTEM
from loket.kernel.centres import Centre
from loket.kernel.opening import Closure, Interval, OpeningHours
from loket.payments.bill_imports import any_bill, open_register, take_bills

_FOLDER = Path(__file__).parent
LIBRARY = _FOLDER.parent.parent / "library"
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Office(_Part):
    key: str
    names: Mapping[str, str]
    short_names: Mapping[str, str]
    brand_colour: str
    on_brand_colour: str
    logo_svg: str
    contact_email: str
    contact_phone: str
    contact_address: str
    teams: tuple["OfficeTeam", ...]


class OfficeTeam(_Part):
    key: str
    names: Mapping[str, str]


class OfficeCentre(_Part):
    """`hours` by weekday or span of weekdays, such as `mon-fri: [08:00-13:00, 14:00-16:30]`."""

    key: str
    names: Mapping[str, str]
    region: Mapping[str, str] = {}
    address: str
    phone: str = ""
    hours: Mapping[str, tuple[str, ...]]
    closures: tuple["CentreClosure", ...] = ()
    active: bool = True

    def as_centre(self) -> Centre:
        week: list[tuple[Interval, ...]] = [()] * 7
        for days, written in self.hours.items():
            first, _, last = days.partition("-")
            for weekday in range(_WEEK.index(first), _WEEK.index(last or first) + 1):
                week[weekday] = tuple(_interval(one) for one in written)
        closures = tuple(Closure(one.first, one.last, one.reason) for one in self.closures)
        return Centre(
            key=self.key,
            names=self.names,
            region=self.region,
            address=self.address,
            phone=self.phone,
            hours=OpeningHours(tuple(week), closures),
            active=self.active,
        )


class CentreClosure(_Part):
    first: date
    last: date
    reason: Mapping[str, str]


def _interval(written: str) -> Interval:
    opens, closes = written.split("-")
    return Interval(time.fromisoformat(opens), time.fromisoformat(closes))


class StaffPost(_Part):
    agency: str
    team: str | None = None
    role: Role


class StaffEntry(_Part):
    email: str
    full_name: str
    language: str
    posts: tuple[StaffPost, ...]


class County(_Part):
    country: str
    timezone: str
    weekend: frozenset[int]


class PlaceFile(_Part):
    place: County
    agencies: tuple[Office, ...]
    staff: tuple[StaffEntry, ...]


def read_place() -> PlaceFile:
    return PlaceFile.model_validate(YAML(typ="safe").load(_FOLDER / "place.yaml"))


def open_place(now: datetime) -> PlaceFile:
    """Makes or renews the agencies, teams, staff and services. Doing it again changes nothing."""
    place = read_place()
    for office in place.agencies:
        _open_office(office, place.place, now)
    _open_centres(now)
    for entry in place.staff:
        _employ(entry, now)
    _write_fines(place.place, now)
    catalogue.import_folder(folder=LIBRARY, by=SYSTEM, now=now, effects=effect_checks())
    return place


def _open_office(office: Office, county: County, now: datetime) -> None:
    agency = identity.upsert_agency(
        key=office.key,
        profile=AgencyProfile(
            names=office.names,
            short_names=office.short_names,
            country=county.country,
            timezone=county.timezone,
            weekend=county.weekend,
            theme=Theme(office.brand_colour, office.on_brand_colour, office.logo_svg),
            contact=AgencyContact(office.contact_email, office.contact_phone, office.contact_address),
        ),
        by=SYSTEM,
        now=now,
    )
    for team in office.teams:
        identity.upsert_team(agency_id=agency.id, key=team.key, names=team.names, by=SYSTEM, now=now)


def read_centres() -> Mapping[str, tuple[OfficeCentre, ...]]:
    """By the key of their agency."""
    return {
        str(key): tuple(OfficeCentre.model_validate(described) for described in held)
        for key, held in YAML(typ="safe").load(_FOLDER / "centres.yaml").items()
    }


def _open_centres(now: datetime) -> None:
    for key, held in read_centres().items():
        agency = people.agency(key)
        if agency is None:
            raise LookupError(f"the sample has no agency {key!r}")
        for centre in held:
            identity.upsert_centre(agency_id=agency.id, centre=centre.as_centre(), by=SYSTEM, now=now)


def _write_fines(county: County, now: datetime) -> None:
    """Once: their dates count back from that day, and some have been paid since."""
    agency = people.agency(fines.AGENCY)
    if agency is None:
        raise LookupError(f"the sample has no agency {fines.AGENCY!r}")
    register = open_register(agency_id=agency.id, key=fines.REGISTER, now=now)
    if not any_bill(register):
        today = now.astimezone(ZoneInfo(county.timezone)).date()
        take_bills(register_id=register, rows=fines.sample_fines(today), by=SYSTEM, now=now)


def _employ(entry: StaffEntry, now: datetime) -> None:
    person = people.person_by_email(entry.email) or identity.create_person(
        email=entry.email, full_name=entry.full_name, language=entry.language, by=SYSTEM, now=now
    )
    for post in entry.posts:
        agency = people.agency(post.agency)
        if agency is None:
            raise LookupError(f"the sample has no agency {post.agency!r}")
        team = people.team(agency.id, post.team) if post.team else None
        identity.add_membership(
            person_id=person.id,
            agency_id=agency.id,
            team_id=team.id if team else None,
            role=post.role,
            by=SYSTEM,
            now=now,
        )
