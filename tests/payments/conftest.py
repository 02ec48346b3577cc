from collections.abc import Iterator

import pytest
from pytest_django import Settings

from loket.identity import queries
from loket.identity.types import AgencyView
from tests.payments import till


@pytest.fixture(autouse=True)
def demo(settings: Settings) -> None:
    settings.DEMO = True
    settings.PAYMENT_PROVIDERS = []
    settings.BANK_ACCOUNT = {"": "Bank of Tumaini, 0001"}


@pytest.fixture
def agency() -> Iterator[AgencyView]:
    yield till.agency()
    queries.forget_agencies()
