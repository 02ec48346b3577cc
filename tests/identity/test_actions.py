"""Agencies, people and posts through the front door of the context."""

import uuid
from datetime import UTC, date, datetime, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loket.audit.models import Entry
from loket.identity import actions, policies, queries
from loket.identity.models import Agency, Membership, Person
from loket.identity.types import AgencyContact, AgencyView, Role, Theme
from loket.kernel.actors import SYSTEM, ActorKind
from loket.kernel.centres import Centre
from loket.kernel.opening import Closure, Interval, OpeningHours

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def _agency(key: str = "water", **profile: object) -> AgencyView:
    names = {"en": f"{key} agency", "sw": "Mamlaka ya Maji"}
    return actions.upsert_agency(
        key=key,
        profile=actions.AgencyProfile(**({"names": names} | profile)),  # type: ignore[arg-type]
        by=SYSTEM,
        now=NOW,
    )


def _person(email: str = "siti@example.org") -> uuid.UUID:
    return actions.create_person(email=email, full_name="Siti Aminah", by=SYSTEM, now=NOW).id


def test_agency_keeps_all_that_describes_it() -> None:
    made = _agency(
        country="KE",
        timezone="Africa/Nairobi",
        closed_on=frozenset({date(2026, 12, 28)}),
        theme=Theme("#004d40", "#ffffff", "<svg/>"),
        contact=AgencyContact("hello@water.example", "+254 20 1234567", "Maji House"),
    )
    assert queries.agency("water") == made == queries.agency_by_id(made.id)
    assert made.calendar.closed == {date(2026, 12, 28)}
    assert not made.calendar.is_working(date(2026, 12, 12))  # Jamhuri Day
    assert made.name("sw") == made.short_name("sw") == "Mamlaka ya Maji"
    assert made.name("id") == "water agency"


def test_agency_described_anew_shows_at_once_and_keeps_its_id() -> None:
    first = _agency()
    queries.agencies()
    second = _agency(timezone="Asia/Jakarta")
    assert (second.id, second.timezone) == (first.id, "Asia/Jakarta")
    told = Entry.objects.order_by("id").values_list("action", flat=True)
    assert list(told) == ["agency.created", "agency.changed"]


@pytest.mark.parametrize(
    ("field", "profile"),
    [
        ("names", {"names": {"en": ""}}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("country", {"country": "XX"}),
        ("country", {"country": "KE", "subdivision": "ZZ"}),
        ("country", {"subdivision": "30"}),
        ("weekend", {"weekend": frozenset(range(7))}),
        ("weekend", {"weekend": frozenset({7})}),
        ("theme", {"theme": Theme("red", "#ffffff")}),
        ("theme", {"theme": Theme("#ffdd00", "#ffffff")}),
    ],
)
def test_agency_that_makes_no_sense_is_refused(field: str, profile: dict[str, object]) -> None:
    with pytest.raises(actions.AgencyProblem) as refusal:
        _agency(**profile)
    assert refusal.value.details == {"field": field}
    assert not Agency.objects.exists()


@pytest.mark.parametrize("key", ["", "Water", "a--b", "-a", "a/b", "a\n"])
def test_agency_key_that_fits_no_address_is_refused(key: str) -> None:
    with pytest.raises(actions.AgencyProblem):
        _agency(key)


def test_contrast_of_the_known_pairs() -> None:
    assert actions.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert actions.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("count", [1, 3])
def test_agencies_cost_one_statement_and_then_none(count: int) -> None:
    for n in range(count):
        _agency(f"agency-{n}")
    queries.forget_agencies()
    with CaptureQueriesContext(connection) as first:
        assert len(queries.agencies()) == count
    with CaptureQueriesContext(connection) as second:
        queries.agency("agency-0")
        queries.agency("nowhere")
    assert (len(first), len(second)) == (1, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_staff_member_costs_one_statement(count: int) -> None:
    agency, person = _agency(), _person()
    for role in list(Role)[:count]:
        actions.add_membership(person_id=person, agency_id=agency.id, role=role, by=SYSTEM, now=NOW)
    with CaptureQueriesContext(connection) as queries_made:
        staff = queries.staff_member(person)
    assert len(queries_made) == 1
    assert staff is not None
    assert staff.roles == set(list(Role)[:count])
    assert staff.agency_ids == {agency.id}
    assert (staff.actor.kind, staff.actor.id, staff.actor.name) == (
        ActorKind.STAFF,
        str(person),
        "Siti Aminah",
    )


def test_nobody_and_the_inactive_and_those_without_a_post_are_no_staff() -> None:
    agency, person = _agency(), _person()
    assert queries.staff_member(person) is None
    assert queries.staff_member(uuid.uuid4()) is None
    actions.add_membership(person_id=person, agency_id=agency.id, role=Role.OFFICER, by=SYSTEM, now=NOW)
    assert queries.staff_member(person) is not None
    Person.objects.filter(pk=person).update(is_active=False)
    assert queries.staff_member(person) is None
    assert queries.staff_of(agency.id) == ()


def test_post_is_given_once_and_taken_away_once() -> None:
    agency, person = _agency(), _person()
    post = {"person_id": person, "agency_id": agency.id, "role": Role.ANALYST, "by": SYSTEM, "now": NOW}
    for _ in range(2):
        actions.add_membership(**post)  # type: ignore[arg-type]
    assert len(queries.staff_of(agency.id)) == 1
    for _ in range(2):
        actions.remove_membership(**post)  # type: ignore[arg-type]
    assert queries.staff_of(agency.id) == ()
    recorded = Entry.objects.filter(about_kind="person", action__startswith="membership.")
    assert list(recorded.order_by("id").values_list("action", flat=True)) == [
        "membership.added",
        "membership.removed",
    ]


def test_team_of_another_agency_is_refused() -> None:
    water, tax = _agency(), _agency("tax")
    team = actions.upsert_team(agency_id=tax.id, key="audit", names={"en": "Audit"}, by=SYSTEM, now=NOW)
    with pytest.raises(actions.TeamElsewhere):
        actions.add_membership(
            person_id=_person(), agency_id=water.id, role=Role.OFFICER, team_id=team.id, by=SYSTEM, now=NOW
        )
    assert queries.teams_of(tax.id) == (team,)
    assert not Membership.objects.exists()


def test_role_in_a_team_covers_that_team_only() -> None:
    water, tax = _agency(), _agency("tax")
    one, two = (
        actions.upsert_team(agency_id=water.id, key=key, names={"en": key}, by=SYSTEM, now=NOW)
        for key in ("one", "two")
    )
    in_team, in_agency = _person("a@example.org"), _person("b@example.org")
    for person, team in ((in_team, one.id), (in_agency, None)):
        actions.add_membership(
            person_id=person, agency_id=water.id, role=Role.OFFICER, team_id=team, by=SYSTEM, now=NOW
        )
    narrow, wide = queries.staff_member(in_team), queries.staff_member(in_agency)
    assert narrow is not None
    assert wide is not None
    assert policies.has_role(narrow, Role.OFFICER, water.id, one.id)
    assert not policies.has_role(narrow, Role.OFFICER, water.id, two.id)
    assert not policies.has_role(narrow, Role.OFFICER, water.id)
    assert not policies.has_role(narrow, Role.SUPERVISOR, water.id, one.id)
    assert policies.has_role_somewhere(narrow, Role.OFFICER, water.id)
    assert policies.has_role(wide, Role.OFFICER, water.id, two.id)
    assert policies.has_role(wide, Role.OFFICER, water.id)
    for staff in (narrow, wide):
        assert not policies.has_role(staff, Role.OFFICER, tax.id)
        assert not policies.has_role_somewhere(staff, Role.OFFICER, tax.id)


def test_second_person_with_the_same_address_is_refused() -> None:
    person = _person("siti@example.org")
    with pytest.raises(actions.PersonExists):
        _person(" SITI@example.org")
    found = queries.person_by_email("Siti@Example.Org")
    assert found is not None
    assert found.id == person
    assert not Person.objects.get().has_usable_password()


def test_audit_names_no_address() -> None:
    _person("siti@example.org")
    entry = Entry.objects.get()
    assert "siti" not in f"{entry.facts}{entry.about_id}{entry.actor_id}".lower()


def test_erased_person_leaves_only_an_id() -> None:
    agency, person = _agency(), _person()
    actions.add_membership(person_id=person, agency_id=agency.id, role=Role.OFFICER, by=SYSTEM, now=NOW)
    assert actions.erase_person(person_id=person, by=SYSTEM, now=NOW) == 2
    assert actions.erase_person(person_id=person, by=SYSTEM, now=NOW) == 0
    assert actions.erase_person(person_id=uuid.uuid4(), by=SYSTEM, now=NOW) == 0
    left = queries.person(person)
    assert left is not None
    assert (left.full_name, left.is_active, "siti" in left.email) == ("", False, False)
    assert queries.staff_member(person) is None


_HOURS = OpeningHours(
    ((Interval(time(8), time(12)), Interval(time(13), time(16, 30))), *((),) * 6),
    (Closure(date(2026, 12, 29), date(2026, 12, 31), {"en": "stock"}),),
)


def _centre(key: str = "north", **told: object) -> Centre:
    return Centre(key, {"en": "North", "sw": "Kaskazini"}, "1 Hill Road", **told)  # type: ignore[arg-type]


def test_centres_come_with_their_agency_in_the_order_they_were_made() -> None:
    agency, other = _agency(), _agency("tax")
    north = _centre(phone="+254 20 000 0001", region={"en": "Hills"}, hours=_HOURS)
    south = _centre("south")
    for centre in (north, south):
        actions.upsert_centre(agency_id=agency.id, centre=centre, by=SYSTEM, now=NOW)
    actions.upsert_centre(agency_id=other.id, centre=_centre(), by=SYSTEM, now=NOW)
    found = queries.agency_known(agency.id)
    assert found.centres == found.open_centres == (north, south)
    assert found.centre("north") == north
    assert found.centre("nowhere") is None
    queries.forget_agencies()
    with CaptureQueriesContext(connection) as statements:
        assert [len(one.centres) for one in queries.agencies()] == [1, 2]
        queries.agency("water")
    assert len(statements) == 1


def test_a_closed_centre_stays_known_and_can_not_be_chosen() -> None:
    agency = _agency()
    actions.upsert_centre(agency_id=agency.id, centre=_centre(), by=SYSTEM, now=NOW)
    actions.upsert_centre(agency_id=agency.id, centre=_centre(active=False), by=SYSTEM, now=NOW)
    found = queries.agency_known(agency.id)
    assert found.open_centres == ()
    assert found.centre("north") == _centre(active=False)
    told = Entry.objects.order_by("id").values_list("action", flat=True)
    assert list(told)[-2:] == ["centre.created", "centre.changed"]


@pytest.mark.parametrize(
    ("field", "centre"),
    [
        ("key", Centre("North Side", {"en": "North"}, "1 Hill Road")),
        ("names", Centre("north", {"en": ""}, "1 Hill Road")),
        ("address", Centre("north", {"en": "North"}, " ")),
        ("hours", _centre(hours=OpeningHours(((Interval(time(9), time(8)),), *((),) * 6)))),
    ],
)
def test_a_centre_that_makes_no_sense_is_refused(field: str, centre: Centre) -> None:
    agency = _agency()
    with pytest.raises(actions.CentreProblem) as refused:
        actions.upsert_centre(agency_id=agency.id, centre=centre, by=SYSTEM, now=NOW)
    assert refused.value.details == {"field": field}
