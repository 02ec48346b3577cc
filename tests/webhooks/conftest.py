"""The sample county, a receiver on loopback, and an endpoint that leads to it."""

import ipaddress
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from pytest_django import Settings

from loket.identity import actions as people
from loket.identity import queries as identity
from loket.identity.actions import AgencyProfile
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.webhooks import actions, posting
from loket.webhooks.delivery import Outcome, State, claim, hand_over, settle
from loket.webhooks.types import CHOOSABLE
from tests import county
from tests.webhooks.receiver import Receiver

AGENCY = "information-commission"
Deliver = Callable[[], list[State | None]]


@pytest.fixture(autouse=True)
def reachable(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is allowed here, and nobody waits long."""
    settings.WEBHOOKS_PRIVATE = (ipaddress.ip_network("127.0.0.0/8"),)
    monkeypatch.setattr(posting, "SECONDS", 1.5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def agency(db: None) -> int:
    """An agency by itself; the whole county takes longer to open."""
    profile = AgencyProfile(names={"en": "Information"})
    made = people.upsert_agency(key=AGENCY, profile=profile, by=SYSTEM, now=clock.now())
    return made.id


@pytest.fixture
def place(request: pytest.FixtureRequest) -> int:
    """The agency whose endpoint it is: alone, unless the test asks for the whole county."""
    return int(request.getfixturevalue("county_open" if "county_open" in request.fixturenames else "agency"))


@pytest.fixture
def county_open(db: None) -> int:
    county.county(clock.now())
    found = identity.agency(AGENCY)
    assert found is not None
    return found.id


@pytest.fixture
def endpoint(place: int, receiver: Receiver) -> UUID:
    made, secret = actions.register(
        agency_id=place,
        address=receiver.address,
        events=CHOOSABLE,
        services=(),
        by=SYSTEM,
        now=clock.now(),
    )
    receiver.secrets = [secret]
    return made


@pytest.fixture
def deliver(endpoint: UUID) -> Deliver:
    """A try at all that is due for the endpoint, in this very transaction."""

    def tried() -> list[State | None]:
        claims = claim(endpoint_id=endpoint, limit=50, now=clock.now())
        ended: list[Outcome] = [hand_over(one, clock.now) for one in claims]
        return [settle(one, now=clock.now()) for one in ended]

    return tried
