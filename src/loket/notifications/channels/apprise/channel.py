"""SMS, and chats that go by telephone number, through any gateway that apprise knows.

APPRISE_SMS is the gateway as apprise writes it, with {to} where the number goes: `twilio://sid:token@from/{to}`,
`vonage://key:secret@from/{to}`, `whatsapp://token@from-id/{to}`, `json://gateway.example/send/?:to={to}`.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from threading import local
from urllib.parse import quote

import phonenumbers
from django.conf import settings

from loket.notifications.registry import Attempt, Permanent, Receipt, Report, Sender, Temporary
from loket.notifications.types import Medium, RenderedText

_PLACE = "{to}"
_ERROR = re.compile(r"\berror=(\d{3})\b")
# What gateways say of a number that they will never take; 401, 403 and 404 are the operator's mistakes.
_FOR_GOOD = frozenset({"400", "422"})


class _LastError(logging.Handler):
    """Apprise says only that it failed, and writes the gateway's answer into its log: kept here by thread.

    Nothing of that log goes further, because it may hold the number and the text.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._of_thread = local()

    def emit(self, record: logging.LogRecord) -> None:
        found = _ERROR.search(record.getMessage())
        if found:
            self._of_thread.code = found.group(1)

    def taken(self) -> str:
        code = getattr(self._of_thread, "code", "")
        self._of_thread.code = ""
        return str(code)


_last_error = _LastError()
_log = logging.getLogger("apprise")
_log.addHandler(_last_error)
# Below that level it writes what it sends.
_log.setLevel(logging.WARNING)
_log.propagate = False


class Apprise:
    key = "apprise"
    media = frozenset({Medium.SMS})
    demo_only = False

    def missing(self) -> str:
        return "" if _PLACE in settings.APPRISE_SMS else "LOKET_APPRISE_SMS with {to} in it"

    def deliver(self, *, address: str, text: RenderedText, sender: Sender, attempt: Attempt) -> Receipt:
        if not _possible(address):
            raise Permanent("bad_address")
        # 2 MB that only an installation with such a gateway needs: loaded with its first message.
        apprise = import_module("apprise")
        asset = apprise.AppriseAsset(
            async_mode=False, storage_mode=apprise.PersistentStoreMode.MEMORY, app_id="Loket"
        )
        # By itself, not through apprise's pool of threads: the answer is known by its thread.
        gateway = apprise.Apprise.instantiate(
            settings.APPRISE_SMS.replace(_PLACE, quote(address, safe="")), asset=asset
        )
        if not isinstance(gateway, apprise.NotifyBase):
            raise Temporary("gateway_setting")
        _last_error.taken()
        if gateway.notify(body=text.body.rstrip(), body_format=apprise.NotifyFormat.TEXT):
            return Receipt(provider_id="")
        code = _last_error.taken()
        if code in _FOR_GOOD:
            raise Permanent(f"gateway_{code}")
        raise Temporary(f"gateway_{code}" if code else "gateway_unreachable")

    def parse_receipt(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Report]:
        """Apprise only sends: it has no way back."""
        return ()


def _possible(address: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        return False


channel = Apprise()
