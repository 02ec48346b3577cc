"""The sample county for tests: open it, send an application, let the clock and the jobs run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from loket.applications import actions as applications
from loket.casework import actions as casework
from loket.casework import queries as cases
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.config.sample import sending
from loket.forms.answering import answers_from_json
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel.actors import APPLICANT
from tests import laid_down

ADDRESS = "change-of-address"
INFORMATION = "freedom-of-information-request"
CONDUCT = "certificate-of-good-conduct"
LICENCE = "driving-licence-renewal"
CARD = "replace-identity-card"
FINE = "pay-parking-fine"


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
# Files are sent beside these.
CONDUCT_ANSWERS: dict[str, Any] = {
    "purpose": "job",
    "full_name": "Achieng Adhiambo",
    "date_of_birth": "1998-07-02",
    "place_of_birth": "Bandarini",
    "national_id": "33120987",
    "home_address": address("11 Quay Street", "Bandarini", "80200"),
    "contact": {"channel": "email", "address": "achieng@example.com"},
    "declaration": True,
}
LICENCE_ANSWERS: dict[str, Any] = {
    "licence_number": "DL482913",
    "ends_on": "2026-12-20",
    "full_name": "Otieno Ouma",
    "date_of_birth": "1979-02-14",
    "years": "3",
    "chosen_centre": "tumaini-licensing",
    "contact": {"channel": "email", "address": "otieno@example.com"},
    "declaration": True,
}
CARD_ANSWERS: dict[str, Any] = {
    "what_happened": "lost",
    "full_name": "Kadzo Ngala",
    "date_of_birth": "1971-01-01",
    "national_id": None,
    "mothers_name": "Mbeyu Ngala",
    "wants_help": True,
    "gets_support": True,
    "household_size": 6,
    "household_income": 9000,
    "chosen_centre": "bandarini",
    "contact": {"channel": "email", "address": "kadzo@example.com"},
    "declaration": True,
}
FINE_ANSWERS: dict[str, Any] = {
    # Only number and plate are typed; the rest is looked up.
    "fine": {
        "id": "looked up", "number": "PN-20481", "fact": "KDA 123A", "amount": "2000.00", "currency": "KES",
        "what": {"en": "Parked on a footpath"}, "place": "Assembly Hill", "issued_on": "2026-11-19",
        "due_on": "2026-12-19", "state": "open",
    },
    "intention": "pay",
    "full_name": "Aisha Karim",
    "contact": {"channel": "email", "address": "aisha@example.com"},
    "declaration": True,
}  # fmt: skip


def county(now: datetime) -> None:
    """Opens the offices and publishes the library."""
    identity.forget_agencies()
    catalogue.forget_live()
    laid_down.open_county(now)
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
    return sending.fill_in(chosen, answers_from_json(chosen.form, answers), language=language, now=now)


def send(key: str, answers: Mapping[str, Any], *, now: datetime, language: str = "en") -> str:
    """A whole application; returns its reference."""
    token = fill_in(key, answers, now=now, language=language)
    return applications.submit(token=token, language=language, by=APPLICANT, now=now).reference


def settle(now: datetime) -> int:
    """Follows up every event that has settled by now, as the worker would; says how many."""
    return casework.settle(now=now)


def case_id(reference: str) -> UUID:
    return cases.case_id(reference)
