"""The driver: a process of its own that visits a server, and tells what it saw and what that cost itself.

Run: python -m benchmarks.driving < order.json    (one order; the answer is JSON on standard output)
"""

import gc
import itertools
import json
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial

from benchmarks import visits
from benchmarks.figures import percentile
from benchmarks.visits import Tracked
from benchmarks.wire import BadAnswer, Driven, Visit, drive


@dataclass(frozen=True, slots=True)
class Order:
    """What to do: `kind` names a visit. The first `warm` seconds count for nothing but the CPU."""

    port: int
    kind: str
    at_once: int
    seconds: float
    warm: float = 0.0
    service: str = ""
    path: str = ""
    token: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    cases: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class Seen:
    """`visits` is how many there were in all, `per_second` how many while everybody was at work.

    Percentiles in milliseconds by step of a visit, `all` for all requests, `visit` for whole visits.
    """

    visits: int
    per_second: float
    seconds: float
    requests: int
    own_cpu: float
    turned_away: int
    percentiles: Mapping[str, Mapping[str, float]]
    kept: list[tuple[str, str, str]] = field(default_factory=list)


def main() -> int:
    order = Order(**json.load(sys.stdin))
    kept: list[Tracked] = []
    # What one request leaves behind is little; collecting it would cost others.
    gc.disable()
    before = _own_cpu()
    driven = drive(order.port, order.at_once, order.seconds, _visit(order, kept))
    if not driven.visits:
        raise BadAnswer(f"all of {driven.turned_away} visitors were turned away")
    seen = summed_up(driven, order.warm, order.seconds, _own_cpu() - before)
    seen.kept = [(case.reference, case.email, case.grant) for case in kept]
    json.dump(asdict(seen), sys.stdout)
    return 0


def summed_up(driven: Driven, warm: float, seconds: float, own_cpu: float) -> Seen:
    """Visits are counted by their requests from the warming up until nobody begins any more, for whole ones
    would be cut off at both ends."""
    everything = sorted(taken for several in driven.steps.values() for taken in several)
    steps = {step: sorted(several) for step, several in driven.steps.items()}
    whole = sorted(driven.visits)
    counted = sum(warm < at <= seconds for at in driven.answered)
    return Seen(
        visits=len(whole),
        per_second=counted / (seconds - warm) * len(whole) / len(everything),
        seconds=driven.ended - driven.begun,
        requests=len(everything),
        own_cpu=own_cpu,
        turned_away=driven.turned_away,
        percentiles={
            name: {f"p{share}": percentile(several, share / 100) * 1000 for share in (50, 95, 99)}
            | {"count": len(several)}
            for name, several in {**steps, "all": everything, "visit": whole}.items()
        },
    )


def _visit(order: Order, kept: list[Tracked]) -> Callable[[], Visit]:
    cases = itertools.cycle([Tracked(*case) for case in order.cases])
    kinds: Mapping[str, Callable[[], Visit]] = {
        "journey": partial(visits.journey, order.service),
        "followed": partial(visits.followed, order.service, kept.append),
        "page": partial(visits.one_page, order.path, "page", order.cookies),
        "tracker": partial(visits.tracked, cases),
        "look_up": partial(visits.looked_up, cases),
        "api": partial(visits.whole_application, order.path, order.token),
        "ceiling": visits.ceiling,
    }
    return kinds[order.kind]


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    raise SystemExit(main())
