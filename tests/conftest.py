"""What every test starts from: a process that remembers nothing of another test's database."""

import pytest

from loket.catalogue import queries as catalogue
from loket.identity import queries as identity
from loket.notifications import health
from loket.privacy import roots
from loket.upkeep import queries as upkeep
from loket.web import kept
from loket.webhooks import telling


@pytest.fixture(autouse=True)
def _remember_nothing() -> None:
    identity.forget_agencies()
    catalogue.forget_live()
    roots.forget()
    health.forget()
    upkeep.forget()
    telling.forget()
    kept.forget()
