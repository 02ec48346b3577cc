"""A member of staff with a password, with and without a second factor."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache

from loket.identity.models import Person
from loket.kernel import clock
from tests import county

PASSWORD = "seven quiet mangoes"
AMINA = "amina.wekesa@example.org"


@pytest.fixture(autouse=True)
def _forget_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def amina(db: None, now: datetime) -> Person:
    county.county(now)
    person = Person.objects.get(email=AMINA)
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def secret(amina: Person) -> str:
    """Amina's authenticator app."""
    made: str = totp.generate_totp_secret()
    totp.TOTP.activate(amina, made)
    return made
