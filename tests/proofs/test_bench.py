"""The bench itself: one scenario on an installation of its own, and nothing left of it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks.figures import KEYS

_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.prove
def test_a_quick_run_measures_journeys_and_leaves_nothing(tmp_path: Path) -> None:
    to = tmp_path / "results.json"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOKET_")}
    subprocess.run(
        [sys.executable, "-m", "benchmarks", "journey", "--quick", "--at-once", "2", "--json", str(to)],
        cwd=_ROOT,
        env={**environment, "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"},
        check=True,
        timeout=600,
    )
    results = json.loads(to.read_text(encoding="utf-8"))
    figures = results["scenarios"]["journey"]["2"]
    assert set(KEYS) <= set(figures)
    assert figures["journeys_per_second"] > 0
    assert 0 < figures["sql_statements"] <= 20
    assert 0 < figures["first_visit_kb"] <= 60
    assert 0 < figures["ratio_to_ceiling"]["journeys_per_second"] < 1
    assert not list(Path(tempfile.gettempdir()).glob("loket-bench-*/var"))
