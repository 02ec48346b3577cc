"""Cards and what else the operator's Stripe account offers, on Stripe's own page (Checkout, redirected to).

No card number, no field for one and no script of Stripe's comes into Loket. Money is believed from a signed
webhook or from asking Stripe, never from the person's return. Neither name nor contact of the payer is sent.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings

from loket.kernel.money import Money
from loket.kernel.text import Message, marked
from loket.payments.providers.stripe import amounts, client, signature
from loket.payments.registry import (
    Asks,
    Forged,
    Notice,
    Order,
    ProviderAway,
    ProviderRefused,
    Redirected,
    Refunding,
    RefundNotice,
    RefundOrder,
    Standing,
    Started,
)

_SESSION = re.compile(r"cs_[A-Za-z0-9_]{1,200}")
_LANGUAGES = frozenset({"en", "id"})
_OF_CONCERN = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
    }
)
_REFUNDS = {
    "succeeded": Standing.SUCCEEDED,
    "pending": Standing.PENDING,
    "requires_action": Standing.PENDING,
    "failed": Standing.FAILED,
    "canceled": Standing.FAILED,
}


class Stripe:
    key = "stripe"
    label = Message(marked("Debit or credit card"))
    asks = Asks.NOTHING
    demo_only = False

    def configured(self) -> bool:
        return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRETS)

    def takes(self, amount: Money) -> bool:
        return amounts.takes(amount)

    def start(self, order: Order, *, now: datetime) -> Started:
        session = client.ask(
            "POST", "/v1/checkout/sessions", _wanted(order), idempotency_key=f"loket-{order.attempt_id}"
        )
        url = session.text("url")
        if not _SESSION.fullmatch(session.text("id")) or not url.startswith(_pages()):
            raise ProviderAway("nonsense")
        return Redirected(provider_ref=session.text("id"), url=url)

    def read_return(self, query: Mapping[str, str]) -> str:
        given = query.get("session_id", "")
        return given if _SESSION.fullmatch(given) else ""

    def parse_callback(
        self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, *, now: datetime
    ) -> tuple[Notice | RefundNotice, ...]:
        given = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), "")
        signature.verify(given, body, settings.STRIPE_WEBHOOK_SECRETS, now)
        event = _event(body)
        data = event.get("data")
        session = data.get("object") if isinstance(data, dict) else None
        if event.get("type") not in _OF_CONCERN or not isinstance(session, dict):
            return ()
        if _attempt(session) is None:
            # The account also serves somebody else.
            return ()
        try:
            notice = _notice(session, failed=event["type"] == "checkout.session.async_payment_failed")
        except ProviderAway:
            raise Forged("nonsense") from None
        return (_at(notice, event.get("created")),)

    def check(self, provider_ref: str, *, now: datetime) -> Notice:
        if not _SESSION.fullmatch(provider_ref):
            raise ProviderRefused("resource_missing")
        session = client.ask("GET", f"/v1/checkout/sessions/{provider_ref}", {})
        if session.text("id") != provider_ref:
            raise ProviderAway("nonsense")
        return _notice(session.fields)

    def refund(self, order: RefundOrder, *, now: datetime) -> Refunding:
        """Looks for the refund first: Stripe forgets idempotency keys after a day, and tells by them only
        what was true at the first call."""
        listed = client.ask(
            "GET", "/v1/refunds", {"payment_intent": order.transaction_id, "limit": "100"}
        ).fields.get("data")
        if not isinstance(listed, list):
            raise ProviderAway("nonsense")
        for found in listed:
            if isinstance(found, dict) and _metadata(found).get("loket_refund") == str(order.refund_id):
                return _refunding(found, order)
        wanted = {
            "payment_intent": order.transaction_id,
            "amount": str(amounts.to_minor(order.amount)),
            "metadata[loket_refund]": str(order.refund_id),
        }
        made = client.ask("POST", "/v1/refunds", wanted, idempotency_key=f"loket-{order.refund_id}")
        return _refunding(made.fields, order)


def _pages() -> tuple[str, ...]:
    """Where people may be sent: pages over HTTPS, or those of the address that tests set."""
    address = settings.STRIPE_ADDRESS.rstrip("/")
    return ("https://",) if address.startswith("https://") else ("https://", f"{address}/")


def _wanted(order: Order) -> dict[str, str]:
    joint = "&" if "?" in order.return_url else "?"
    title = " ".join(order.title.split())[:200]
    return {
        "mode": "payment",
        "client_reference_id": order.reference,
        "metadata[loket_attempt]": str(order.attempt_id),
        "payment_intent_data[metadata][loket_attempt]": str(order.attempt_id),
        "payment_intent_data[description]": f"{order.reference} {title}",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": order.amount.currency.lower(),
        "line_items[0][price_data][unit_amount]": str(amounts.to_minor(order.amount)),
        "line_items[0][price_data][product_data][name]": title or order.reference,
        "locale": order.language if order.language in _LANGUAGES else "auto",
        "expires_at": str(int(order.expires_at.timestamp())),
        # Stripe puts the session's id where the braces are.
        "success_url": f"{order.return_url}{joint}session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": order.return_url,
    }


def _event(body: bytes) -> Mapping[str, object]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise Forged("nonsense") from None
    if not isinstance(event, dict):
        raise Forged("nonsense")
    return event


def _metadata(thing: Mapping[str, object]) -> Mapping[str, object]:
    found = thing.get("metadata")
    return found if isinstance(found, dict) else {}


def _attempt(session: Mapping[str, object]) -> UUID | None:
    try:
        return UUID(str(_metadata(session).get("loket_attempt")))
    except ValueError:
        return None


def _notice(session: Mapping[str, object], *, failed: bool = False) -> Notice:
    """Raises ProviderAway where it makes no sense."""
    match session:
        case {"id": str(ref), "status": status, "payment_status": str(paid)} if _SESSION.fullmatch(ref):
            pass
        case _:
            raise ProviderAway("nonsense")
    attempt = _attempt(session)
    if paid == "paid":
        transaction, amount = _money(session)
        return Notice(ref, Standing.SUCCEEDED, transaction, amount, attempt_id=attempt)
    if failed or status == "expired":
        return Notice(ref, Standing.FAILED, reason="declined" if failed else "expired", attempt_id=attempt)
    return Notice(ref, Standing.PENDING, attempt_id=attempt)


def _money(session: Mapping[str, object]) -> tuple[str, Money]:
    match session:
        case {
            "payment_intent": str(transaction) | {"id": str(transaction)},
            "amount_total": int(minor),
            "currency": str(currency),
        } if transaction and minor > 0 and minor is not True and len(currency) == 3:
            return transaction, amounts.from_minor(minor, currency)
    raise ProviderAway("nonsense")


def _at(notice: Notice, created: object) -> Notice:
    if notice.standing is not Standing.SUCCEEDED or not isinstance(created, int) or not 0 < created < 2**33:
        return notice
    return Notice(
        notice.provider_ref,
        notice.standing,
        notice.transaction_id,
        notice.amount,
        at=datetime.fromtimestamp(created, UTC),
        attempt_id=notice.attempt_id,
    )


def _refunding(refund: Mapping[str, object], order: RefundOrder) -> Refunding:
    match refund:
        case {"id": str(ref), "amount": int(minor), "currency": str(currency), "status": str(status)}:
            if amounts.from_minor(minor, currency) != order.amount:
                raise ProviderRefused("refund_differs")
            if status in _REFUNDS:
                return Refunding(_REFUNDS[status], provider_ref=ref)
    raise ProviderAway("nonsense")


provider = Stripe()
