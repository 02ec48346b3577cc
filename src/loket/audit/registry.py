"""Witnesses: outsiders that keep a copy of every checkpoint, one module each under `witnesses/`."""

from collections.abc import Callable, Iterator
from typing import Protocol

from django.conf import settings

from loket.kernel.registry import Registry


class Witness(Protocol):
    """Keeps lines in the order in which they came. Both raise WitnessUnavailable."""

    def leave(self, line: str) -> None:
        """Adds a line for good. Left again after a crash, it may be kept once or twice."""
        ...

    def lines(self) -> Iterator[str]:
        """Every line kept."""
        ...


_WITNESSES: Registry[Callable[[str], Witness]] = Registry("loket.audit.witnesses", "witness")


class UnknownWitness(Exception):
    """LOKET_WITNESS starts with something that no module under `witnesses/` is named after."""


def configured_witness() -> Witness | None:
    """The witness that LOKET_WITNESS names (`<module>:<rest>`), or None. Raises UnknownWitness."""
    address: str = settings.AUDIT_WITNESS
    if not address:
        return None
    key = address.partition(":")[0]
    if key not in _WITNESSES:
        raise UnknownWitness(f"LOKET_WITNESS must start with one of: {', '.join(_WITNESSES)}.")
    return _WITNESSES[key](address)
