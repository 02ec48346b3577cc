"""A small service that issues a certificate: checked by an officer, with a template of its own or without."""

from datetime import datetime
from pathlib import Path
from typing import Any

from loket.casework import actions as casework
from loket.casework.models import Case, CasePaper
from loket.casework.registry import effect_checks
from loket.catalogue import actions as catalogue
from loket.catalogue import queries
from loket.kernel.actors import SYSTEM
from loket.workflow.engine import GivenReason
from tests import county

SUPERVISOR, OFFICER, STRANGER = (
    "grace.atieno@example.org",
    "amina.wekesa@example.org",
    "ruth.nyambura@example.org",
)
NAME = "Fāṭima فاطمة Otieno"
ANSWERS: dict[str, Any] = {
    "full_name": NAME,
    "born": "1990-01-31",
    "class": "b",
    "years": 3,
    "contact": {"channel": "email", "address": "fatima@example.com"},
}
OWN_TEMPLATE = """#import "/loket.typ": *
#show: paper.with(title: data.title, keywords: (data.mark,))
= Our own licence
#data.holder
#drawing("code", alt: data.words.code, width: 40mm)
"""
PACK = """
schema: 1
key: test-licence
agency: information-commission
title: {en: Get a licence, sw: Pata leseni}
summary: {en: A licence for those who ask., sw: Leseni kwa wanaoomba.}
life_events: [driving]
keywords: {en: [licence], sw: [leseni]}
languages: [en, sw]
sign_in: none
promise: {working_days: 2}
takes_minutes: 2
purpose: {en: To issue your licence., sw: Kutoa leseni yako.}
retention: {years: 1, after: closed}
form:
  pages:
    - id: you
      title: {en: About you, sw: Kukuhusu}
      questions:
        - {id: full_name, kind: name, label: {en: What is your full name?, sw: Jina lako kamili ni nani?}}
        - {id: born, kind: date, label: {en: When were you born?, sw: Ulizaliwa lini?}}
        - id: class
          kind: choice
          label: {en: Which class?, sw: Daraja gani?}
          options:
            - {value: b, label: {en: Cars, sw: Magari}}
            - {value: c, label: {en: Lorries, sw: Malori}}
        - {id: years, kind: whole_number, label: {en: For how many years?, sw: Kwa miaka mingapi?}}
        - {id: contact, kind: contact, label: {en: Where do we write to?, sw: Tukuandikie wapi?}}
workflow:
  start: check
  stages:
    check:
      kind: review
      label: {en: Being checked, sw: Inakaguliwa}
      team: information-desk
      within: {working_days: 1}
      actions:
        approve: {label: {en: Approve, sw: Kubali}, to: issue}
        refuse:
          label: {en: Refuse, sw: Kataa}
          to: refused
          reason: required
          reasons:
            - {value: young, label: {en: You are too young., sw: Umri wako ni mdogo.}}
    issue:
      kind: automatic
      label: {en: Issuing, sw: Inatolewa}
      effects: [{issue: licence}]
      to: granted
    granted: {kind: final, label: {en: Licence issued, sw: Leseni imetolewa}, outcome: granted}
    refused: {kind: final, label: {en: Refused, sw: Limekataliwa}, outcome: refused}
documents:
  licence:
    title: {en: Driving licence, sw: Leseni ya udereva}
    holder: full_name
    says: {en: May drive on public roads., sw: Anaweza kuendesha gari barabarani.}
    facts:
      class: {label: {en: Class, sw: Daraja}, value: class, signed: true}
      born: {label: {en: Date of birth, sw: Tarehe ya kuzaliwa}, value: born}
    valid: {years: years}
remind: [{before: expiry, days: 60, of: licence}]
appeal: {en: Write to the board within 30 days., sw: Andikia bodi ndani ya siku 30.}
"""


def publish(now: datetime, *, template: str = "") -> int:
    """Publishes it in the open county, with its own template where one is given."""
    source = (
        PACK.replace("    holder: full_name", "    template: own.typ\n    holder: full_name")
        if template
        else PACK
    )
    version = catalogue.publish(
        source=source,
        by=SYSTEM,
        now=now,
        effects=effect_checks(),
        templates={"own.typ": template} if template else None,
    )
    queries.forget_live()
    return version


def sent(now: datetime, *, language: str = "en", **changes: Any) -> Case:
    reference = county.send("test-licence", ANSWERS | changes, now=now, language=language)
    county.settle(now)
    return Case.objects.get(reference=reference)


def decided(case: Case, action: str, now: datetime, reason: GivenReason | None = None) -> Case:
    casework.act(
        case_id=case.id,
        action=action,
        revision=case.revision,
        reason=reason or GivenReason(),
        message="",
        questions=(),
        staff=county.staff(OFFICER),
        now=now,
    )
    county.settle(now + casework.UNDO_FOR)
    case.refresh_from_db()
    return case


def make_all(now: datetime) -> int:
    """Makes every document that was asked for, as the worker would; says how many."""
    waiting = CasePaper.objects.filter(made_at=None, superseded_at=None).values_list("id", flat=True)
    return sum(casework.make_paper(paper_id=paper_id, now=now) for paper_id in list(waiting))


def pack_folder(folder: Path, template: str) -> Path:
    (folder / "service.yaml").write_text(
        PACK.replace("    holder: full_name", "    template: own.typ\n    holder: full_name"),
        encoding="utf-8",
    )
    (folder / "own.typ").write_text(template, encoding="utf-8")
    return folder
