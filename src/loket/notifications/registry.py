"""What a channel is: the protocol of the plug-ins in `channels/<key>/channel.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import local
from typing import Protocol
from uuid import UUID

from loket.kernel.registry import Registry
from loket.notifications.types import Medium, RenderedText


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom a message comes from: the agency's name in the reader's language."""

    name: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which message this is, and which try of it, from 1.

    The id is the same at every try: hand it to the provider wherever that can drop duplicates. `unsubscribe`
    is an address that switches messages like this one off; empty where they can't be.
    """

    message_id: UUID
    number: int
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message. `provider_id` is what it calls it; may be empty."""

    provider_id: str


class Fate(StrEnum):
    """What a provider reports about a message that it took."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Report:
    """One message's fate. `code` says why it bounced; `for_good`: the address will never work."""

    message_id: UUID
    fate: Fate
    at: datetime
    code: str = ""
    for_good: bool = True


class Forged(Exception):
    """A report that doesn't prove that it comes from the provider."""


class DeliveryProblem(Exception):
    """A message was not taken.

    `code` is a word for staff and logs: never an address, never the provider's own text.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Temporary(DeliveryProblem):
    """May work later."""


class Permanent(DeliveryProblem):
    """Will never work for this message."""


class Channel(Protocol):
    """A way to reach people."""

    key: str
    media: frozenset[Medium]
    demo_only: bool

    def missing(self) -> str:
        """The settings that it needs and that are not there, in words; empty where all are."""
        ...

    def deliver(self, *, address: str, text: RenderedText, sender: Sender, attempt: Attempt) -> Receipt:
        """Hands one message over, within five minutes. Raises Temporary or Permanent."""
        ...

    def parse_receipt(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Report]:
        """What a call-back of the provider reports. Header names are in small letters.

        Raises Forged, and ValueError for what makes no sense. A provider that never calls reports nothing.
        """
        ...


class Closable(Protocol):
    def close(self) -> None: ...


class _Open(local):
    """What a thread that sends many messages keeps open between them; other threads keep nothing."""

    keeps = False

    def __init__(self) -> None:
        self.held: dict[str, Closable] = {}


held_open = _Open()

channels: Registry[Channel] = Registry("loket.notifications.channels", "channel", "channel")
