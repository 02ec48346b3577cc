"""The sample county for tests: open it, send an application, let the clock and the jobs run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from loket.applications import actions as applications
from loket.applications import queries
from loket.applications.drafts import journey_context
from loket.casework import actions as casework
from loket.casework.models import Case, CaseEvent
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.config.sample.place import open_place
from loket.forms.answering import answers_from_json, raw_of
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel.actors import APPLICANT

ADDRESS = "change-of-address"
INFORMATION = "freedom-of-information-request"


def address(line1: str, town: str, postcode: str) -> dict[str, str]:
    """An address as it is stored: every part, those not asked empty."""
    return {
        "line1": line1, "line2": "", "town": town, "region": "", "postcode": postcode, "country": "",
    }  # fmt: skip


ADDRESS_ANSWERS: dict[str, Any] = {
    "full_name": "Zuhura Mwinyi",
    "date_of_birth": "1991-04-12",
    "national_id": "27394105",
    "who_is_moving": "me",
    "old_address": address("14 Mtaa wa Pwani", "Bandarini", "80210"),
    "new_address": address("3 Mtaa wa Mnazi", "Tumaini", "40110"),
    "move_date": "2026-11-20",
    "letters_to_new_address": True,
    "agencies_to_tell": ["tax-authority", "health-insurance"],
    "contact": {"channel": "email", "address": "zuhura@example.com"},
    "declaration": True,
}
INFORMATION_ANSWERS: dict[str, Any] = {
    "topic": "Cost of the market road",
    "information": "What did the road from the bridge to the market cost, stage by stage?",
    "period_from": "2025-01-01",
    "period_to": None,
    "form_of_access": "email",
    "email_address": "odhiambo@example.com",
    "about_me": False,
    "urgent": False,
    "full_name": "Odhiambo Okoth",
    "for_organisation": False,
    "contact": {"channel": "email", "address": "odhiambo@example.com"},
    "declaration": True,
}


def county(now: datetime) -> None:
    """Opens the offices and publishes the library."""
    identity.forget_agencies()
    catalogue.forget_live()
    open_place(now)
    identity.forget_agencies()
    catalogue.forget_live()


def service(key: str) -> CompiledService:
    found = next(live for live in catalogue.all_live() if live.key == key)
    return catalogue.compiled(found.version_id)


def staff(email: str) -> StaffMember:
    person = identity.person_by_email(email)
    assert person is not None
    found = identity.staff_member(person.id)
    assert found is not None
    return found


def fill_in(key: str, answers: Mapping[str, Any], *, now: datetime, language: str = "en") -> str:
    """Answers every visible page as a person would; returns the draft's token."""
    chosen = service(key)
    values = answers_from_json(chosen.form, answers)
    agency = identity.agency_known(chosen.agency_id)
    token: str | None = None
    for _ in chosen.form.pages:
        view = queries.draft(token, now) if token else None
        journey = Journey(chosen.form, view.answers if view else {}, journey_context(agency, language, now))
        page = journey.first_incomplete
        if page is None:
            break
        raw = {question.id: raw_of(chosen.form, values, question.id) for question in page.questions}
        answered = applications.answer(
            token=token, service=chosen, page_id=page.id, raw=raw, files={}, removed={},
            language=language, by=APPLICANT, now=now,
        )  # fmt: skip
        assert answered.done, (page.id, answered.problems, answered.revealed)
        token = answered.token
    assert token is not None
    return token


def send(key: str, answers: Mapping[str, Any], *, now: datetime, language: str = "en") -> str:
    """A whole application; returns its reference."""
    token = fill_in(key, answers, now=now, language=language)
    return applications.submit(token=token, language=language, by=APPLICANT, now=now).reference


def settle(now: datetime) -> int:
    """Follows up every event that has settled by now, as the worker would; says how many."""
    due = CaseEvent.objects.filter(settles_at__lte=now, followed_up_at=None, undone_at=None).order_by("id")
    return sum(casework.follow_up(event_id=event.id, now=now) for event in list(due))


def case_id(reference: str) -> UUID:
    return Case.objects.get(reference=reference).id
