"""Stripe's API, as far as it is used: forms in, JSON out, and its refusals as words of ours."""

from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import urlencode

from django.conf import settings

from loket.payments.calling import Answer, Conversation
from loket.payments.registry import ProviderAway, ProviderRefused

# The version whose published description the tests hold the fake against; answers keep its shape for ever.
_VERSION = "2026-09-30.endive"
_BUSY = frozenset({409, 429})
_OPERATORS_MISTAKE = frozenset({401, 403})
# Stripe's own codes that staff can do something with. Whatever else it says stays with it.
_KNOWN = frozenset(
    {
        "amount_too_large",
        "amount_too_small",
        "balance_insufficient",
        "charge_already_refunded",
        "charge_disputed",
        "charge_exceeds_source_limit",
        "country_unsupported",
        "refund_disputed_payment",
        "resource_missing",
    }
)


def ask(method: str, path: str, fields: Mapping[str, str], idempotency_key: str = "") -> Answer:
    """One call; `path` begins with /v1. Raises ProviderAway, ProviderRefused."""
    headers = {
        "Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}",
        "Stripe-Version": _VERSION,
    }
    if idempotency_key:
        headers["Idempotency-Key"] = idempotency_key
    url, body = settings.STRIPE_ADDRESS.rstrip("/") + path, None
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(fields).encode("ascii")
    elif fields:
        url += "?" + urlencode(fields)
    answer = Conversation().ask(method, url, headers, body)
    if answer.status != 200:
        _refuse(answer)
    return answer


def _refuse(answer: Answer) -> NoReturn:
    if answer.status in _OPERATORS_MISTAKE:
        raise ProviderAway("not_authorised")
    if answer.status in _BUSY:
        raise ProviderAway("busy")
    if not 400 <= answer.status < 500:
        raise ProviderAway("faulty")
    code = answer.within("error").get("code")
    raise ProviderRefused(code if isinstance(code, str) and code in _KNOWN else "refused")
