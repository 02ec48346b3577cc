"""The arithmetic of the bench, and the keys that others read its results by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.driving import summed_up
from benchmarks.figures import KEYS, over_rounds, percentile, ratios, rounded, told
from benchmarks.running import Gathered
from benchmarks.wire import Driven

_FIGURES = st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=50)


@given(_FIGURES, st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[float], share: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError):
        percentile([], 0.5)
    with pytest.raises(ValueError):
        percentile([1.0], 0)


def test_rounds_are_told_by_median_and_spread() -> None:
    found = over_rounds([40.0, 50.0, 45.0])
    assert (found.median, found.spread) == (45.0, pytest.approx(10 / 45))
    assert over_rounds([0.0, 0.0]).spread == 0


def test_a_ratio_is_taken_within_each_round() -> None:
    # The machine was half as fast in the second round, for both.
    rounds = [{"journeys_per_second": 60.0, "p50_ms": 4.0}, {"journeys_per_second": 30.0, "p50_ms": 8.0}]
    ceilings = [{"requests_per_second": 1200.0, "p50_ms": 2.0}, {"requests_per_second": 600.0, "p50_ms": 4.0}]
    found = ratios(rounds, ceilings)
    assert (found["journeys_per_second"].median, found["journeys_per_second"].spread) == (0.05, 0)
    assert found["p50_ms"].median == 2


def test_every_scenario_tells_every_key() -> None:
    figures = told([{"p50_ms": 4.0}], [{"p50_ms": 2.0}], {"first_visit_kb": 20.123456})
    assert set(KEYS) <= set(figures)
    assert figures["api_per_second"] is None
    assert (figures["p50_ms"], figures["first_visit_kb"]) == (4.0, 20.12)
    assert figures["ratio_to_ceiling"] == {"p50_ms": 2.0}


def test_the_keys_are_those_that_results_are_read_by() -> None:
    assert KEYS == (
        "journeys_per_second", "journeys_done_per_second", "api_per_second", "cpu_ms_per_journey", "p50_ms",
        "p95_ms", "p99_ms", "sql_statements", "first_visit_kb", "worker_memory_mb", "export_rows_per_second",
        "export_peak_mb",
    )  # fmt: skip


def test_results_are_by_scenario_and_concurrency() -> None:
    gathered = Gathered()
    gathered.add("journey", 8, {"journeys_per_second": 50.0}, {"requests_per_second": 1000.0})
    gathered.add("journey", 8, {"journeys_per_second": 60.0}, {"requests_per_second": 1000.0})
    gathered.note("journey", 8, {"sql_statements": 17.0})
    gathered.note("export", 1, {"export_rows_per_second": 20_000.0})
    results = gathered.told()
    assert results["journey"]["8"]["journeys_per_second"] == 55
    assert results["journey"]["8"]["ratio_to_ceiling"] == {"journeys_per_second": 0.055}
    assert (results["journey"]["8"]["sql_statements"], results["journey"]["8"]["rounds"]) == (17, 2)
    assert results["export"]["1"]["export_rows_per_second"] == 20_000


def test_visits_are_counted_by_their_requests_within_the_window() -> None:
    # Two visits of two requests each: half of the second one's lie beyond the window.
    driven = Driven(
        steps={"page": [0.1, 0.1, 0.1, 0.3]},
        visits=[0.2, 0.4],
        answered=[0.5, 1.5, 2.5, 3.5],
        begun=10.0,
        ended=13.6,
    )
    seen = summed_up(driven, warm=1.0, seconds=3.0, own_cpu=0.01)
    assert (seen.visits, seen.requests, seen.per_second) == (2, 4, 0.5)
    assert seen.percentiles["page"] == {"p50": 100, "p95": 300, "p99": 300, "count": 4}
    assert seen.percentiles["visit"]["p50"] == 200


def test_figures_are_told_with_four_digits() -> None:
    assert rounded(123456.7) == 123500
    assert rounded(0.0012345) == 0.001234
    assert rounded(float("inf")) == 0
