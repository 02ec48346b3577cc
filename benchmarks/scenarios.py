"""What is measured: each scenario, what it orders of the driver, and what its figures count."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchmarks import visits
from benchmarks.driving import Order
from benchmarks.rounds import Bench, case_round, driven, page_round

# How long background work may take after a round, in shares of the round.
_PATIENCE = 1.5
_API = f"/api/v1/services/{visits.AGENCY}/{visits.TWO_PAGES}/applications"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`key` is its name in the results. `counts` names the figure of accepted applications; empty: of pages.

    `length` is how long its rounds are, as a share of the others' length; `alone`: one person at a time only;
    `visit` is where a first visit leads.
    """

    key: str
    words: str
    kind: str
    counts: str = ""
    service: str = ""
    path: str = ""
    visit: str = ""
    length: float = 1.0
    alone: bool = False
    cookies: Mapping[str, str] | None = None
    cases: tuple[tuple[str, str, str], ...] = ()

    def order(self, port: int, at_once: int, seconds: float, warm: float) -> Order:
        return Order(
            port=port,
            kind=self.kind,
            at_once=at_once,
            seconds=seconds,
            warm=warm,
            service=self.service,
            path=self.path,
            cookies=self.cookies or {},
            cases=self.cases,
        )

    def round(self, bench: Bench, at_once: int, seconds: float) -> Mapping[str, float]:
        long = seconds * self.length
        order = self.order(bench.loket.port, at_once, long, long / 5)
        if self.counts:
            return case_round(bench, order, seconds * _PATIENCE, self.counts)
        return page_round(bench, order)


_FORM = f"/en/apply/{visits.AGENCY}"
JOURNEY = Scenario(
    "journey",
    "14 answers on two pages, from the start to the confirmation",
    "journey",
    counts="journeys_per_second",
    service=visits.TWO_PAGES,
    visit=f"{_FORM}/{visits.TWO_PAGES}/person/",
)
BY_QUESTION = Scenario(
    "journey_by_question",
    "the same 14 answers, one question a page",
    "journey",
    counts="journeys_per_second",
    service=visits.BY_QUESTION,
    visit=f"{_FORM}/{visits.BY_QUESTION}/given-name/",
)
API = Scenario(
    "api", "the same 14 answers by one POST", "api", counts="api_per_second", path=_API, length=0.5
)
HOME = Scenario("home", "the home page", "page", path="/en/", visit="/en/")
TRACKER = Scenario("tracker", "stage and dates of a case", "tracker", visit="/en/track/")
WORKLIST = Scenario("worklist", "an officer's worklist", "page", path="/en/desk/cases/")


def tracker_of(bench: Bench, scenario: Scenario = TRACKER, seconds: float = 4.0) -> Scenario:
    """The tracker for cases that were just made."""
    bench.watcher.forget_limits()
    order = Order(bench.loket.port, "followed", 2, seconds, service=visits.TWO_PAGES)
    return replace(scenario, cases=tuple((case[0], case[1], case[2]) for case in driven(order).kept))


def worklist_of(bench: Bench, email: str, scenario: Scenario = WORKLIST) -> Scenario:
    """The worklist as somebody of the staff sees it."""
    told = bench.loket.run_module("benchmarks.signing_in", email)
    return replace(scenario, cookies={"sessionid": told.strip()})
