"""What was asked for in a case, what came, and what this person may do about it."""

from dataclasses import dataclass

from babel.numbers import get_territory_currencies
from django.conf import settings

from loket.casework.types import Phase, StaffCase
from loket.identity.types import Role, StaffMember
from loket.payments import queries as payments
from loket.payments.types import PaymentView, SubjectKind


@dataclass(frozen=True, slots=True)
class CaseMoney:
    """The payments of a case, and what this person may do about them."""

    payments: tuple[PaymentView, ...]
    may_ask: bool
    may_give_back: bool


def money_of(case: StaffCase, member: StaffMember) -> CaseMoney:
    """For the page of the case."""
    found = payments.payments_of(subject_kind=SubjectKind.CASE, subject_id=case.id)
    supervises = any(
        post.agency_id == case.agency_id and post.role is Role.SUPERVISOR for post in member.posts
    )
    return CaseMoney(
        payments=found,
        may_ask=case.may_work and case.phase in (Phase.OPEN, Phase.WAITING),
        may_give_back=case.may_work and supervises,
    )


def currency_of(country: str) -> str:
    """What people of a country pay with."""
    used = get_territory_currencies(country or settings.COUNTRY)
    return str(used[0]) if used else "USD"
