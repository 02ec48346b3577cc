"""Stripe's Checkout Sessions and refunds on loopback; `stripe_facts.json` says what it must be like."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.serving import FakeServer

KEY = "sk_test_loket"
WEBHOOK_SECRET = "whsec_loket"
_SHORTEST, _LONGEST = 30 * 60, 24 * 3600


class Refusal(Exception):
    def __init__(self, status: int, kind: str, code: str = "") -> None:
        super().__init__(kind)
        self.status, self.kind, self.code = status, kind, code


class FakeStripe(FakeServer):
    """`pay`, `expire` and `fail` are what a person does on Stripe's page."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.next_refund = "succeeded"
        self.keys: dict[str, tuple[str, tuple[int, Any]]] = {}
        self.clock = time.time
        # Where it says it sends people; None: to its own page.
        self.page: str | None = None

    def __enter__(self) -> "FakeStripe":
        super().__enter__()
        return self

    def pay(self, ref: str, amount: int | None = None, currency: str = "") -> None:
        session = self.sessions[ref]
        session.update(status="complete", payment_status="paid", payment_intent=f"pi_{ref[8:]}", url=None)
        session["amount_total"] = session["amount_total"] if amount is None else amount
        session["currency"] = currency or session["currency"]

    def pay_later(self, ref: str) -> None:
        """By a bank's debit, say, which takes days."""
        self.sessions[ref].update(status="complete", payment_intent=f"pi_{ref[8:]}", url=None)

    def expire(self, ref: str) -> None:
        self.sessions[ref].update(status="expired", url=None)

    def event(self, kind: str, ref: str, at: datetime) -> dict[str, Any]:
        return {
            "id": f"evt_{len(self.log)}",
            "object": "event",
            "api_version": "2026-09-30.endive",
            "created": int(at.timestamp()),
            "data": {"object": dict(self.sessions[ref])},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }

    def webhook(self, kind: str, ref: str, at: datetime) -> tuple[dict[str, str], bytes]:
        """Headers and body, as Stripe would send them at that time."""
        return signed(json.dumps(self.event(kind, ref, at)).encode(), at)

    def answer(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: str
    ) -> tuple[int, Any]:
        try:
            if headers.get("authorization") != f"Bearer {KEY}":
                raise Refusal(401, "invalid_request_error")
            if key := headers.get("idempotency-key", ""):
                return self._once(key, path, body)
            return 200, self._done(method, path, query, body)
        except Refusal as refusal:
            return _said(refusal)

    def _once(self, key: str, path: str, body: str) -> tuple[int, Any]:
        said, answer = self.keys.get(key, ("", (0, None)))
        if said and said != path + body:
            return _said(Refusal(400, "idempotency_error"))
        if not said:
            try:
                answer = 200, self._done("POST", path, {}, body)
            except Refusal as refusal:
                answer = _said(refusal)
            # Stripe keeps the answer as it was at the first call.
            self.keys[key] = path + body, json.loads(json.dumps(answer))
        return answer[0], answer[1]

    def _done(self, method: str, path: str, query: Mapping[str, str], body: str) -> Any:
        form = dict(parse_qsl(body))
        match method, path.split("/")[2:]:
            case "POST", ["checkout", "sessions"]:
                return self._session(form)
            case "GET", ["checkout", "sessions", ref] if ref in self.sessions:
                return self.sessions[ref]
            case "GET", ["refunds"]:
                of = [
                    refund for refund in self.refunds if refund["payment_intent"] == query["payment_intent"]
                ]
                return {"object": "list", "url": "/v1/refunds", "has_more": False, "data": of[::-1]}
            case "POST", ["refunds"]:
                return self._refund(form)
        raise Refusal(404, "invalid_request_error", "resource_missing")

    def _session(self, form: Mapping[str, str]) -> Any:
        price = "line_items[0][price_data]"
        now = int(self.clock())
        expires = int(form.get("expires_at", now + _LONGEST))
        if form.get("mode") != "payment" or f"{price}[unit_amount]" not in form:
            raise Refusal(400, "invalid_request_error", "parameter_missing")
        if not now + _SHORTEST - 5 <= expires <= now + _LONGEST + 5:
            raise Refusal(400, "invalid_request_error")
        amount = int(form[f"{price}[unit_amount]"]) * int(form["line_items[0][quantity]"])
        if amount < 50:
            raise Refusal(400, "invalid_request_error", "amount_too_small")
        ref = f"cs_test_{len(self.sessions):024d}"
        self.sessions[ref] = {
            "id": ref,
            "object": "checkout.session",
            "amount_subtotal": amount,
            "amount_total": amount,
            "automatic_tax": {"enabled": False},
            "cancel_url": form.get("cancel_url"),
            "client_reference_id": form.get("client_reference_id"),
            "created": now,
            "currency": form[f"{price}[currency]"],
            "custom_fields": [],
            "custom_text": {},
            "expires_at": expires,
            "livemode": False,
            "locale": form.get("locale"),
            "metadata": {"loket_attempt": form["metadata[loket_attempt]"]},
            "mode": "payment",
            "payment_intent": None,
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "shipping_options": [],
            "status": "open",
            "success_url": form.get("success_url"),
            "ui_mode": "hosted_page",
            "url": f"{self.address}/c/pay/{ref}",
        }
        if self.page is not None:
            self.sessions[ref]["url"] = self.page
        return dict(self.sessions[ref])

    def _refund(self, form: Mapping[str, str]) -> Any:
        paid = [
            session
            for session in self.sessions.values()
            if session["payment_intent"] == form["payment_intent"] and session["payment_status"] == "paid"
        ]
        if not paid:
            raise Refusal(404, "invalid_request_error", "resource_missing")
        amount, gone = int(form["amount"]), 0
        for refund in self.refunds:
            if refund["payment_intent"] == form["payment_intent"] and refund["status"] != "failed":
                gone += refund["amount"]
        if amount + gone > paid[0]["amount_total"]:
            code = "charge_already_refunded" if gone == paid[0]["amount_total"] else ""
            raise Refusal(400, "invalid_request_error", code)
        made = {
            "id": f"re_{len(self.refunds):024d}",
            "object": "refund",
            "amount": amount,
            "balance_transaction": "txn_1",
            "charge": "ch_1",
            "created": int(self.clock()),
            "currency": paid[0]["currency"],
            "metadata": {"loket_refund": form["metadata[loket_refund]"]},
            "payment_intent": form["payment_intent"],
            "reason": None,
            "receipt_number": None,
            "status": self.next_refund,
        }
        self.refunds.append(made)
        return dict(made)


def signed(body: bytes, at: datetime, *secrets: str) -> tuple[dict[str, str], bytes]:
    """Headers that prove the body came from Stripe at that time, and the body."""
    stamp = str(int(at.timestamp()))
    codes = [
        hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        for secret in secrets or (WEBHOOK_SECRET,)
    ]
    header = ",".join([f"t={stamp}", *(f"v1={code}" for code in codes), "v0=of-no-meaning"])
    return {"Content-Type": "application/json", "Stripe-Signature": header}, body


def _said(refusal: Refusal) -> tuple[int, Any]:
    error = {"type": refusal.kind, "message": "Words of Stripe's, with jane@example.com in them."}
    return refusal.status, {"error": {**error, **({"code": refusal.code} if refusal.code else {})}}
