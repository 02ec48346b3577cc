"""Safaricom's Daraja API, as far as it is used: a token for an hour, then JSON in and out.

Facts from developer.safaricom.co.ke and public integrations of it, November 2026.
"""

import base64
import json
import re
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from django.conf import settings

from loket.payments.calling import Answer, Conversation
from loket.payments.registry import ProviderAway

# Daraja signs with the time on Nairobi's clocks, which know no summer time.
_NAIROBI = timezone(timedelta(hours=3))
# A token is used until a minute before its end, and never for more than a day.
_MARGIN_SECONDS = 60
_LONGEST_SECONDS = 86_400
_ERROR_CODE = re.compile(r"[0-9.]{3,20}")
# "Invalid access token", which comes as a 404 too.
_BAD_TOKEN = frozenset({"404.001.03", "404.001.04", "400.003.01"})


class Tokens:
    """The access token of this process. Kept in memory only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token, self._of, self._until = "", ("", "", ""), 0.0

    def current(self, talk: Conversation) -> str:
        """Raises ProviderAway."""
        account = (settings.MPESA_ADDRESS, settings.MPESA_CONSUMER_KEY, settings.MPESA_CONSUMER_SECRET)
        with self._lock:
            if self._of == account and time.monotonic() < self._until:
                return self._token
        token, seconds = _fetched(talk)
        with self._lock:
            self._token, self._of = token, account
            self._until = time.monotonic() + min(seconds, _LONGEST_SECONDS) - _MARGIN_SECONDS
        return token

    def forget(self) -> None:
        with self._lock:
            self._until = 0.0


tokens = Tokens()


def post(path: str, fields: Mapping[str, str | int]) -> Answer:
    """One call, its token included. Raises ProviderAway; what Daraja refuses is in the answer's errorCode."""
    talk = Conversation()
    answer = _sent(talk, path, fields)
    if answer.status == 401 or error_code(answer) in _BAD_TOKEN:
        # Refused at the door, so nothing was done: safe to say again with a new token, once.
        tokens.forget()
        answer = _sent(talk, path, fields)
        if answer.status == 401 or error_code(answer) in _BAD_TOKEN:
            raise ProviderAway("not_authorised")
    if answer.status == 429 or error_code(answer) == "500.003.02":
        raise ProviderAway("busy")
    return answer


def error_code(answer: Answer) -> str:
    """Such as 500.001.1001, or empty where there is none."""
    code = answer.text("errorCode")
    return code if _ERROR_CODE.fullmatch(code) else ""


def signed(now: datetime) -> dict[str, str]:
    """What proves a request for Lipa na M-Pesa Online: who asks, when, and both with the pass key."""
    stamp = now.astimezone(_NAIROBI).strftime("%Y%m%d%H%M%S")
    secret = f"{settings.MPESA_SHORTCODE}{settings.MPESA_PASSKEY}{stamp}"
    return {
        "BusinessShortCode": settings.MPESA_SHORTCODE,
        "Password": base64.b64encode(secret.encode()).decode("ascii"),
        "Timestamp": stamp,
    }


def _sent(talk: Conversation, path: str, fields: Mapping[str, str | int]) -> Answer:
    headers = {
        "Authorization": f"Bearer {tokens.current(talk)}",
        "Content-Type": "application/json",
    }
    return talk.ask("POST", _address(path), headers, json.dumps(fields).encode("ascii"))


def _fetched(talk: Conversation) -> tuple[str, int]:
    pair = f"{settings.MPESA_CONSUMER_KEY}:{settings.MPESA_CONSUMER_SECRET}"
    answer = talk.ask(
        "GET",
        _address("/oauth/v1/generate?grant_type=client_credentials"),
        {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode("ascii")},
    )
    if answer.status in {400, 401, 403}:
        raise ProviderAway("not_authorised")
    if answer.status == 429:
        raise ProviderAway("busy")
    token, seconds = answer.text("access_token"), answer.fields.get("expires_in")
    # Text in the documentation's example.
    if answer.status != 200 or not re.fullmatch(r"[\x21-\x7e]{1,4000}", token):
        raise ProviderAway("faulty" if answer.status >= 500 else "nonsense")
    try:
        return token, int(str(seconds))
    except ValueError:
        raise ProviderAway("nonsense") from None


def _address(path: str) -> str:
    return settings.MPESA_ADDRESS.rstrip("/") + path
