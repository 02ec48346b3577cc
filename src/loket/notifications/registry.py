"""What a channel is: the protocol of the plug-ins in `channels/<key>/channel.py`."""

from dataclasses import dataclass
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

    The id is the same at every try: hand it to the provider wherever that can drop duplicates.
    """

    message_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message. `provider_id` is what it calls it; may be empty."""

    provider_id: str


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

    def deliver(self, *, address: str, text: RenderedText, sender: Sender, attempt: Attempt) -> Receipt:
        """Hands one message over, within five minutes. Raises Temporary or Permanent."""
        ...


channels: Registry[Channel] = Registry("loket.notifications.channels", "channel", "channel")
