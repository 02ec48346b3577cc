"""The journey: which pages this person's answers make, and how far they are. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from loket import expressions
from loket.forms.compiled import CompiledForm, CompiledPage, CompiledQuestion
from loket.forms.definition import LocalText, Question
from loket.forms.types import Answers, JourneyContext, Problem, Value
from loket.forms.walk import Walk
from loket.kernel.text import Message, marked

NOTHING_GIVEN = Message(marked("Not given"))


@dataclass(frozen=True, slots=True)
class JourneyPage:
    """A visible page. `questions` are its visible ones, `unanswered` those still to be answered,
    `problems` its checks that don't hold, and answers that can't be sent any more."""

    id: str
    title: LocalText | None
    questions: tuple[Question, ...]
    unanswered: tuple[str, ...]
    problems: Mapping[str, Problem]

    @property
    def complete(self) -> bool:
        return not self.unanswered and not self.problems


@dataclass(frozen=True, slots=True)
class SummaryRow:
    page_id: str
    question: Question
    lines: tuple[str | Message, ...]


class Journey:
    """Computed from a form and answers, once, on first use.

    `answers` holds a key for every question answered, None where it was left empty on purpose. Answers
    to hidden or unknown questions are ignored.
    """

    def __init__(self, compiled: CompiledForm, answers: Answers, context: JourneyContext) -> None:
        self._compiled, self._answers, self._context = compiled, answers, context

    @cached_property
    def pages(self) -> tuple[JourneyPage, ...]:
        return self._passed[0]

    @property
    def bindings(self) -> Mapping[str, expressions.Value]:
        """Every question and calculated value for expressions; hidden and unanswered ones are null."""
        return self._passed[1].bindings

    @property
    def calculated(self) -> Mapping[str, expressions.Value]:
        return self._passed[1].calculated

    @cached_property
    def first_incomplete(self) -> JourneyPage | None:
        return next((page for page in self.pages if not page.complete), None)

    @property
    def complete(self) -> bool:
        return self.first_incomplete is None

    def page(self, page_id: str) -> JourneyPage | None:
        """The page, or None where it is hidden or unknown."""
        return self._by_id.get(page_id)

    def may_visit(self, page_id: str) -> bool:
        """Whether the page is visible and everything before it is complete."""
        for page in self.pages:
            if page.id == page_id:
                return True
            if not page.complete:
                return False
        return False

    def previous(self, page_id: str) -> str | None:
        """The visible page before this one; None for the first."""
        position = self._compiled.positions.get(page_id, 0)
        before = [page.id for page in self.pages if self._compiled.positions[page.id] < position]
        return before[-1] if before else None

    def next(self, page_id: str) -> str | None:
        """The visible page after this one; None after the last."""
        position = self._compiled.positions.get(page_id, len(self._compiled.pages))
        after = (page.id for page in self.pages if self._compiled.positions[page.id] > position)
        return next(after, None)

    @cached_property
    def rows(self) -> tuple[SummaryRow, ...]:
        """The visible questions with their answers, for checking them."""
        return tuple(self._row(question) for question in self._visible)

    @cached_property
    def live_answers(self) -> Mapping[str, Value]:
        """The answers without those to hidden questions: what is submitted."""
        return {
            question.id: self._answers[question.id]
            for question in self._visible
            if question.id in self._answers
        }

    @cached_property
    def _passed(self) -> tuple[tuple[JourneyPage, ...], Walk]:
        walk = Walk(self._compiled, self._context)
        found = (self._passing(walk, page) for page in self._compiled.pages)
        return tuple(page for page in found if page is not None), walk

    def _passing(self, walk: Walk, page: CompiledPage) -> JourneyPage | None:
        visible = {question.id: question for question in walk.shown(page, self._answers)}
        if not visible:
            return None
        unanswered = tuple(name for name, question in visible.items() if self._is_unanswered(question))
        problems: Mapping[str, Problem] = self._lapsed(visible)
        if page.checks and not unanswered and not problems:
            problems = walk.failing(page, visible)
        questions = tuple(question.definition for question in visible.values())
        return JourneyPage(page.id, page.definition.title, questions, unanswered, problems)

    def _lapsed(self, visible: Mapping[str, CompiledQuestion]) -> Mapping[str, Problem]:
        """Answers that were good when they were given and can't be sent any more."""
        context = self._context
        return {
            name: problem
            for name, question in visible.items()
            if (value := self._answers.get(name)) is not None
            and question.kind.asks
            and (
                problem := question.kind.lapsed(question.definition, value, context.language, context.centres)
            )
        }

    def _is_unanswered(self, question: CompiledQuestion) -> bool:
        if not question.kind.asks:
            return False
        if question.definition.required:
            return self._answers.get(question.id) is None
        return question.id not in self._answers

    @cached_property
    def _by_id(self) -> Mapping[str, JourneyPage]:
        return {page.id: page for page in self.pages}

    @property
    def _visible(self) -> tuple[CompiledQuestion, ...]:
        """Visible questions that ask something."""
        known = self._compiled.questions
        shown = (known[question.id] for page in self.pages for question in page.questions)
        return tuple(question for question in shown if question.kind.asks)

    def _row(self, question: CompiledQuestion) -> SummaryRow:
        value = self._answers.get(question.id)
        lines: tuple[str | Message, ...] = (NOTHING_GIVEN,)
        if value is not None:
            context = self._context
            lines = question.kind.summary_among(question.definition, value, context.language, context.centres)
        return SummaryRow(question.page_id, question.definition, lines)
