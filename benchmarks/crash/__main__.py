"""Run: make prove-crash, or python -m benchmarks.crash [--kills 100] [--seed 1] [--report FILE]

Exit code 0 where all holds and every planted fault was found, else 1.
"""

import argparse
import json
import shlex
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.crash import report
from benchmarks.crash.run import Outcome, run
from benchmarks.crash.trials.all import NAMES

_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "proof"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how often something is killed [100]")
    parser.add_argument("--seed", type=int, default=1, help="the same kills again [1]")
    parser.add_argument("--people", type=int, default=10, help="how many apply at once [10]")
    parser.add_argument("--report", type=Path, help="write the report here")
    parser.add_argument("--proof", action="store_true", help="write it to docs/proof/crash-<date>.md")
    parser.add_argument(
        "--trials", default="", help=f"bad weather too: all, none or some of {', '.join(NAMES)}"
    )
    parser.add_argument("--plant", default="", help="put in a fault of this kind, or all, to be found")
    parser.add_argument("--json", type=Path, help="write the findings here")
    parser.add_argument("--logs", type=Path, help="leave what the programs said in this folder")
    chosen = parser.parse_args(arguments)
    at, begun = datetime.now(UTC), time.monotonic()
    outcome = run(
        chosen.kills,
        chosen.seed,
        people=chosen.people,
        plant=chosen.plant,
        trials=_trials(chosen.trials),
        logs=chosen.logs,
    )
    page = report.page(outcome, command=_command(arguments), at=at, seconds=time.monotonic() - begun)
    file = _FOLDER / f"crash-{at:%Y-%m-%d}.md" if chosen.proof else chosen.report
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page, encoding="utf-8")
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(_findings(outcome), indent=1), encoding="utf-8")
    print(page)
    return 0 if outcome.holds else 1


def _findings(outcome: Outcome) -> dict[str, object]:
    return {
        "holds": outcome.holds,
        "kills": len(outcome.kills),
        "wrong": {check.key: list(check.wrong) for check in outcome.checks if not check.holds},
        "trials": {trial.name: list(trial.wrong) for trial in outcome.trials},
        "planted": {one.name: list(one.found) for one in outcome.planted},
    }


def _trials(chosen: str) -> tuple[str, ...]:
    if chosen == "all":
        return NAMES
    return tuple(name for name in chosen.split(",") if name and name != "none")


def _command(arguments: Sequence[str]) -> str:
    return shlex.join(["python", "-m", "benchmarks.crash", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
