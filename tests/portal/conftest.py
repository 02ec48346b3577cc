from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

from loket.catalogue import queries as catalogue
from loket.identity import queries as identity
from loket.kernel import clock
from tests import county
from tests.portal.visitor import Visitor


@pytest.fixture
def both_databases(request: pytest.FixtureRequest) -> None:
    """Every test here is marked with both databases."""
    request.getfixturevalue("db")


@pytest.fixture
def demo() -> Iterator[None]:
    """Messages go to the sandboxes, and the outbox shows them."""
    with override_settings(DEMO=True, EMAIL_CHANNEL="mail_sandbox", SMS_CHANNEL="sms_sandbox"):
        yield


@pytest.fixture
def visitor(both_databases: None) -> Iterator[Visitor]:
    """Somebody at a browser, before the open sample county."""
    county.county(clock.now())
    yield Visitor(Client())
    identity.forget_agencies()
    catalogue.forget_live()
