"""Ten thousand messages, the worker killed ten times: none lost, few taken twice."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.prove
def test_no_message_is_lost_though_the_worker_is_killed(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    told = tmp_path / "figures.json"
    # A process of its own, because it starts Django on a database of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOKET_")}
    subprocess.run(
        [sys.executable, "-m", "benchmarks.messages", "--json", str(told)],
        cwd=_ROOT,
        env={**environment, "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"},
        check=True,
        timeout=1800,
    )
    figures = json.loads(told.read_text(encoding="utf-8"))
    for name, value in figures.items():
        record_property(name.replace("_", " "), value)
    assert (figures["lost"], figures["failed"]) == (0, 0)
    # What a killed worker had just handed over: the mail server sees the same Message-ID again.
    assert figures["taken_twice"] <= figures["most_in_flight"]
    assert figures["steady_p95"] <= 10
    assert figures["per_second"] >= 40
