"""The proof by killing, in small: it holds, and every planted fault is found."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]


def crash(file: Path) -> dict[str, Any]:
    """What was wrong after a few kills, and what each planted fault then made the reckoning say."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOKET_", "PYTEST"))}
    subprocess.run(
        [sys.executable, "-m", "benchmarks.crash", "--kills", "4", "--seed", "11", "--plant", "all",
         "--json", str(file)],
        cwd=_ROOT, env={**kept, "PYTHONPATH": "src:."}, check=False, timeout=600,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.mark.prove
def test_four_kills_lose_nothing_and_every_planted_fault_is_found(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    found = crash(tmp_path / "crash.json")
    planted = found["planted"]
    record_property("kills", found["kills"])
    record_property("faults planted and found", len(planted))
    assert found["wrong"] == {}
    assert len(planted) == 13
    assert [name for name, wrong in planted.items() if not wrong] == []
