"""Daraja's call-backs, which nobody signs: a key in their address, and no belief in what they say of money.

The address that Daraja is given holds the id of the try, or of the refund, and a code over it that only we
can make. So a call-back proves for which try it is, strangers can't make us ask Safaricom again and again,
and whoever learns one address has learnt nothing about another. What it says of money is still only a
reason to ask: an address passes through logs of proxies, which a signing key would not.
"""

import json
import re
from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from loket.payments.registry import Forged, Notice, RefundNotice, Standing

_TRY, _REFUND, _CODE = "try", "refund", "key"
_CHECKOUT = re.compile(r"[A-Za-z0-9_\-]{5,100}")
_RECEIPT = re.compile(r"[A-Z0-9]{8,12}")


def for_try(callback_url: str, attempt_id: UUID) -> str:
    return _with(callback_url, _TRY, attempt_id)


def for_refund(callback_url: str, refund_id: UUID) -> str:
    return _with(callback_url, _REFUND, refund_id)


def read(query: Mapping[str, str], body: bytes) -> tuple[Notice | RefundNotice, ...]:
    """Raises Forged where the address isn't one that we gave, or the body isn't Daraja's."""
    if _TRY in query:
        return (_of_try(_proved(query, _TRY), body),)
    if _REFUND in query:
        return (_of_refund(_proved(query, _REFUND), body),)
    raise Forged("no_key")


def is_checkout(given: str) -> bool:
    """Whether it can be a CheckoutRequestID."""
    return bool(_CHECKOUT.fullmatch(given))


def is_receipt(given: str) -> bool:
    """Whether it can be a number of M-Pesa's own, such as QK12ABC345."""
    return bool(_RECEIPT.fullmatch(given))


def _with(callback_url: str, what: str, thing: UUID) -> str:
    joint = "&" if "?" in callback_url else "?"
    return callback_url + joint + urlencode({what: str(thing), _CODE: _code(what, thing)})


def _code(what: str, thing: UUID) -> str:
    return salted_hmac(f"loket.payments.mpesa.{what}", str(thing), algorithm="sha256").hexdigest()


def _proved(query: Mapping[str, str], what: str) -> UUID:
    try:
        thing = UUID(query[what])
    except ValueError:
        raise Forged("no_key") from None
    if not constant_time_compare(_code(what, thing), query.get(_CODE, "")):
        raise Forged("wrong_key")
    return thing


def _of_try(attempt_id: UUID, body: bytes) -> Notice:
    match _json(body):
        case {"Body": {"stkCallback": {"CheckoutRequestID": str(ref), "ResultCode": int()} as told}}:
            if is_checkout(ref):
                return Notice(ref, Standing.PENDING, receipt=_receipt(told), attempt_id=attempt_id)
    raise Forged("nonsense")


def _receipt(told: Mapping[str, object]) -> str:
    match told.get("CallbackMetadata"):
        case {"Item": list(items)}:
            for item in items:
                match item:
                    case {"Name": "MpesaReceiptNumber", "Value": str(number)} if is_receipt(number):
                        return number
    return ""


def _of_refund(refund_id: UUID, body: bytes) -> RefundNotice:
    match _json(body):
        case {"Result": {"ResultCode": int() | str() as code, "ConversationID": str(ref)}}:
            # Money that is said to have gone back is not asked for again, and the person it was owed to
            # says so when it is not there: the one thing that is taken on the word of this address.
            if str(code) == "0":
                return RefundNotice(refund_id, Standing.SUCCEEDED, provider_ref=ref[:100])
            return RefundNotice(refund_id, Standing.FAILED, provider_ref=ref[:100], reason="not_reversed")
    raise Forged("nonsense")


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Forged("nonsense") from None
