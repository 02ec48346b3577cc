"""The report of a run, as a page of docs/proof/."""

import os
import platform
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from benchmarks.crash.findings import Check, Planted
from benchmarks.crash.killing import Kill
from benchmarks.crash.run import Outcome
from benchmarks.crash.trials.trial import Trial
from loket import __version__


def page(outcome: Outcome, *, command: str, at: datetime, seconds: float) -> str:
    lines = [
        f"# Killed {len(outcome.kills)} times, {at:%d %B %Y}",
        "",
        f"**{'Holds' if outcome.holds else 'Fails'}.** Loket {__version__}, {_machine()}, PostgreSQL "
        f"embedded. Seed {outcome.seed}, {seconds / 60:.1f} minutes in all. Made by:",
        "",
        f"    {command}",
        "",
        *_load(outcome),
        *_kills(outcome.kills),
        *_checks(outcome.checks),
        *_trials(outcome.trials),
        *_planted(outcome.planted),
        *_LIMITS,
    ]
    return "\n".join(lines) + "\n"


def _load(outcome: Outcome) -> list[str]:
    book = outcome.book
    sent = sum(story.sent for story in book.stories)
    pressed = Counter(one.doing for story in book.stories for one in story.pressed if one.acknowledged)
    answers = sum(len(story.acknowledged) for story in book.stories)
    files = sum(len(story.files) for story in book.stories)
    paid = ", ".join(f"{doing.replace('_', ' ')} {count}" for doing, count in sorted(pressed.items()))
    ended = Counter(outcome.ended_by_itself)
    return [
        "## What was going on",
        "",
        f"People at browsers filled in four services for {outcome.load_seconds:.0f} s, programs sent whole "
        "applications under idempotency keys, and an officer decided cases; all noted what was acknowledged. "
        "Some left half-way, went back and changed an answer, or pressed “send” twice at once. "
        f"{len(book.stories)} began; {answers} pages and {files} files were acknowledged, and {sent} "
        f"applications sent ({sent / max(outcome.load_seconds, 1):.1f}/s), in {book.asked} requests. "
        f"At the make-believe bank: {paid or 'nothing'}. For {outcome.held_back_seconds:.0f} s nobody began "
        "anew, because the background worker was far behind.",
        "",
        "What was killed was started again 0.1 s later, as a service manager would. Ended by itself after a "
        "kill and started again: "
        f"{', '.join(f'{name} {count}' for name, count in ended.items()) or 'nothing'}. What was "
        f"due then was done in {outcome.drain_seconds:.0f} s, and all came to rest in "
        f"{outcome.rest_seconds:.0f} s, the last part with the clock set ahead instead of "
        f"waiting; the bank repeated {outcome.told_again} call-backs that had found nobody.",
        "",
    ]


def _kills(kills: Sequence[Kill]) -> list[str]:
    by_kind: dict[str, list[Kill]] = defaultdict(list)
    for kill in kills:
        by_kind[kill.what].append(kill)
    lines = [
        "## Kills, and how long until it worked again (seconds)",
        "",
        "SIGKILL each. “People waited” is until a page that needs the database was answered well again.",
        "",
        "| killed | times | all works: median | worst | people waited: median | worst |",
        "|---|---|---|---|---|---|",
    ]
    for what, some in [*sorted(by_kind.items()), ("all", list(kills))]:
        away = [kill.away for kill in some]
        felt = [kill.felt for kill in some if kill.felt is not None]
        lines.append(f"| {what} | {len(some)} | {_two(away)} | {_two(felt)} |")
    return [*lines, "", *_histogram([kill.felt for kill in kills if kill.felt is not None]), ""]


def _two(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.1f} | {max(seconds):.1f}" if seconds else "– | –"


def _histogram(seconds: Sequence[float]) -> list[str]:
    edges = (0.5, 1, 2, 3, 5, 8, 13, 21, 60)
    lines, below = ["People waited:", ""], 0.0
    for edge in edges:
        count = sum(below <= one < edge for one in seconds)
        if count:
            lines.append(f"    {below:>4} to {edge:>3} s  {'#' * count} {count}")
        below = edge
    return lines


def _checks(checks: Sequence[Check]) -> list[str]:
    lines = [
        "## Reconciled with what people were told",
        "",
        "| must hold | looked at | result | |",
        "|---|---|---|---|",
    ]
    for check in checks:
        word = "holds" if check.holds else f"**fails {len(check.wrong)} times**"
        lines.append(f"| {check.says} | {check.looked_at} | {word} | {check.note} |")
    wrong = [line for check in checks if not check.holds for line in check.lines()]
    return [*lines, "", *(f"    {line}" for line in wrong), *([""] if wrong else [])]


def _trials(trials: Sequence[Trial]) -> list[str]:
    if not trials:
        return []
    lines = ["## Bad weather", "", "| tried | expected | seen | result |", "|---|---|---|---|"]
    for trial in trials:
        word = "holds" if trial.holds else "**fails**"
        lines.append(f"| {trial.name} | {trial.expects} | {trial.seen} | {word} |")
    wrong = [f"    {trial.name}: {one}" for trial in trials for one in trial.wrong]
    return [*lines, "", *wrong, *([""] if wrong else [])]


def _planted(planted: Sequence[Planted]) -> list[str]:
    if not planted:
        return []
    lines = ["## Faults put in on purpose", "", "| planted | found by |", "|---|---|"]
    lines += [f"| {one.name} | {one.found[0] if one.found else '**not found**'} |" for one in planted]
    return [*lines, ""]


_LIMITS = [
    "## What this does not show",
    "",
    "- A killed process leaves the kernel running: what was written but not flushed survives. That the "
    "database flushes before it confirms is its settings' word, which the run reads, and the disk's.",
    "- SMTP has no way to ask whether a mail was taken: a worker that dies between handing over and noting "
    "it sends it again. At most 16 messages for each dead worker (8 senders, two at hand each); they are "
    "counted as uncertain, and have the same Message-ID.",
    "- The bank is the demo's. Providers of the real world are tried against their own protocols elsewhere.",
]


def _machine() -> str:
    load = os.getloadavg()[0]
    memory = next(
        line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")
    )
    gigabytes = int(memory.split()[1]) // 2**20
    return (
        f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}, "
        f"{os.cpu_count()} processors (load {load:.1f} at the end), {gigabytes} GB"
    )
