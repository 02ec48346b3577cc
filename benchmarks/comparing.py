"""Holds a run against an older one: only ratios to the ceiling are compared, for machines differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import MORE_IS_BETTER

# Beyond what the rounds themselves differ by.
_TOLERATED = 0.10


@dataclass(frozen=True, slots=True)
class Worse:
    """A figure that got worse. Ratios to the ceiling; `by` and `allowed` as shares of the older one."""

    scenario: str
    at_once: str
    key: str
    old: float
    new: float
    by: float
    allowed: float

    def __str__(self) -> str:
        return (
            f"{self.scenario} at {self.at_once} at once: {self.key} is {self.new:g} of the ceiling's and was "
            f"{self.old:g}, worse by {self.by:.0%} ({self.allowed:.0%} would be tolerated)"
        )


def worse(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Worse]:
    """Every ratio that got worse by more than its spread (the larger of the two runs') plus ten per cent.

    What only one of the runs has is not compared. Raises ValueError where one isn't a run of this bench.
    """
    for told in (old, new):
        if not isinstance(told.get("scenarios"), dict):
            raise ValueError("this is not what a run of the bench writes")
    for scenario, levels in old["scenarios"].items():
        for at_once, before in levels.items():
            after = new["scenarios"].get(scenario, {}).get(at_once)
            if after is not None:
                yield from _worse(scenario, at_once, before, after)


def _worse(
    scenario: str, at_once: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Worse]:
    for key, old in before["ratio_to_ceiling"].items():
        new = after["ratio_to_ceiling"].get(key)
        if new is None or not old:
            continue
        by = (old - new) / old if key in MORE_IS_BETTER else (new - old) / old
        spread = max(before["ratio_spread"].get(key, 0.0), after["ratio_spread"].get(key, 0.0))
        if by > spread + _TOLERATED:
            yield Worse(scenario, at_once, key, old, new, by, spread + _TOLERATED)
