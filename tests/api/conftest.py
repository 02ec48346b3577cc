"""The open sample county, once for each module: every test begins with it and leaves nothing behind."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from loket.identity import tokens
from loket.kernel import clock
from loket.privacy import roots
from tests import county

DATABASES = ("default", "keys")


@pytest.fixture(scope="module")
def open_county(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), ExitStack() as stack:
        for alias in DATABASES:
            around = transaction.atomic(using=alias)
            # As Django's own TestCase says it: what has to be durable is so within a test.
            around._from_testcase = True  # type: ignore[attr-defined]
            stack.enter_context(around)
        stack.callback(lambda: [transaction.set_rollback(True, using=alias) for alias in DATABASES])
        # An earlier test's root secrets went with its database.
        roots.forget()
        county.county(clock.now())
        yield


@pytest.fixture
def at_the_county(open_county: None, db: None) -> None:
    tokens.forget_tokens()
