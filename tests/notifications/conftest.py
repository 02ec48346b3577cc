from collections.abc import Iterator

import pytest
from pytest_django import Settings

from loket.identity import actions as identity
from loket.identity import queries
from loket.identity.actions import AgencyProfile
from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.kernel.clock import now
from loket.notifications import health
from tests.notifications.mail_server import Mailbox, mail_server, unused_port


@pytest.fixture(autouse=True)
def channels(settings: Settings) -> None:
    """E-mail through a mail server that isn't there yet; no SMS."""
    health.forget()
    settings.DEMO = False
    settings.EMAIL_CHANNEL = "smtp"
    settings.SMS_CHANNEL = ""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = unused_port()
    settings.EMAIL_TIMEOUT = 20
    settings.DEFAULT_FROM_EMAIL = "no-reply@loket.example"


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    with mail_server() as (mailbox, port):
        settings.EMAIL_PORT = port
        yield mailbox


@pytest.fixture
def agency() -> Iterator[AgencyView]:
    profile = AgencyProfile(names={"en": "Transport, Roads", "id": "Dinas Perhubungan"})
    yield identity.upsert_agency(key="transport", profile=profile, by=SYSTEM, now=now())
    queries.forget_agencies()
