"""When what follows from a case's steps happens: the same rules that the actions follow, for a whole past.

Moments are counted in microseconds, as the database counts them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from loket.applications.loading import KEPT_FOR
from loket.casework import reminder_letters, reminding
from loket.casework.actions.moving import UNDO_FOR
from loket.casework.promise import promised_by, resumed
from loket.catalogue.compiled import CompiledService
from loket.identity.types import AgencyView
from loket.kernel.casting import EPOCH, Written, microseconds
from loket.notifications.loading import AFTER_DUE, goes_at
from loket.notifications.types import Medium
from loket.workflow.definition import Applicant, Term
from loket.workflow.terms import deadline

# A document is made so long after what it follows from.
MADE_AFTER = timedelta(seconds=20)
_MICROSECOND = timedelta(microseconds=1)
# Days begin on the quarter hour everywhere, so whatever counts whole days is the same within one.
_QUARTER = 15 * 60 * 1_000_000
_UNDO = UNDO_FOR // _MICROSECOND
_AFTER_DUE = tuple(after // _MICROSECOND for after in AFTER_DUE)
_KEPT = KEPT_FOR // _MICROSECOND
_MADE = MADE_AFTER // _MICROSECOND

Rule = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Moments:
    """The rules by which one course of steps gives moments; `stages` is where each step led.

    `times` are when the draft was filled in, when it was sent, and when each step was done.
    """

    rules: tuple[Rule, ...]
    stages: tuple[str, ...]


class Clockwork:
    """Rules for the cases of one service and one medium."""

    def __init__(self, service: CompiledService, agency: AgencyView, medium: Medium | None) -> None:
        self._service, self._calendar, self._zone = service, agency.calendar, ZoneInfo(agency.timezone)
        self._medium = medium
        self._known: dict[tuple[int, int], int] = {}
        self._terms: dict[int, Term] = {}
        self._do: dict[str, Callable[[Sequence[int], Rule, Moments], int]] = {
            "shift": lambda times, rule, _: times[rule[1]] + rule[2],
            "quiet": lambda times, rule, _: self._quiet(times[rule[1]] + rule[2]) + rule[3],
            "stage": lambda times, rule, moments: self._stage_due(times, rule[1], moments),
            "remind": lambda times, rule, moments: self._remind(times, rule[1], moments),
            "promise": lambda times, rule, moments: self._promise(times, rule[1], moments),
        }

    def rules(self, stages: Sequence[str], undoable: Sequence[bool]) -> Moments:
        """Every moment that such a course can give. `undoable` says of which steps effects wait."""
        rules: list[Rule] = [("shift", 0, 0, 0), ("shift", 0, _KEPT, 0)]
        for step, waits in enumerate(undoable, start=1):
            settled = _UNDO if waits else 0
            rules += [("shift", step, shift, 0) for shift in (0, settled, settled + _MADE)]
            rules += [("shift", step, settled + after, 0) for after in _AFTER_DUE]
            rules += [("quiet", step, settled, after) for after in _AFTER_DUE]
            rules.append(("promise", step, 0, 0))
            if self._within(stages[step - 1]):
                rules += [("stage", step, 0, 0), ("remind", step, 0, 0)]
        return Moments(tuple(rules), tuple(stages))

    def written(self, moments: Moments, language: str) -> tuple[Written, ...]:
        """How they stand in what is written: in facts, in keys of messages, in letters."""
        found = []
        for place, rule in enumerate(moments.rules):
            found.append(Written(place, _iso))
            if rule[0] == "remind":
                found.append(Written(place, reminding.in_key))
            if rule[0] == "stage":
                found.append(Written(place, partial(_in_words, zone=self._zone, language=language)))
        return tuple(found)

    def moment(self, rule: Rule, times: Sequence[int], moments: Moments) -> int:
        return self._do[rule[0]](times, rule, moments)

    def stage_due(self, stage: str, entered: int) -> int | None:
        """When this stage runs out for whoever entered it then."""
        term = self._within(stage)
        return self._deadline(term, entered) if term else None

    def remind_before(self, due: int, entered: int) -> int:
        """When whoever has to answer by then is reminded."""
        return microseconds(reminding.before_an_answer(_moment(due), _moment(entered), self._zone))

    def _remind(self, times: Sequence[int], step: int, moments: Moments) -> int:
        return self.remind_before(self._stage_due(times, step, moments), times[step])

    def _within(self, stage: str) -> Term | None:
        found = self._service.workflow.stages.get(stage)
        return found.within if isinstance(found, Applicant) else None

    def _stage_due(self, times: Sequence[int], step: int, moments: Moments) -> int:
        due = self.stage_due(moments.stages[step - 1], times[step])
        if due is None:
            raise ValueError("this stage has no end")
        return due

    def _promise(self, times: Sequence[int], step: int, moments: Moments) -> int:
        """When the case is due after this step."""
        due, paused, before = self._promised(times[1]), None, ""
        for place, stage in enumerate(moments.stages[:step], start=1):
            if stage == before:
                continue
            if paused is not None:
                due = self._resumed(due, paused, times[place])
            paused = times[place] if self._waits(stage) else None
            before = stage
        return due

    def _resumed(self, due: int, paused: int, now: int) -> int:
        return microseconds(
            resumed(
                self._service.promise,
                _moment(due),
                paused_at=_moment(paused),
                now=_moment(now),
                calendar=self._calendar,
                zone=self._zone,
            )
        )

    def _waits(self, stage: str) -> bool:
        return isinstance(self._service.workflow.stages.get(stage), Applicant)

    def _promised(self, sent: int) -> int:
        term = self._service.promise
        if term.hours is not None:
            return microseconds(promised_by(term, _moment(sent), self._calendar, self._zone))
        return self._deadline(term, sent)

    def _deadline(self, term: Term, start: int) -> int:
        if term.hours is not None:
            return microseconds(deadline(term, _moment(start), self._calendar, self._zone))
        key = id(term), start // _QUARTER
        if key not in self._known:
            self._terms[id(term)] = term
            self._known[key] = microseconds(deadline(term, _moment(start), self._calendar, self._zone))
        return self._known[key]

    def _quiet(self, moment: int) -> int:
        if self._medium is None:
            return moment
        return microseconds(goes_at(_moment(moment), self._medium, self._zone))


@lru_cache(maxsize=4096)
def _in_words(moment: datetime, *, zone: ZoneInfo, language: str) -> str:
    return reminder_letters.in_words(moment, zone, language, exactly=True)


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _moment(count: int) -> datetime:
    return EPOCH + count * _MICROSECOND
