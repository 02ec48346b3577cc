"""What a provider is: the protocol of the plug-ins in `providers/<key>/provider.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from loket.kernel.money import Money
from loket.kernel.registry import Registry
from loket.kernel.text import Message


class Asks(StrEnum):
    """What a provider needs to know before it starts."""

    NOTHING = "nothing"
    PHONE = "phone"


class Standing(StrEnum):
    """What a provider says of a try to pay, or of a refund."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid. `name` and `address` are in the payer's language; each may be empty."""

    agency_key: str
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid. `attempt_id` is the same at every call for it: hand it over as idempotency key.

    `phone` is an E.164 number where the provider asks for one. `return_url` brings the person back;
    `callback_url` is where the provider may tell. After `expires_at` (an hour or so; the same at every call)
    the provider should take no money for this try, where it can be told so.
    """

    attempt_id: UUID
    amount: Money
    title: str
    reference: str
    language: str
    return_url: str
    callback_url: str
    expires_at: datetime
    phone: str = ""
    payee: Payee | None = None


@dataclass(frozen=True, slots=True)
class Redirected:
    """The person goes to the provider's own page. `provider_ref` is what the provider calls this try."""

    provider_ref: str
    url: str


@dataclass(frozen=True, slots=True)
class Prompted:
    """The person confirms somewhere else, such as on the phone. `says` tells where."""

    provider_ref: str
    says: Message


@dataclass(frozen=True, slots=True)
class Instructed:
    """The person pays outside, such as at a bank or a counter, and quotes the order's `reference`.

    Nobody can be asked how it stands: the office records what comes.
    """

    provider_ref: str
    says: tuple[Message, ...]


Started = Redirected | Prompted | Instructed


@dataclass(frozen=True, slots=True)
class Notice:
    """What a provider tells, by call-back or when asked, about the try it calls `provider_ref`.

    `transaction_id` names the money itself, once and for all; there is one where it succeeded. `amount` is
    None where the provider can take only what was asked: then it is that. `receipt` is the number that payer
    and provider know the money by, where that is another: kept as soon as one comes, shown, never compared.
    `reason` is a plain word for staff where it failed. PENDING in a call-back means: ask `check` at once.
    `attempt_id` is there where a call-back proves it: whose answer to `start` got lost is found by it.
    """

    provider_ref: str
    standing: Standing
    transaction_id: str = ""
    amount: Money | None = None
    at: datetime | None = None
    receipt: str = ""
    reason: str = ""
    attempt_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money to give back. `refund_id` is the same at every call: hand it over as idempotency key.

    `whole`: it is all of that transaction, of which nothing went back before. `begun` is the `provider_ref`
    that an earlier call for this refund gave. `receipt` and `callback_url` as above.
    """

    refund_id: UUID
    provider_ref: str
    transaction_id: str
    amount: Money
    reason: str
    receipt: str = ""
    whole: bool = False
    begun: str = ""
    callback_url: str = ""


@dataclass(frozen=True, slots=True)
class Refunding:
    """How a refund stands; PENDING: ask again with the same order. `by_hand`: the office has to do it."""

    standing: Standing
    provider_ref: str = ""
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class RefundNotice:
    """What a provider tells by call-back about a refund that was PENDING. `reason` as above."""

    refund_id: UUID
    standing: Standing
    provider_ref: str = ""
    reason: str = ""


class ProviderAway(Exception):
    """The provider can't be reached, is slow, or talks nonsense: nothing is known, ask again later.

    `code` is a word for staff and logs, never the provider's own text.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProviderRefused(Exception):
    """The provider will not do it. `code` as above."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Forged(Exception):
    """A call-back whose signature is wrong, or that is too old, or that nobody could have sent."""


class Provider(Protocol):
    """A way to pay. Calls outside end within 20 seconds. Nothing here writes to the database."""

    key: str
    label: Message
    asks: Asks
    demo_only: bool

    def configured(self) -> bool:
        """Whether the operator has set it up here."""
        ...

    def takes(self, amount: Money) -> bool:
        """Whether this currency and amount can be paid so."""
        ...

    def start(self, order: Order, *, now: datetime) -> Started:
        """Begins. Raises ProviderAway, ProviderRefused."""
        ...

    def read_return(self, query: Mapping[str, str]) -> str:
        """Which `provider_ref` the person comes back from, or "". Never believed about money."""
        ...

    def parse_callback(
        self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, *, now: datetime
    ) -> tuple[Notice | RefundNotice, ...]:
        """What a call-back tells, proved genuine; empty where it is of no concern. Raises Forged.

        `query` is what stood behind the question mark of `callback_url`, to which a plug-in may add. Names of
        headers come in any case. Calls nobody.
        """
        ...

    def check(self, provider_ref: str, *, now: datetime) -> Notice:
        """Asks how a try stands. Raises ProviderAway, ProviderRefused."""
        ...

    def refund(self, order: RefundOrder, *, now: datetime) -> Refunding:
        """Gives back, once for each `refund_id`. Raises ProviderAway, ProviderRefused."""
        ...


providers: Registry[Provider] = Registry("loket.payments.providers", "provider", "provider")
