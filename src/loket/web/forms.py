"""Glue between submitted fields, the journey and the template of one question page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from django.http import QueryDict
from django.utils.translation import gettext as _

from loket.forms.answering import raw_fields
from loket.forms.journey import JourneyPage, SummaryRow
from loket.forms.question import Question
from loket.forms.registry import KINDS
from loket.forms.types import Answers, Problem, Raw
from loket.kernel.centres import Centre
from loket.web.words import local_text, say

_PREFIX = "q-"
_UPLOADS = "file"
_CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One line of the error summary; `href` leads to the field."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what its template needs. `heading`: its label is the page's h1.

    `centres` are those that can be chosen, for a question that asks for one.
    """

    question: Question
    field: str
    raw: Raw
    problem: Problem | None
    heading: bool
    centres: tuple[Centre, ...] = ()

    @property
    def blank(self) -> bool:
        """Whether it looks the same for everybody: not answered, and without what changes by itself."""
        return self.problem is None and not self.raw and not self.centres


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """`web/question_page.html`. `title` names the window; `heading` is the h1 unless a label is.

    `progress` says how far the person is, where that is known.
    """

    title: str
    heading: str
    caption: str
    questions: tuple[Asked, ...]
    errors: tuple[ErrorItem, ...]
    back: str
    uploads: bool
    progress: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing in it is anybody's, or of the moment."""
        return not self.errors and all(one.blank for one in self.questions)

    @property
    def frame(self) -> tuple[object, ...]:
        """What makes it differ from other pages of its form, if it is blank."""
        asked = tuple(one.question.id for one in self.questions)
        return self.title, self.heading, self.caption, self.back, self.uploads, self.progress, asked


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A row of *check your answers* and of a case's answers. `change` is empty where nothing may change."""

    label: str
    lines: tuple[str, ...]
    change: str


def field_name(question_id: str, part: str = "") -> str:
    return f"{_PREFIX}{question_id}-{part}" if part else f"{_PREFIX}{question_id}"


def read_raw(post: QueryDict) -> Mapping[str, Raw]:
    """Submitted fields by question id. Names that aren't of questions are left out."""
    return raw_fields((name, [str(value) for value in values]) for name, values in post.lists())


def question_page(
    page: JourneyPage,
    answers: Answers,
    *,
    caption: str = "",
    back: str = "",
    submitted: Mapping[str, Raw] | None = None,
    problems: Mapping[str, Problem] | None = None,
    centres: tuple[Centre, ...] = (),
    progress: str = "",
) -> QuestionPage:
    """The page to show: with the stored answers, or after a refusal with what was submitted."""
    found = problems or {}
    alone = len(page.questions) == 1
    asked = tuple(
        Asked(
            question=question,
            field=field_name(question.id),
            raw=_raw(question, answers, submitted),
            problem=found.get(question.id),
            heading=alone,
            centres=centres if question.kind == _CENTRE else (),
        )
        for question in page.questions
    )
    title = local_text(page.questions[0].label if alone or page.title is None else page.title)
    return QuestionPage(
        title=title,
        heading="" if alone else title,
        caption=caption,
        questions=asked,
        errors=error_items(asked),
        back=back,
        uploads=any(question.kind == _UPLOADS for question in page.questions),
        progress=progress,
    )


def progress(pages: Sequence[JourneyPage], page: JourneyPage) -> str:
    """How far the person is, in words; empty where this page is all there is.

    "About", for answers still to come may bring further questions or spare some.
    """
    before = sum(_asks(one) for one in takewhile(lambda one: one.id != page.id, pages))
    here, total = _asks(page), sum(map(_asks, pages))
    if not here or here == total:
        return ""
    numbers = {"first": before + 1, "last": before + here, "total": total}
    if here == 1:
        return _("Question %(first)s of about %(total)s") % numbers
    return _("Questions %(first)s to %(last)s of about %(total)s") % numbers


def error_items(asked: Iterable[Asked]) -> tuple[ErrorItem, ...]:
    """In the order of the questions; each leads to the field to mend."""
    return tuple(
        ErrorItem(say(one.problem.message), f"#{_focus(one.question, one.problem)}")
        for one in asked
        if one.problem is not None
    )


def check_rows(
    rows: Iterable[SummaryRow], change: Callable[[SummaryRow], str] | None = None
) -> tuple[CheckRow, ...]:
    """Answers as words; `change` gives the address where one is changed."""
    return tuple(
        CheckRow(
            label=local_text(row.question.label),
            lines=tuple(say(line) for line in row.lines),
            change=change(row) if change else "",
        )
        for row in rows
    )


def _asks(page: JourneyPage) -> int:
    return sum(KINDS[question.kind].asks for question in page.questions)


def _raw(question: Question, answers: Answers, submitted: Mapping[str, Raw] | None) -> Raw:
    if submitted is not None:
        return submitted.get(question.id, {})
    value = answers.get(question.id)
    return {} if value is None else KINDS[question.kind].raw(question, value)


def _focus(question: Question, problem: Problem) -> str:
    return field_name(question.id, problem.part or KINDS[question.kind].focus)
