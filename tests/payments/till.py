"""An agency that asks for money, and a make-believe bank at which people pay."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from loket.identity import actions as identity
from loket.identity.actions import AgencyProfile
from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.payments import actions, queries
from loket.payments.providers.sandbox import bank
from loket.payments.providers.sandbox.bank import Doing
from loket.payments.registry import Redirected
from loket.payments.types import Line, PaymentView, SubjectKind

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OWED = Money(Decimal("1050.00"), "KES")


def agency(key: str = "transport-authority", timezone: str = "Africa/Nairobi") -> AgencyView:
    profile = AgencyProfile(names={"en": "Transport Authority"}, timezone=timezone)
    return identity.upsert_agency(key=key, profile=profile, by=SYSTEM, now=NOW)


def kes(amount: str) -> Money:
    return Money(Decimal(amount), "KES").rounded()


def asked(
    agency: AgencyView,
    amount: Money = OWED,
    *,
    reference: str = "7K3P-2M9X",
    expires_at: datetime | None = None,
    key: str = "",
    now: datetime = NOW,
) -> UUID:
    """A payment that somebody owes."""
    return actions.ask(
        agency_id=agency.id,
        subject_kind=SubjectKind.CASE,
        subject_id=uuid4(),
        key=key or str(uuid4()),
        reference=reference,
        title={"en": "Renew your driving licence"},
        lines=[Line({"en": "Renewal fee"}, amount)],
        expires_at=expires_at,
        by=SYSTEM,
        now=now,
    )


def begun(payment_id: UUID, now: datetime = NOW) -> str:
    """The bank's name for a try."""
    started = actions.begin(payment_id=payment_id, provider="sandbox", language="en", now=now)
    assert isinstance(started, Redirected)
    return started.provider_ref


def paid(payment_id: UUID, doing: Doing = Doing.APPROVE, now: datetime = NOW) -> str:
    """A try at which somebody pressed a button of the bank's page; the bank's name for it."""
    ref = begun(payment_id, now)
    bank.press(ref=ref, doing=doing, now=now)
    return ref


def seen(payment_id: UUID) -> PaymentView:
    view = queries.payment(payment_id)
    assert view is not None
    return view
