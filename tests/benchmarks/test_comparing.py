"""Whether a planted loss is found, and only a loss."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as bench
from benchmarks.comparing import worse

_OLD: dict[str, Any] = {
    "scenarios": {
        "journey": {
            "8": {
                "ratio_to_ceiling": {"journeys_per_second": 0.05, "p50_ms": 2.0},
                "ratio_spread": {"journeys_per_second": 0.04, "p50_ms": 0.02},
            }
        },
        "home": {"1": {"ratio_to_ceiling": {"p50_ms": 1.0}, "ratio_spread": {"p50_ms": 0.0}}},
    }
}


def _changed(key: str, by: float, spread: float = 0.0) -> dict[str, Any]:
    new = copy.deepcopy(_OLD)
    figures = new["scenarios"]["journey"]["8"]
    figures["ratio_to_ceiling"][key] *= by
    figures["ratio_spread"][key] = max(figures["ratio_spread"][key], spread)
    return new


@pytest.mark.parametrize(
    ("key", "by", "spread", "found"),
    [
        ("journeys_per_second", 1.0, 0.0, False),
        ("journeys_per_second", 2.0, 0.0, False),
        ("journeys_per_second", 0.87, 0.0, False),
        ("journeys_per_second", 0.85, 0.0, True),
        ("journeys_per_second", 0.85, 0.2, False),
        ("p50_ms", 0.5, 0.0, False),
        ("p50_ms", 1.11, 0.0, False),
        ("p50_ms", 1.13, 0.0, True),
    ],
)
def test_a_loss_beyond_spread_and_ten_per_cent_is_found(
    key: str, by: float, spread: float, found: bool
) -> None:
    told = list(worse(_OLD, _changed(key, by, spread)))
    assert [one.key for one in told] == ([key] if found else [])


def test_what_only_one_run_has_is_not_compared() -> None:
    new = copy.deepcopy(_OLD)
    del new["scenarios"]["home"]
    new["scenarios"]["api"] = {"8": {"ratio_to_ceiling": {"api_per_second": 0.0}, "ratio_spread": {}}}
    assert list(worse(_OLD, new)) == []


def test_something_else_than_a_result_is_refused() -> None:
    with pytest.raises(ValueError):
        list(worse({"count": 1}, _OLD))


def test_the_command_fails_when_something_got_worse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps(_OLD), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        bench.compare(_OLD, _changed("p50_ms", 1.5))
    assert ended.value.code == 1
    bench.compare(_OLD, _changed("p50_ms", 0.9))


@pytest.mark.parametrize("words", [["no-such-scenario"], ["--rounds", "0"], ["--compare", "/no/such/file"]])
def test_nonsense_is_code_2(words: list[str]) -> None:
    assert CliRunner().invoke(bench.main, words).exit_code == 2
