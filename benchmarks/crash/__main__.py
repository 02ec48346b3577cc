"""Run: python -m benchmarks.crash [--kills 100] [--seed 1] [--report FILE] [--plant NAME]"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.crash.run import run


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash")
    parser.add_argument("--kills", type=int, default=100, help="how often something is killed [100]")
    parser.add_argument("--seed", type=int, default=1, help="the same kills again [1]")
    parser.add_argument("--people", type=int, default=6, help="how many apply at once [6]")
    parser.add_argument("--report", type=Path, help="write the report here")
    parser.add_argument("--plant", default="", help="put in a fault that must be found")
    parser.add_argument("--logs", type=Path, help="leave what the programs said in this folder")
    chosen = parser.parse_args(arguments)
    begun = time.monotonic()
    outcome = run(chosen.kills, chosen.seed, people=chosen.people, plant=chosen.plant, logs=chosen.logs)
    for check in outcome.checks:
        print("\n".join(check.lines()))
    print(f"load {outcome.load_seconds:.0f} s, rest {outcome.rest_seconds:.0f} s, all {time.monotonic() - begun:.0f} s")
    print(dict(outcome.book.requests), "sent", sum(s.sent for s in outcome.book.stories))
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
