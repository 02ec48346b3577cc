"""Measures Loket on an installation of its own, and the ceiling of the same machine beside it.

Run: loket bench [scenario …] [--quick] [--rounds N] [--json FILE] [--compare OLD.json] [--write]
"""

import json
import shlex
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from click._termui_impl import ProgressBar

from benchmarks import comparing, machine, page, suites
from benchmarks.programs import ProgramEnded
from benchmarks.running import Gathered, Plan
from benchmarks.wire import BadAnswer
from loket import __version__
from loket.config.embedded import EmbeddedDatabaseError

_QUICK = {"rounds": 2, "seconds": 1.2, "sizes": (10_000,), "exported": 5_000, "messages": 300, "kills": 1}
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(name="loket bench", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", metavar="[SCENARIO]…", nargs=-1, type=click.Choice(suites.NAMES))
@click.option("--quick", is_flag=True, help="Short rounds and few cases: three minutes, and rough figures.")
@click.option("--rounds", type=click.IntRange(1, 20), help="Rounds of each scenario [3, with --quick 2].")
@click.option("--seconds", type=click.FloatRange(0.5, 120), help="Length of a round [4, with --quick 1.2].")
@click.option(
    "--at-once",
    multiple=True,
    type=click.IntRange(1, 500),
    help="People at once; may be given again [1 8 32].",
)
@click.option(
    "--cases",
    "sizes",
    multiple=True,
    type=click.IntRange(1_000, 10_000_000),
    help="Cases in the database for the worklist; may be given again [10000 100000 1000000].",
)
@click.option("--json", "to", type=_FILE, help="Write the results here.")
@click.option(
    "--compare",
    "old",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An older result; exit code 1 where a ratio to the ceiling is worse by more than spread and 10 %.",
)
@click.option("--write", is_flag=True, help="Write docs/performance.md from this run.")
def main(
    names: tuple[str, ...],
    quick: bool,
    rounds: int | None,
    seconds: float | None,
    at_once: tuple[int, ...],
    sizes: tuple[int, ...],
    to: Path | None,
    old: Path | None,
    write: bool,
) -> None:
    """Measure Loket: rounds of each SCENARIO (by default all) at 1, 8 and 32 at once.

    Starts its own database, two web workers and a background worker, and drives them from another process. A
    plain Django view with one INSERT runs beside it as the ceiling. Exit codes: 0 done; 1 it did not work, or
    --compare found something worse; 2 the command line made no sense.
    """
    plan = Plan(names=names or suites.NAMES)
    if quick:
        plan = replace(plan, **_QUICK)  # type: ignore[arg-type]
    given = {"rounds": rounds, "seconds": seconds, "at_once": at_once, "sizes": sizes}
    plan = replace(plan, **{name: value for name, value in given.items() if value})  # type: ignore[arg-type]
    # What was started must end, also when this is told to stop.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results = _measured(plan)
    print(page.text(results))
    if to is not None:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if write:
        page.write(results)
    if old is not None:
        compare(json.loads(old.read_text(encoding="utf-8")), results)


def _measured(plan: Plan) -> dict[str, Any]:
    begun, gathered, facts = datetime.now(UTC), Gathered(), machine.facts()
    bar: ProgressBar[str] = click.progressbar(
        length=suites.steps(plan), label="Measuring", item_show_func=lambda told: told or "", file=sys.stderr
    )
    with bar:
        try:
            suites.run(plan, gathered, lambda told: bar.update(1, told))
        except (BadAnswer, ProgramEnded, EmbeddedDatabaseError) as problem:
            raise click.ClickException(str(problem)) from problem
    return {
        "loket": __version__,
        "at": begun.isoformat(timespec="seconds"),
        "minutes": round((datetime.now(UTC) - begun).total_seconds() / 60, 1),
        "command": shlex.join(["loket", "bench", *sys.argv[1:]]),
        "machine": facts,
        "statements_counted_from": "the database server's log (log_statement = all), in a pass of its own",
        "scenarios": gathered.told(),
    }


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    try:
        found = list(comparing.worse(old, new))
    except ValueError as problem:
        raise click.ClickException(str(problem)) from problem
    for one in found:
        print(one)
    if found:
        raise SystemExit(1)
    print("No ratio to the ceiling got worse by more than its spread and 10 %.")


if __name__ == "__main__":
    main()
