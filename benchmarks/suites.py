"""Which scenarios run on which installation, one after the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from benchmarks import messages, overload, scenarios
from benchmarks.exporting import export_round, exporter_of
from benchmarks.rounds import Bench, ceiling_round
from benchmarks.running import Gathered, Plan, Step, benched, several
from benchmarks.scenarios import Scenario, tracker_of, worklist_of

# By what is typed, in the order in which they run.
_FRESH: Mapping[str, tuple[Scenario, ...]] = {
    "journey": (scenarios.JOURNEY, scenarios.BY_QUESTION),
    "api": (scenarios.API,),
    "home": (scenarios.HOME,),
    "tracker": (scenarios.TRACKER,),
}
NAMES = (*_FRESH, "overload", "messages", "export", "worklist")
_OFFICER = "grace.atieno@example.org"


def run(plan: Plan, gathered: Gathered, step: Step) -> None:
    """Everything the plan asks for; calls `step` with what is being done, `steps(plan)` times."""
    fresh = _chosen(plan)
    if fresh:
        step("an installation of its own: database, tables, services, servers")
        with benched() as bench:
            several(bench, _prepared(bench, fresh), plan, gathered, step)
    if _sizes(plan):
        _with_history(plan, gathered, step)
    if "overload" in plan.names:
        step(f"overload: {overload.TIMES} times what can be served")
        with benched() as bench:
            gathered.note("overload", overload.TIMES, overload.overload_round(bench))
    if "messages" in plan.names:
        step(f"messages: {plan.messages}, the worker killed {plan.kills} times")
        gathered.note("messages", 1, _messages(plan))


def steps(plan: Plan) -> int:
    fresh = _chosen(plan)
    rounds = plan.rounds * len(plan.at_once)
    each = 3 + rounds * 3 + plan.rounds if "worklist" in plan.names else 0
    return (
        ("messages" in plan.names)
        + ("overload" in plan.names)
        + (1 + len(fresh) + rounds * (len(fresh) + 1) if fresh else 0)
        + (1 + len(_sizes(plan)) * (1 + each) if _sizes(plan) else 0)
        + ("export" in plan.names) * plan.rounds
    )


def _sizes(plan: Plan) -> tuple[int, ...]:
    """At which numbers of cases something is measured."""
    if "worklist" in plan.names:
        return tuple(sorted(plan.sizes))
    return (_exported_at(plan),) if "export" in plan.names else ()


def _exported_at(plan: Plan) -> int:
    """Where the largest service has as many as are to be exported."""
    enough = [size for size in sorted(plan.sizes) if size >= 2 * plan.exported]
    return enough[0] if enough else max(plan.sizes)


def _chosen(plan: Plan) -> list[Scenario]:
    return [scenario for name, several in _FRESH.items() if name in plan.names for scenario in several]


def _prepared(bench: Bench, chosen: Sequence[Scenario]) -> list[Scenario]:
    prepare: Mapping[str, Callable[[Bench, Scenario], Scenario]] = {scenarios.TRACKER.key: tracker_of}
    return [prepare[one.key](bench, one) if one.key in prepare else one for one in chosen]


def _with_history(plan: Plan, gathered: Gathered, step: Step) -> None:
    """The pages whose cost may grow with history, on an installation that grows."""
    step("an installation for a year of cases")
    shorter = replace(plan, seconds=plan.seconds / 2)
    with benched() as bench:
        there = 0
        for seed, size in enumerate(_sizes(plan), 1):
            step(f"making {size:,} cases")
            bench.loket.loket("sample", "--people", str(size - there), "--seed", str(seed))
            there = size
            bench.watcher.tidy()
            if "export" in plan.names and size == _exported_at(plan):
                _exports(bench, plan, gathered, step)
            if "worklist" not in plan.names:
                continue
            chosen = (
                replace(scenarios.JOURNEY, alone=True),
                tracker_of(bench),
                worklist_of(bench, _OFFICER),
            )
            named = [replace(one, key=f"{one.key}_{size}") for one in chosen]
            several(bench, named, shorter, gathered, step)


def _exports(bench: Bench, plan: Plan, gathered: Gathered, step: Step) -> None:
    exporter = exporter_of(bench, _OFFICER)
    # Once for each web worker, which then has compiled what it will.
    for _ in bench.loket.web_workers():
        export_round(bench, exporter)
    for number in range(1, plan.rounds + 1):
        step(f"round {number} of {plan.rounds}: the export")
        ceiling = ceiling_round(bench, 1, plan.seconds / 2, plan.seconds / 10)
        gathered.add("export", 1, export_round(bench, exporter), ceiling)


def _messages(plan: Plan) -> Mapping[str, float]:
    figures = messages.in_own_process(count=plan.messages, kills=plan.kills, seconds=10)
    return {
        "requests_per_second": figures["per_second"],
        "p50_ms": figures["steady_p50"] * 1000,
        "p95_ms": figures["steady_p95"] * 1000,
        **{key: figures[key] for key in ("lost", "failed", "taken_twice", "uncertain")},
    }
