from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from loket.catalogue import queries
from loket.identity import actions as identity
from loket.identity import queries as identity_queries
from loket.kernel.actors import SYSTEM

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def water(db: None) -> Iterator[int]:
    """The agency “water” with its team “permits”; nothing is remembered from other tests."""
    identity_queries.forget_agencies()
    queries.forget_live()
    profile = identity.AgencyProfile(names={"en": "Water Agency", "sw": "Mamlaka ya Maji"})
    agency = identity.upsert_agency(key="water", profile=profile, by=SYSTEM, now=NOW)
    identity.upsert_team(agency_id=agency.id, key="permits", names={"en": "Permits"}, by=SYSTEM, now=NOW)
    yield agency.id
    identity_queries.forget_agencies()
    queries.forget_live()
