"""A make-believe world for each payment provider, in `<key>.py`: what the contract suite plays on.

Each module offers `stage(settings, now)`, a context manager that sets the provider up as an operator
would and gives its Stage. The suite finds them; a provider without one fails it.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from loket.kernel.money import Money


@dataclass(frozen=True, slots=True)
class CallBack:
    """A request that a provider sends."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class Stage(Protocol):
    """The provider's side. `ref` is what it calls a try."""

    amount: Money
    """One that it takes."""
    phone: str
    """Whose it may ask, where it asks a phone."""

    def pay(self, ref: str, amount: Money | None = None) -> bool:
        """The person pays what was asked, or another amount; False where that can't be done there."""
        ...

    def decline(self, ref: str) -> bool:
        """The payment fails; False where none can."""
        ...

    def call_back(self, ref: str) -> CallBack | None:
        """What the provider tells by itself about how the try stands, or None where it never does."""
        ...

    def away(self) -> AbstractContextManager[object] | None:
        """While it lasts, the provider can't be reached; None for one that is nowhere else."""
        ...

    def given_back(self, ref: str) -> Decimal:
        """How much went back of the money of a try, or was asked to."""
        ...
