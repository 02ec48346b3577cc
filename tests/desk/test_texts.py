"""What messages say, for those who answer for a service; and what became of them, for those who work it."""

from dataclasses import replace
from datetime import datetime

import pytest
from click.testing import CliRunner
from django.utils import translation

from loket.config.commands.bouncing import messages
from loket.desk import fates
from loket.kernel import clock
from loket.kernel.ids import new_id
from loket.notifications.types import Medium, MessageView, State
from tests import county
from tests.desk.conftest import AMINA, GRACE, SignIn

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
NOW = clock.now()
ADDRESS = f"/en/desk/texts/information-commission/{county.INFORMATION}/"


def test_a_supervisor_reads_every_message_in_the_language_asked_for(as_staff: SignIn) -> None:
    grace = as_staff(GRACE)
    assert ADDRESS in grace.get("/en/desk/texts/").content.decode()
    english = grace.get(ADDRESS).content.decode()
    assert "We have your application" in english
    assert "Your code is" in english
    swahili = grace.get(f"{ADDRESS}?language=sw").content.decode()
    assert "Tumepokea" in swahili
    assert "We have your application" not in swahili
    assert "We have your application" in grace.get(f"{ADDRESS}?language=<b>").content.decode()


def test_it_is_for_those_who_answer_for_the_service(as_staff: SignIn) -> None:
    assert as_staff(AMINA).get(ADDRESS).status_code in (403, 404)
    grace = as_staff(GRACE)
    assert grace.get(f"/en/desk/texts/tax-authority/{county.INFORMATION}/").status_code == 404
    assert grace.get(f"/en/desk/texts/civil-registry/{county.ADDRESS}/").status_code == 404


def test_the_command_writes_them_too(place: None) -> None:
    said = CliRunner().invoke(messages, ["preview", county.INFORMATION, "--language", "sw"])
    assert said.exit_code == 0, said.output
    assert "== sw: submitted" in said.output
    assert "Tumepokea" in said.output
    every = CliRunner().invoke(messages, ["preview", f"information-commission/{county.INFORMATION}"])
    assert "== en: code" in every.output
    assert "== id: code" in every.output
    assert CliRunner().invoke(messages, ["preview", "no-such-service"]).exit_code == 1
    assert CliRunner().invoke(messages, ["preview", county.INFORMATION, "--language", "xx"]).exit_code == 1


def _message(state: State, **changes: object) -> MessageView:
    told = MessageView(
        new_id(), "stage_changed", Medium.EMAIL, "a…@b.example", "S", "B", "en", state, 1, "", NOW, NOW, None
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def _words(state: State, **changes: object) -> str:
    with translation.override("en"):
        return fates.of(_message(state, **changes)).state


def test_what_became_of_a_message_is_said_in_words() -> None:
    at: dict[str, datetime] = {"ended_at": NOW}
    assert _words(State.QUEUED) == "waiting to be sent"
    assert _words(State.SENDING) == "being sent"
    assert _words(State.SENT, **at) == "handed over"
    assert _words(State.SENT, **at, delivered_at=NOW) == "delivered"
    assert _words(State.SENT, **at, delivered_at=NOW, bounced_at=NOW) == "came back"
    assert _words(State.FAILED, **at) == "failed"
    assert _words(State.CANCELLED, **at) == "not sent"
    with translation.override("en"):
        failed, wanted = (
            fates.of(_message(State.FAILED)),
            fates.of(_message(State.CANCELLED, trouble="reminders_off")),
        )
        again, handed = fates.of(_message(State.QUEUED)), fates.of(_message(State.SENT))
    assert failed.bad
    assert "another way" in failed.next
    assert "no reminders" in wanted.next
    assert "try again" in again.next
    assert not handed.bad
