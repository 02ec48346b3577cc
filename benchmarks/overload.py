"""The morning when everybody comes: ten times as many as can be served, and what becomes of them.

    loket bench overload [--json FILE]

First the rate of journeys undisturbed, eight at a time. Then for 40 seconds ten times as many people arrive,
on connections of their own, and do as browsers do (benchmarks.overloading). Then it is measured how soon
somebody new is served at once again.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict

from benchmarks import visits
from benchmarks.driving import Order as Drive
from benchmarks.installation import ROOT
from benchmarks.overloading import PART, Order, Seen
from benchmarks.rounds import Bench, driven
from benchmarks.wire import BadAnswer

TIMES = 10
SECONDS = 40.0
_THINK = 1.0
_RECOVERY = 60.0
_CAPACITY_SECONDS = 6.0
_PATIENCE = 240
GOALS: Mapping[str, tuple[str, float]] = {
    "first_answer_p99_ms": ("at most", 1000.0),
    "goodput_share": ("at least", 0.7),
    "faults": ("at most", 0.0),
    "answers_missing": ("at most", 0.0),
    "overtaken_share": ("at most", 0.01),
    "cases_lost": ("at most", 0.0),
}


def overload_round(bench: Bench, seconds: float = SECONDS) -> Mapping[str, float]:
    bench.watcher.forget_limits()
    driven(Drive(bench.loket.port, "journey", 4, 1.5, service=visits.TWO_PAGES))
    alone = Drive(bench.loket.port, "journey", 8, _CAPACITY_SECONDS, 1.0, service=visits.TWO_PAGES)
    before = bench.cpu()
    undisturbed = driven(alone)
    middle = bench.cpu()
    bench.watcher.forget_limits()
    cases = bench.watcher.cases()
    order = Order(
        bench.loket.port, visits.TWO_PAGES, TIMES * undisturbed.per_second, seconds, _THINK, _RECOVERY
    )
    seen = _in_own_process(order)
    made, after = bench.watcher.cases() - cases, bench.cpu()
    # Nobody can have finished in the first part: they think between pages, for longer than that in all.
    parts = seen.finished_by_part[1 : int(seconds / PART)]
    goodput = sum(parts) / (seconds - PART)
    return {
        "undisturbed_per_second": undisturbed.per_second,
        "undisturbed_web_cpu_ms": (middle.web - before.web) / undisturbed.visits * 1000,
        "arrived_per_second": seen.arrived / seconds,
        "goodput_per_second": goodput,
        "goodput_share": goodput / undisturbed.per_second,
        **{
            f"goodput_share_after_{(number + 1) * PART:.0f}_s": count / PART / undisturbed.per_second
            for number, count in enumerate(parts)
        },
        "web_cpu_ms_each_finished": (after.web - middle.web) / max(seen.finished, 1) * 1000,
        "let_in_share": seen.let_in / seen.arrived,
        "finished_share_of_let_in": seen.finished / max(seen.let_in, 1),
        "waiting_page_share": _left_waiting(seen),
        "first_answer_p50_ms": seen.first.get("p50_ms", 0.0),
        "first_answer_p99_ms": seen.first.get("p99_ms", 0.0),
        "waiting_page_p50_ms": seen.waiting.get("p50_ms", 0.0),
        "waiting_page_p99_ms": seen.waiting.get("p99_ms", 0.0),
        "told_to_wait": seen.told_to_wait,
        "told_busy": seen.told_busy,
        "overtaken_share": seen.overtaken / max(seen.told_to_wait, 1),
        "answers_sent_back": seen.answers_sent_back,
        "answers_missing": seen.answers_missing,
        "faults": seen.faults,
        "hung_up": seen.hung_up,
        "finished": seen.finished,
        "unfinished": seen.unfinished,
        # Who was under way at the end may have sent theirs and not seen the confirmation.
        "cases_lost": max(0, seen.finished - made),
        "cases_nobody_sent": max(0, made - seen.finished - seen.unfinished),
        "recovered_after_s": seen.recovered_after,
        "driver_cpu_s": seen.own_cpu,
    }


def _left_waiting(seen: Seen) -> float:
    """Of all who came, those who saw the waiting page and were not let in."""
    return (seen.arrived - seen.let_in) / max(seen.arrived, 1)


def met(figures: Mapping[str, float]) -> Mapping[str, bool]:
    return {
        key: figures[key] <= bound if word == "at most" else figures[key] >= bound
        for key, (word, bound) in GOALS.items()
    }


def _in_own_process(order: Order) -> Seen:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.overloading"],
        input=json.dumps(asdict(order)),
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if ended.returncode != 0:
        raise BadAnswer(f"the overload broke its driver:\n{ended.stderr[-2000:]}")
    return Seen(**json.loads(ended.stdout))
