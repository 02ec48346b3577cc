"""A service that goes through everything casework knows: two teams, guards, chains, files, two time-outs."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from loket.applications import actions as applications
from loket.applications.types import Upload
from loket.casework import actions
from loket.casework.models import Case, CaseEvent
from loket.casework.registry import effect_checks
from loket.catalogue import actions as catalogue
from loket.config.sample import sending
from loket.forms.answering import answers_from_json
from loket.forms.types import Raw
from loket.identity import actions as identity
from loket.identity import queries as people
from loket.identity.types import Role, StaffMember
from loket.kernel.actors import APPLICANT, SYSTEM
from loket.workflow.engine import GivenReason
from tests import county

# A Monday, noon in Nairobi.
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
KEY = "market-stall"
OFFICER, COLLEAGUE, SUPERVISOR = (
    "esther.chebet@example.org",
    "budi.santoso@example.org",
    "ruth.nyambura@example.org",
)
PRIVACY_OFFICER, ANALYST = "leila.hassan@example.org", "mei.tan@example.org"
OTHER_AGENCY, INSPECTOR = "amina.wekesa@example.org", "ines.pector@example.org"

PACK = """
schema: 1
key: market-stall
agency: civil-registry
title: {en: Rent a market stall, sw: Kodi kibanda cha soko}
summary: {en: Ask for a stall on the market., sw: Omba kibanda sokoni.}
languages: [en, sw]
promise: {working_days: 3}
takes_minutes: 3
purpose: {en: To give out stalls., sw: Kutoa vibanda.}
retention: {days: 30, after: closed}
form:
  pages:
    - id: you
      questions:
        - {id: full_name, kind: name, display: true, label: {en: What is your name?, sw: Jina lako ni nani?}}
        - {id: phone, kind: text, indexed: true, required: false,
           label: {en: What is your phone number?, sw: Nambari yako ya simu?}}
    - id: goods
      questions:
        - id: goods
          kind: choice
          display: true
          label: {en: What do you sell?, sw: Unauza nini?}
          options:
            - {value: food, label: {en: Food, sw: Chakula}}
            - {value: clothes, label: {en: Clothes, sw: Nguo}}
    - id: kitchen
      when: goods == "food"
      questions:
        - {id: hygiene, kind: file, max_files: 2, label: {en: Your certificate, sw: Cheti chako}}
        - {id: dishes, kind: text, label: {en: What do you cook?, sw: Unapika nini?}}
    - id: size
      questions:
        - {id: metres, kind: whole_number, min: 1, max: 40, label: {en: How many metres?, sw: Mita ngapi?}}
        - {id: from_day, kind: date, label: {en: From which day?, sw: Kuanzia siku gani?}}
      checks:
        - {check: from_day >= today(), at: from_day, message: {en: That day is over., sw: Siku hiyo imepita.}}
    - id: contact
      questions:
        - {id: contact, kind: contact, label: {en: Where shall we write?, sw: Tukuandikie wapi?}}
workflow:
  start: sort
  stages:
    sort:
      kind: automatic
      silent: true
      label: {en: Sorting, sw: Inapangwa}
      to: look
    look:
      kind: review
      team: registry-desk
      label: {en: We look at it, sw: Tunaangalia}
      actions:
        approve: {to: granted, label: {en: Approve, sw: Kubali}}
        refuse:
          to: refused
          label: {en: Refuse, sw: Kataa}
          reason: required
          reasons: [{value: full, label: {en: The market is full., sw: Soko limejaa.}}]
        refuse_for_good: {to: refused, label: {en: Refuse now, sw: Kataa sasa}, reversible: false}
        enlarge: {to: granted, label: {en: Give two, sw: Toa viwili}, when: metres > 10}
        ask: {to: waiting, asks: true, label: {en: Ask, sw: Uliza}}
        pass_on: {to: inspect, label: {en: Pass on, sw: Pitisha}}
        file: {to: shelf, label: {en: Put aside, sw: Weka kando}}
    shelf:
      kind: review
      team: registry-desk
      silent: true
      label: {en: On the shelf, sw: Kwenye rafu}
      actions:
        back: {to: look, label: {en: Take it back, sw: Rudisha}}
    inspect:
      kind: review
      team: inspectors
      label: {en: We come to see, sw: Tunakuja kuona}
      actions:
        good: {to: weigh, label: {en: Good, sw: Sawa}}
        back: {to: look, label: {en: Send back, sw: Rudisha}, reason: optional}
    weigh:
      kind: automatic
      silent: true
      label: {en: Weighing, sw: Inapimwa}
      effects:
        - tell: {agencies: [tax-authority], answers: [full_name]}
      choose:
        - {when: metres > 10, to: look}
        - {to: granted}
    waiting:
      kind: applicant
      returns_to: look
      within: {days: 14}
      on_timeout: {to: reminded}
      label: {en: We need your answer, sw: Tunasubiri jibu lako}
    reminded:
      kind: applicant
      returns_to: look
      within: {days: 7}
      on_timeout: {to: lapsed}
      label: {en: We still need your answer, sw: Bado tunasubiri jibu lako}
    granted: {kind: final, outcome: granted, label: {en: You have a stall, sw: Una kibanda}}
    refused: {kind: final, outcome: refused, label: {en: No stall for you, sw: Huna kibanda}}
    lapsed: {kind: final, outcome: withdrawn, label: {en: We closed it, sw: Tumefunga}}
"""

ANSWERS: dict[str, Any] = {
    "full_name": "Wanjiru Kamau",
    "phone": "0712 345 678",
    "goods": "clothes",
    "metres": 4,
    "from_day": "2026-12-01",
    "contact": {"channel": "email", "address": "wanjiru@example.com"},
}
BY_PHONE: dict[str, Any] = {**ANSWERS, "contact": {"channel": "sms", "address": "+254712345678"}}
ON_PAPER: dict[str, Any] = {**ANSWERS, "contact": {"channel": "none", "address": ""}}
COOK: dict[str, Any] = {**ANSWERS, "goods": "food", "dishes": "Githeri"}


def open_market(now: datetime = NOW) -> None:
    """The county with the market, its inspectors and one inspector."""
    county.county(now)
    agency = people.agency("civil-registry")
    assert agency is not None
    team = identity.upsert_team(
        agency_id=agency.id, key="inspectors", names={"en": "Inspectors"}, by=SYSTEM, now=now
    )
    person = identity.create_person(
        email=INSPECTOR, full_name="Ines Pector", language="en", by=SYSTEM, now=now
    )
    identity.add_membership(
        person_id=person.id, agency_id=agency.id, team_id=team.id, role=Role.OFFICER, by=SYSTEM, now=now
    )
    people.forget_agencies()
    catalogue.publish(source=PACK, by=SYSTEM, now=now, effects=effect_checks())


def draft(
    answers: Mapping[str, Any] = ANSWERS,
    *,
    now: datetime = NOW,
    language: str = "en",
    files: Mapping[str, Callable[[], Upload]] | None = None,
) -> str:
    chosen = county.service(KEY)
    values = answers_from_json(chosen.form, answers)
    return sending.fill_in(chosen, values, language=language, now=now, files=files)


def sent(answers: Mapping[str, Any] = ANSWERS, *, now: datetime = NOW, language: str = "en") -> Case:
    token = draft(answers, now=now, language=language)
    return submitted(token, now=now, language=language)


def submitted(token: str, *, now: datetime = NOW, language: str = "en") -> Case:
    done = applications.submit(token=token, language=language, by=APPLICANT, now=now)
    return Case.objects.get(reference=done.reference)


def act(
    case: Case,
    action: str,
    *,
    by: str | StaffMember = OFFICER,
    now: datetime = NOW,
    reason: GivenReason | None = None,
    message: str = "",
    questions: tuple[str, ...] = (),
    revision: int | None = None,
) -> CaseEvent:
    """Acts on the case as it now is; the case at hand is renewed."""
    case.refresh_from_db()
    event_id = actions.act(
        case_id=case.id,
        action=action,
        revision=case.revision if revision is None else revision,
        reason=reason or GivenReason(),
        message=message,
        questions=questions,
        staff=county.staff(by) if isinstance(by, str) else by,
        now=now,
    )
    case.refresh_from_db()
    return CaseEvent.objects.get(id=event_id)


def asked(case: Case, *questions: str, message: str = "Which?", now: datetime = NOW) -> CaseEvent:
    """Asks back and lets it settle at once, on the clock of the event."""
    return act(case, "ask", message=message, questions=questions, now=now)


def answer_reply(
    case: Case, page: str, now: datetime, removed: dict[str, list[str]] | None = None, **fields: Raw | str
) -> Any:
    raw: dict[str, Raw] = {
        name: {"": (value,)} if isinstance(value, str) else value for name, value in fields.items()
    }
    return actions.answer_reply_page(
        case_id=case.id, page_id=page, raw=raw, files={}, removed=removed or {}, now=now
    )


def events(case: Case) -> list[CaseEvent]:
    return list(CaseEvent.objects.filter(case=case).order_by("id"))


def team_id(key: str) -> int:
    agency = people.agency("civil-registry")
    assert agency is not None
    return people.team(agency.id, key).id


def person_id(email: str) -> UUID:
    return county.staff(email).person_id


def as_id(text: str) -> UUID:
    return UUID(text)
