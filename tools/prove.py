"""Runs the long proofs and writes their dated report to docs/proof/, named after them where not all were run.

Run: python -m tools.prove [name …]    (names as in PROOFS; all without any)

Exit code 1 where a proof failed. The report holds figures and facts of the machine, no names and no paths.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from loket import __version__
from tools import debian_postgres

ROOT = Path(__file__).resolve().parent.parent
TIMES = 20
_HISTORY = "tests/proofs/test_history.py"


@dataclass(frozen=True, slots=True)
class Proof:
    """A run of pytest. `times` as many examples of each property as usual; `system`: Debian's database."""

    title: str
    tests: tuple[str, ...]
    options: tuple[str, ...] = ()
    times: int = 0
    system: bool = False


PROOFS: Mapping[str, Proof] = {
    "proofs": Proof(
        "Crashes, releases, hosts, back-ups, timing, completion",
        ("tests",),
        ("-m", "prove", "--ignore=tests/hostile", "--ignore=tests/journeys", f"--ignore={_HISTORY}"),
    ),
    "stories": Proof("The stories in the other languages", ("tests/journeys",), ("-m", "prove")),
    "history": Proof("A million cases cost what ten thousand do", (_HISTORY,), ("-m", "prove")),
    "bad-input": Proof(
        "25,000 requests to the pages, 25,000 to the API, and bare sockets to a running server",
        ("tests/hostile",),
        ("-m", "prove", "-n", "2", "--dist", "loadfile"),
    ),
    "properties": Proof(
        f"Properties with {TIMES} times the examples of make test",
        ("tests/expressions", "tests/forms", "tests/workflow", "tests/contracts", "tests/kernel"),
        times=TIMES,
    ),
    "postgres": Proof(
        "The whole domain on Debian's PostgreSQL 15, as a role that is no superuser",
        ("tests/applications", "tests/casework", "tests/portal", "tests/desk", "tests/audit", "tests/privacy",
         "tests/notifications", "tests/catalogue", "tests/limits", "tests/access"),
        system=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One test: `figures` are what it recorded."""

    name: str
    seconds: float
    passed: bool
    figures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    proof: Proof
    cases: tuple[Case, ...]
    database: str
    passed: bool
    seconds: float


def main(names: Sequence[str]) -> int:
    begun = datetime.now(UTC)
    unknown = [name for name in names if name not in PROOFS]
    if unknown:
        print(f"There is no proof {', '.join(unknown)}; there are {', '.join(PROOFS)}.", file=sys.stderr)
        return 2
    results = [_run(PROOFS[name]) for name in names or PROOFS]
    page = report(begun, results)
    folder = ROOT / "docs" / "proof"
    folder.mkdir(parents=True, exist_ok=True)
    # Some of them are told apart, so that they don't stand in for all.
    (folder / f"{'-'.join([f'{begun:%Y-%m-%d}', *names])}.md").write_text(page, encoding="utf-8")
    print(page)
    return 0 if all(result.passed for result in results) else 1


def _run(proof: Proof) -> Result:
    begun = time.monotonic()
    there = [tests for tests in proof.tests if (ROOT / tests).exists()]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "-o",
            "junit_family=xunit1",
            f"--junitxml={told}",
            *proof.options,
        ]
        command += ["-p", "tests.many"] if proof.times else []
        with _database(proof) as system:
            environment = {**os.environ, **system, "LOKET_TIMES": str(proof.times)}
            ended = subprocess.run([*command, *there], cwd=ROOT, env=environment, check=False)
        cases = read(told.read_text(encoding="utf-8")) if told.exists() else ()
    database = "PostgreSQL 15 of the system" if proof.system else "PostgreSQL 18, embedded"
    passed = ended.returncode == 0 and bool(cases)
    return Result(proof, cases, database, passed, time.monotonic() - begun)


@contextmanager
def _database(proof: Proof) -> Iterator[Mapping[str, str]]:
    """The `LOKET_*` that lead to it; none where the tests embed their own."""
    if proof.system:
        with debian_postgres.running() as system:
            yield system
    else:
        yield {}


def read(told: str) -> tuple[Case, ...]:
    """What pytest tells in its XML."""
    return tuple(
        Case(
            name=f"{case.get('classname', '').removeprefix('tests.')}.{case.get('name', '')}",
            seconds=float(case.get("time", 0)),
            passed=case.find("failure") is None and case.find("error") is None,
            figures={one.get("name", ""): one.get("value", "") for one in case.iter("property")},
        )
        for case in ElementTree.fromstring(told).iter("testcase")
    )


def report(at: datetime, results: Sequence[Result]) -> str:
    lines = [f"# Proofs of {at:%d %B %Y}", "", f"Loket {__version__}, {machine()}.", ""]
    lines += ["| proof | tests | failed | minutes | database | result |", "|---|---|---|---|---|---|"]
    for result in results:
        failed = sum(not case.passed for case in result.cases)
        word = "holds" if result.passed else "**fails**"
        lines.append(
            f"| {result.proof.title} | {len(result.cases)} | {failed} | {result.seconds / 60:.1f} "
            f"| {result.database} | {word} |"
        )
    for result in results:
        lines += ["", f"## {result.proof.title}", ""]
        examples = sum(int(case.figures.get("examples", 0)) for case in result.cases)
        if examples:
            lines += [f"Up to {examples:,} examples in all.", ""]
        lines += [f"- {name}, in all: {count:,} requests" for name, count in _requests(result.cases).items()]
        for case in result.cases:
            figures = {name: value for name, value in case.figures.items() if name != "examples"}
            if figures or not case.passed:
                told = "; ".join(f"{name}: {value}" for name, value in figures.items())
                verdict = "holds" if case.passed else "**fails**"
                lines.append(f"- {_sentence(case.name)}: {verdict}. {told}".rstrip())
    return "\n".join(lines).rstrip() + "\n"


def _requests(cases: Sequence[Case]) -> Counter[str]:
    """By what they were sent to; parts of one test count together."""
    sent: Counter[str] = Counter()
    for case in cases:
        told = case.figures.get("requests", "0").replace(",", "")
        sent[_sentence(case.name).partition("[")[0]] += int(told) if told.isdigit() else 0
    return +sent


def machine() -> str:
    """Facts that figures depend on, and nothing that says whose machine it is."""
    kept = re.search(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"))
    memory = f"{int(kept[1]) // 1024**2} GB" if kept else "unknown memory"
    load = os.getloadavg()[0]
    return (
        f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}, "
        f"{os.cpu_count()} processors (load {load:.1f} when this was written), {memory}"
    )


def _sentence(name: str) -> str:
    return name.rpartition(".")[2].removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
