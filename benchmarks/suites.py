"""Which scenarios run on which installation, one after the other."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks import messages, scenarios
from benchmarks.rounds import Bench
from benchmarks.running import Gathered, Plan, Step, benched, several
from benchmarks.scenarios import Scenario, tracker_of

# By what is typed, in the order in which they run.
_FRESH: Mapping[str, tuple[Scenario, ...]] = {
    "journey": (scenarios.JOURNEY, scenarios.BY_QUESTION),
    "api": (scenarios.API,),
    "home": (scenarios.HOME,),
    "tracker": (scenarios.TRACKER,),
}
NAMES = (*_FRESH, "messages")


def run(plan: Plan, gathered: Gathered, step: Step) -> None:
    """Everything the plan asks for; calls `step` with what is being done, `steps(plan)` times."""
    fresh = _chosen(plan)
    if fresh:
        step("an installation of its own: database, tables, services, servers")
        with benched() as bench:
            several(bench, _prepared(bench, fresh), plan, gathered, step)
    if "messages" in plan.names:
        step(f"messages: {plan.messages}, the worker killed {plan.kills} times")
        gathered.note("messages", 1, _messages(plan))


def steps(plan: Plan) -> int:
    fresh = _chosen(plan)
    rounds = plan.rounds * len(plan.at_once)
    return ("messages" in plan.names) + (1 + len(fresh) + rounds * (len(fresh) + 1) if fresh else 0)


def _chosen(plan: Plan) -> list[Scenario]:
    return [scenario for name, several in _FRESH.items() if name in plan.names for scenario in several]


def _prepared(bench: Bench, chosen: Sequence[Scenario]) -> list[Scenario]:
    prepare: Mapping[str, Callable[[Bench, Scenario], Scenario]] = {scenarios.TRACKER.key: tracker_of}
    return [prepare[one.key](bench, one) if one.key in prepare else one for one in chosen]


def _messages(plan: Plan) -> Mapping[str, float]:
    figures = messages.in_own_process(count=plan.messages, kills=plan.kills, seconds=10)
    return {
        "requests_per_second": figures["per_second"],
        "p50_ms": figures["steady_p50"] * 1000,
        "p95_ms": figures["steady_p95"] * 1000,
        **{key: figures[key] for key in ("lost", "failed", "taken_twice", "uncertain")},
    }
