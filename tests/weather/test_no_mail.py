"""The mail server is away: the case goes on, its staff sees that nothing arrived, and it is tried again."""

from datetime import datetime

import pytest
from django.test import Client
from pytest_django import Settings

from loket.casework import actions as casework
from loket.kernel import clock
from loket.notifications import delivery
from loket.notifications.models import Message
from loket.notifications.types import State
from tests import county
from tests.access.scene import signed_in
from tests.notifications.mail_server import unused_port
from tests.portal.visitor import Visitor

OFFICER = "amina.wekesa@example.org"


@pytest.fixture(autouse=True)
def _away(settings: Settings) -> None:
    settings.EMAIL_CHANNEL = "smtp"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port()


@pytest.mark.django_db(databases=["default", "keys"])
def test_staff_sees_that_nothing_arrived_and_the_case_goes_on() -> None:
    now = clock.now()
    county.county(now)
    reference = county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=now)
    county.settle(now)
    assert tries(now) == {State.QUEUED}
    assert "We do not try again." not in desk(reference)
    while tries(Message.objects.latest("due_at").due_at) == {State.QUEUED}:
        pass
    page = desk(reference)
    assert "We do not try again. Reach this person in another way" in page
    officer = county.staff(OFFICER)
    opened = casework.open_for_staff(reference=reference, reason="", staff=officer, now=now)
    assert {message.trouble for message in opened.messages} == {"unreachable"}
    assert opened.actions
    person = Visitor(Client())
    person.post("track/", {"reference": reference, "proof": "odhiambo@example.com"})
    assert person.page_id == "case"


def tries(now: datetime) -> set[State | None]:
    """One try of every message to the applicant; how each then stands."""
    return {delivery.deliver(message_id=one, now=now) for one in Message.objects.values_list("id", flat=True)}


def desk(reference: str) -> str:
    response = signed_in(OFFICER, "mfa").get(f"/en/desk/cases/{reference}/")
    assert response.status_code == 200
    return response.content.decode()
