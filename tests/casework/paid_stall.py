"""The market stall of `stall`, for which a fee is to be paid before anybody looks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loket.casework.models import Case
from loket.casework.registry import effect_checks
from loket.catalogue import actions as catalogue
from loket.identity import actions as identity
from loket.identity import queries as people
from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.payments import actions as payments
from loket.payments import queries
from loket.payments.types import PaymentView, SubjectKind
from tests.casework import stall
from tests.casework.stall import NOW

FEES = """
fees:
  - {id: stall, label: {en: Stall fee, sw: Ada ya kibanda}, currency: KES, amount: metres * 100,
     says: {en: 100 a metre, sw: 100 kwa mita}}
payment: {within: {days: 7}, remind: {days: 2}}
workflow:
  start: sort
"""


def open_market(now: datetime = NOW) -> None:
    stall.open_market(now)
    catalogue.publish(source=source(), by=SYSTEM, now=now, effects=effect_checks())


def source(waiver: str = "") -> str:
    """The market's pack with a fee."""
    head, tail = stall.PACK.split("workflow:\n  start: sort\n")
    return head + waiver + FEES.lstrip() + tail


def sent(
    answers: Mapping[str, Any] = stall.ANSWERS, *, now: datetime = NOW, language: str = "en"
) -> tuple[Case, PaymentView]:
    """A case that waits for its fee, and what is to be paid."""
    case = stall.sent(answers, now=now, language=language)
    return case, payment(case)


def payment(case: Case) -> PaymentView:
    """The first that was asked for."""
    return payments_of(case)[0]


def payments_of(case: Case) -> tuple[PaymentView, ...]:
    return queries.payments_of(subject_kind=SubjectKind.CASE, subject_id=case.id)


def pay(case: Case, amount: Money | None = None, *, slip: str = "slip 1", now: datetime = NOW) -> None:
    """Cash over the counter: the shortest way by which money comes."""
    payments.record_transfer(
        agency_id=case.agency_id,
        reference=case.reference,
        amount=amount or payment(case).outstanding,
        transaction_id=slip,
        received_at=now,
        by=SYSTEM,
        now=now,
    )
    case.refresh_from_db()


def free(answers: Mapping[str, Any], *, now: datetime = NOW) -> Case:
    """The same with a waiver for everybody."""
    waiver = 'waivers: [{id: all, label: {en: Free, sw: Bure}, share: "1"}]\n'
    catalogue.publish(source=source(waiver), by=SYSTEM, now=now, effects=effect_checks())
    return stall.sent(answers, now=now)


def open_market_in(now: datetime) -> None:
    """The market with its fee, in a county that is open already."""
    agency = people.agency("civil-registry")
    assert agency is not None
    identity.upsert_team(
        agency_id=agency.id, key="inspectors", names={"en": "Inspectors"}, by=SYSTEM, now=now
    )
    people.forget_agencies()
    catalogue.publish(source=source(), by=SYSTEM, now=now, effects=effect_checks())
