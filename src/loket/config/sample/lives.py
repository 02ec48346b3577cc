"""One made-up case from beginning to end, by the same actions as every case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from loket.applications import actions as applications
from loket.casework import actions as casework
from loket.casework import loading, queries
from loket.catalogue.compiled import CompiledService
from loket.config.sample.sending import fill_in
from loket.forms.answering import answers_from_json
from loket.forms.types import JsonValue, Raw
from loket.identity.types import StaffMember
from loket.kernel.actors import APPLICANT
from loket.workflow.engine import GivenReason


class Kind(StrEnum):
    """Who does what next."""

    TAKE = "take"
    ACT = "act"
    REPLY = "reply"
    REMIND = "remind"
    TIME_OUT = "time_out"


@dataclass(frozen=True, slots=True)
class Step:
    """`says` is the officer's reason or question, or what the applicant answers, about the answer `about`."""

    kind: Kind
    action: str = ""
    reason: str = ""
    says: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes of an application: its answers' shape, the language, and what is done in which order."""

    service: str
    language: str
    staff: str
    answers: Mapping[str, JsonValue]
    steps: tuple[Step, ...]

    @property
    def undoable(self) -> tuple[bool, ...]:
        """Of sending and of each step, whether it may be taken back for a minute."""
        return (False, *(step.kind is Kind.ACT for step in self.steps))


@dataclass(frozen=True, slots=True)
class Lived:
    """A case that was lived through. `stages` is where each step led, the first being the sending; `times`
    are when it was filled in, when it was sent, and when each step was done."""

    case_id: UUID
    reference: str
    stages: tuple[str, ...]
    times: tuple[datetime, ...]


def live(
    course: Course,
    service: CompiledService,
    staff: StaffMember,
    filled: datetime,
    sent: datetime,
    when: Callable[[Step, UUID], datetime],
    *,
    after_each: Callable[[], None] = lambda: None,
    settle: Callable[[UUID, datetime], None] = loading.settle_case,
) -> Lived:
    """Lives through a course. `when` tells the time of each step; `after_each` is called after filling in,
    sending, and each step; `settle` does what jobs do for a case until then."""
    token = fill_in(
        service, answers_from_json(service.form, course.answers), language=course.language, now=filled
    )
    after_each()
    reference = applications.submit(token=token, language=course.language, by=APPLICANT, now=sent).reference
    case_id = queries.case_id(reference)
    settle(case_id, sent)
    stages, times = [loading.stage_of(case_id)], [filled, sent]
    after_each()
    for step, undoable in zip(course.steps, course.undoable[1:], strict=True):
        at = when(step, case_id)
        times.append(at)
        _DO[step.kind](step, case_id, reference, staff, at)
        settle(case_id, at + casework.UNDO_FOR if undoable else at)
        stages.append(loading.stage_of(case_id))
        after_each()
    return Lived(case_id, reference, tuple(stages), tuple(times))


def _take(step: Step, case_id: UUID, reference: str, staff: StaffMember, at: datetime) -> None:
    casework.open_for_staff(reference=reference, reason="", staff=staff, now=at)
    casework.assign_to_self(case_id=case_id, staff=staff, now=at)


def _act(step: Step, case_id: UUID, reference: str, staff: StaffMember, at: datetime) -> None:
    case = casework.open_for_staff(reference=reference, reason="", staff=staff, now=at)
    asks = bool(step.about)
    casework.act(
        case_id=case.id,
        action=step.action,
        revision=case.revision,
        reason=GivenReason((step.reason,) if step.reason else (), "" if asks else step.says),
        message=step.says if asks else "",
        questions=(step.about,) if asks else (),
        staff=staff,
        now=at,
    )


def _reply(step: Step, case_id: UUID, reference: str, staff: StaffMember, at: datetime) -> None:
    reply = queries.open_reply(case_id, at)
    if reply is None:
        raise ValueError(f"nothing was asked about {reference}")
    for page in reply.pages:
        raw: dict[str, Raw] = {step.about: {"": (f"{reply.answers[step.about]} {step.says}",)}}
        casework.answer_reply_page(case_id=case_id, page_id=page.id, raw=raw, files={}, removed={}, now=at)
    casework.send_reply(case_id=case_id, now=at)


def _remind(step: Step, case_id: UUID, reference: str, staff: StaffMember, at: datetime) -> None:
    loading.remind(case_id, now=at)


def _time_out(step: Step, case_id: UUID, reference: str, staff: StaffMember, at: datetime) -> None:
    if not casework.time_out(case_id=case_id, now=at):
        raise ValueError(f"the time of {reference} has not run out")


_DO: Mapping[Kind, Callable[[Step, UUID, str, StaffMember, datetime], None]] = {
    Kind.TAKE: _take,
    Kind.ACT: _act,
    Kind.REPLY: _reply,
    Kind.REMIND: _remind,
    Kind.TIME_OUT: _time_out,
}
