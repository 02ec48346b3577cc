"""What peers reached with the same 14 answers, and what Loket sets itself.

The peers were measured in November 2026 with 2 processors and 24 GB, client, server and database on them,
over loopback, the database keeping what it confirmed; medians of three runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

OPEN_FORMS, ODK = "Open Forms 3.5.6", "ODK Central 2026.2.2"


@dataclass(frozen=True, slots=True)
class Line:
    """A figure beside those of peers and the goal. `at_once` is how many came at once, 0 for the best of all.

    `per` divides what was measured; a goal is a least value where more is better, otherwise a greatest.
    """

    words: str
    unit: str
    scenario: str
    at_once: int
    key: str
    goal: float
    more: bool = False
    peers: Mapping[str, float] | None = None

    def met(self, value: float) -> bool:
        return value >= self.goal if self.more else value <= self.goal


WHOLE = (
    Line("applications a second through the pages, 8 at once", "/s", "journey", 8, "journeys_per_second", 60,
         more=True, peers={OPEN_FORMS: 4.7}),
    Line("the same, with all that follows done (document, message), 8 at once", "/s", "journey", 8,
         "journeys_done_per_second", 40, more=True, peers={OPEN_FORMS: 1.0}),
    Line("processor time of one application, all processes, what follows included", "ms", "journey", 8,
         "cpu_ms_per_journey", 40, peers={OPEN_FORMS: 1800}),
    Line("the same, one question a page", "ms", "journey_by_question", 8, "cpu_ms_per_journey", 90),
    Line("whole applications a second by one POST", "/s", "api", 0, "api_per_second", 400, more=True,
         peers={ODK: 111}),
    Line("slowest 5 % of answers, one person alone", "ms", "journey", 1, "answer_p95_ms", 10,
         peers={OPEN_FORMS: 67, ODK: 34}),
    Line("export of 50,000 applications as CSV", "s", "export", 1, "export_seconds_for_50000", 3,
         peers={ODK: 6.5}),
    Line("memory of a web worker after load", "MB", "journey", 32, "worker_memory_mb", 150,
         peers={OPEN_FORMS: 270, ODK: 350}),
)  # fmt: skip
REQUESTS = (
    # What its requests may make, added up: four pages shown, two answered, one draft begun, sent, confirmed.
    Line("statements of a whole application on two pages", "", "journey", 1, "sql_statements", 20,
         peers={OPEN_FORMS: 132, ODK: 24}),
    Line("showing a question page, median", "ms", "journey", 1, "page_p50_ms", 3),
    Line("answering it, median", "ms", "journey", 1, "answer_p50_ms", 4),
    Line("sending the application, median", "ms", "journey", 1, "submit_p50_ms", 15),
    Line("stage and dates of a case, median", "ms", "tracker", 1, "p50_ms", 5),
    Line("an officer's worklist over a million cases, median", "ms", "worklist_1000000", 1, "p50_ms", 40),
    Line("first visit to the home page, everything over the wire", "kB", "home", 1, "first_visit_kb", 60),
    Line("first visit to a question page", "kB", "journey", 1, "first_visit_kb", 60),
)  # fmt: skip
