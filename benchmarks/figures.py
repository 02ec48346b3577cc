"""Numbers of a benchmark: percentiles, medians over rounds, spreads, and the keys they are told under."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# What every scenario tells at every concurrency; null where it has no such figure.
KEYS = (
    "journeys_per_second",
    "journeys_done_per_second",
    "api_per_second",
    "cpu_ms_per_journey",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "sql_statements",
    "first_visit_kb",
    "worker_memory_mb",
    "export_rows_per_second",
    "export_peak_mb",
)
# Told besides them where there are any.
MORE_KEYS = ("requests_per_second", "journey_p50_ms", "background_statements", "driver_cpu_ms", "rounds")
# Figures of which more is better; of all others, less.
MORE_IS_BETTER = frozenset(
    {
        "journeys_per_second",
        "journeys_done_per_second",
        "api_per_second",
        "requests_per_second",
        "export_rows_per_second",
    }
)
# Against which figure of the ceiling a figure is held; the others don't depend on how fast the machine is.
AGAINST: Mapping[str, str] = {
    "journeys_per_second": "requests_per_second",
    "journeys_done_per_second": "requests_per_second",
    "api_per_second": "requests_per_second",
    "requests_per_second": "requests_per_second",
    "export_rows_per_second": "requests_per_second",
    "cpu_ms_per_journey": "cpu_ms_per_journey",
    "p50_ms": "p50_ms",
    "p95_ms": "p95_ms",
    "p99_ms": "p99_ms",
    "journey_p50_ms": "p50_ms",
}

Round = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The median over rounds, and how far the rounds lie apart as a share of it (0.1: ten per cent)."""

    median: float
    spread: float


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so many of all values don't exceed; `ordered` ascends and isn't empty."""
    if not ordered or not 0 < share <= 1:
        raise ValueError("no values, or no share of them")
    return ordered[math.ceil(share * len(ordered)) - 1]


def over_rounds(values: Sequence[float]) -> Measured:
    middle = statistics.median(values)
    return Measured(middle, (max(values) - min(values)) / abs(middle) if middle else 0.0)


def ratios(rounds: Sequence[Round], ceilings: Sequence[Round]) -> Mapping[str, Measured]:
    """Each figure against the ceiling of the same round, so that ratios hold on any machine."""
    found = {}
    for key, against in AGAINST.items():
        several = [
            one[key] / ceiling[against]
            for one, ceiling in zip(rounds, ceilings, strict=True)
            if key in one and ceiling.get(against)
        ]
        if several:
            found[key] = over_rounds(several)
    return found


def told(rounds: Sequence[Round], ceilings: Sequence[Round], once: Mapping[str, float]) -> dict[str, object]:
    """What is written for one scenario at one concurrency. `once` holds what is measured once only."""
    medians = {key: over_rounds([one[key] for one in rounds]) for key in rounds[0]} if rounds else {}
    figures: dict[str, object] = dict.fromkeys(KEYS)
    figures |= {key: rounded(one.median) for key, one in medians.items()}
    figures |= {key: rounded(value) for key, value in once.items()}
    figures["rounds"] = len(rounds)
    figures["spread"] = {key: rounded(one.spread) for key, one in medians.items()}
    against = ratios(rounds, ceilings)
    figures["ratio_to_ceiling"] = {key: rounded(one.median) for key, one in against.items()}
    figures["ratio_spread"] = {key: rounded(one.spread) for key, one in against.items()}
    return figures


def rounded(value: float) -> float:
    """Four figures tell all that a measurement can."""
    return float(f"{value:.4g}") if math.isfinite(value) else 0.0
