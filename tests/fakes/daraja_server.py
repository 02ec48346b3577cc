"""Daraja's STK push, its query and reversals on loopback; `daraja_facts.json` says what they must be like."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.fakes.serving import FakeServer

CONSUMER_KEY, CONSUMER_SECRET = "loket-key", "loket-consumer-secret"
SHORTCODE, PASSKEY = "174379", "pass-key-of-the-tests"
INITIATOR, CREDENTIAL = "loket-initiator", "c2VjdXJpdHk="


@dataclass
class Push:
    """A request on a phone. `result` is empty until the person did something."""

    ref: str
    amount: int
    phone: str
    callback: str
    result: str = ""
    receipt: str = ""


class FakeDaraja(FakeServer):
    """`confirm` and `refuse` are what a person does on the phone."""

    def __init__(self) -> None:
        super().__init__()
        self.pushes: dict[str, Push] = {}
        self.reversals: list[dict[str, Any]] = []
        self.token, self.tokens_given, self.lives = "token-1", 0, 3599
        self.refuses_push = ""

    def __enter__(self) -> "FakeDaraja":
        super().__enter__()
        return self

    def confirm(self, ref: str) -> None:
        push = self.pushes[ref]
        push.result, push.receipt = "0", f"QK{len(self.log):08d}"

    def refuse(self, ref: str, result: str = "1032") -> None:
        self.pushes[ref].result = result

    def told(self, ref: str) -> dict[str, Any]:
        """The body of the call-back."""
        push = self.pushes[ref]
        told: dict[str, Any] = {
            "MerchantRequestID": f"m-{ref}",
            "CheckoutRequestID": ref,
            "ResultCode": int(push.result),
            "ResultDesc": "Words of Safaricom's.",
        }
        if push.result == "0":
            told["CallbackMetadata"] = {
                "Item": [
                    {"Name": "Amount", "Value": float(push.amount)},
                    {"Name": "MpesaReceiptNumber", "Value": push.receipt},
                    {"Name": "Balance"},
                    {"Name": "TransactionDate", "Value": 20261122104500},
                    {"Name": "PhoneNumber", "Value": int(push.phone)},
                ]
            }
        return {"Body": {"stkCallback": told}}

    def told_of_reversal(self, number: int, result: int | str = 0) -> dict[str, Any]:
        return {
            "Result": {
                "ResultType": 0,
                "ResultCode": result,
                "ResultDesc": "Words of Safaricom's.",
                "OriginatorConversationID": f"o-{number}",
                "ConversationID": f"AG_{number}",
                "TransactionID": self.reversals[number]["TransactionID"],
            }
        }

    def answer(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: str
    ) -> tuple[int, Any]:
        if path == "/oauth/v1/generate":
            return self._given_token(headers)
        if headers.get("authorization") != f"Bearer {self.token}":
            return _error(404, "404.001.03", "Invalid Access Token")
        asked = json.loads(body)
        match path:
            case "/mpesa/stkpush/v1/processrequest":
                return self._pushed(asked)
            case "/mpesa/stkpushquery/v1/query":
                return self._state(asked)
            case "/mpesa/reversal/v1/request":
                return self._reversed(asked)
        return _error(404, "404.001.01", "Resource not found")

    def _given_token(self, headers: Mapping[str, str]) -> tuple[int, Any]:
        pair = base64.b64encode(f"{CONSUMER_KEY}:{CONSUMER_SECRET}".encode()).decode()
        if headers.get("authorization") != f"Basic {pair}":
            return _error(400, "400.008.01", "Invalid Authentication passed")
        self.tokens_given += 1
        return 200, {"access_token": self.token, "expires_in": str(self.lives)}

    def _pushed(self, asked: Mapping[str, Any]) -> tuple[int, Any]:
        if not _signed(asked):
            return _error(500, "500.001.1001", "Wrong credentials")
        if self.refuses_push:
            return _error(int(self.refuses_push[:3]), self.refuses_push, "Words of Safaricom's.")
        ref = f"ws_CO_{len(self.pushes):020d}"
        self.pushes[ref] = Push(ref, int(asked["Amount"]), asked["PhoneNumber"], asked["CallBackURL"])
        return 200, {
            "MerchantRequestID": f"m-{ref}",
            "CheckoutRequestID": ref,
            "ResponseCode": "0",
            "ResponseDescription": "Success. Request accepted for processing",
            "CustomerMessage": "Success. Request accepted for processing",
        }

    def _state(self, asked: Mapping[str, Any]) -> tuple[int, Any]:
        if not _signed(asked):
            return _error(500, "500.001.1001", "Wrong credentials")
        push = self.pushes.get(asked["CheckoutRequestID"])
        if push is None:
            return _error(400, "400.002.02", "Bad Request - Invalid CheckoutRequestID")
        if not push.result:
            return _error(500, "500.001.1001", "The transaction is being processed")
        return 200, {
            "ResponseCode": "0",
            "ResponseDescription": "The service request has been accepted successfully",
            "MerchantRequestID": f"m-{push.ref}",
            "CheckoutRequestID": push.ref,
            "ResultCode": push.result,
            "ResultDesc": "Words of Safaricom's.",
        }

    def _reversed(self, asked: dict[str, Any]) -> tuple[int, Any]:
        if (asked["Initiator"], asked["SecurityCredential"]) != (INITIATOR, CREDENTIAL):
            return _error(400, "400.002.02", "Bad Request - Invalid Initiator")
        self.reversals.append(asked)
        number = len(self.reversals) - 1
        return 200, {
            "OriginatorConversationID": f"o-{number}",
            "ConversationID": f"AG_{number}",
            "ResponseCode": "0",
            "ResponseDescription": "Accept the service request successfully.",
        }


def _signed(asked: Mapping[str, Any]) -> bool:
    """With the pass key and the time on Nairobi's clocks, which must be about now."""
    stamp = asked["Timestamp"]
    password = base64.b64encode(f"{SHORTCODE}{PASSKEY}{stamp}".encode()).decode()
    at = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=timezone(timedelta(hours=3)))
    near = abs(datetime.now(at.tzinfo) - at) < timedelta(hours=1)
    return asked["Password"] == password and asked["BusinessShortCode"] == SHORTCODE and near


def _error(status: int, code: str, words: str) -> tuple[int, Any]:
    return status, {"requestId": "1-2-3", "errorCode": code, "errorMessage": words}
