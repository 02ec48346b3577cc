"""The sample county, its staff signed in, and a case or two."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory

from loket.identity.models import Person
from loket.kernel import clock
from tests import county

AMINA, JOSEPH, GRACE = "amina.wekesa@example.org", "joseph.ndolo@example.org", "grace.atieno@example.org"
ESTHER, HALIMA, LEILA = "esther.chebet@example.org", "halima.omar@example.org", "leila.hassan@example.org"
TOMAS, MEI, DANIEL = "tomas.kiplagat@example.org", "mei.tan@example.org", "daniel.mutua@example.org"
SignIn = Callable[[str], Client]


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def place(db: None, now: datetime) -> None:
    county.county(now)


@pytest.fixture
def as_staff(place: None) -> SignIn:
    """A browser of somebody who has passed their second factor."""

    def signed_in(email: str) -> Client:
        person = Person.objects.get(email=email)
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        request = RequestFactory().get("/")
        request.session = client.session
        record_authentication(request, person, "mfa")
        request.session.save()
        return client

    return signed_in


@pytest.fixture
def reference(place: None, now: datetime) -> str:
    """A request for information that waits at the information desk."""
    return county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=now)


@pytest.fixture
def long_ago() -> datetime:
    return datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
