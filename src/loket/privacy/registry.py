"""The personal holdings of all contexts.

A context with personal tables describes them as a `Holding`, registers it when Django starts, and names it on
each such model (`holding = "<name>"`). Every other model says why it holds nothing personal
(`not_personal = "<reason>"`). A test goes through all models.
"""

from loket.privacy.types import Holding

_holdings: dict[str, Holding] = {}


def register_holding(holding: Holding) -> None:
    """Adds a holding. Two of one name are a fault."""
    if _holdings.setdefault(holding.name, holding) != holding:
        raise ValueError(f"there are two holdings named {holding.name}")


def holdings() -> tuple[Holding, ...]:
    """All holdings by name."""
    return tuple(_holdings[name] for name in sorted(_holdings))


def holding(name: str) -> Holding:
    """Raises KeyError."""
    return _holdings[name]
