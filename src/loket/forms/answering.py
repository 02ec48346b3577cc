"""Taking what was submitted for a page; answers to and from JSON and form fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loket.forms.compiled import CompiledForm, CompiledQuestion
from loket.forms.types import (
    Answers,
    JourneyContext,
    JsonValue,
    NoSuchPage,
    ParseContext,
    Problem,
    Raw,
    Value,
)
from loket.forms.walk import Walk
from loket.kernel.text import in_language

MISSING = "missing"
_FIELD = "q-"


@dataclass(frozen=True, slots=True)
class PageResult:
    """`answers` with what could be taken. `problems` by question, in order of asking.

    `revealed` are questions of this page that these answers made visible and that weren't submitted:
    not wrong, but the same page has to be shown again for them.
    """

    answers: Answers
    problems: Mapping[str, Problem]
    revealed: tuple[str, ...] = ()


def answer_page(
    compiled: CompiledForm,
    answers: Answers,
    page_id: str,
    raw: Mapping[str, Raw],
    context: JourneyContext,
) -> PageResult:
    """Reads the page's visible questions from `raw` (by question id), then runs its checks.

    A question with a problem keeps its former answer. Raises NoSuchPage; nothing submitted makes it
    raise anything else.
    """
    if page_id not in compiled.positions:
        raise NoSuchPage(page=page_id)
    position = compiled.positions[page_id]
    walk, page = Walk(compiled, context), compiled.pages[position]
    for earlier in compiled.pages[:position]:
        for _question in walk.shown(earlier, answers):
            pass
    before = {question.id for question in _shown_before(compiled, answers, position, context)}
    taken: dict[str, Value] = dict(answers)
    problems: dict[str, Problem] = {}
    revealed: list[str] = []
    visible: dict[str, CompiledQuestion] = {}
    for question in walk.shown(page, taken):
        visible[question.id] = question
        if not question.kind.asks:
            continue
        if question.id not in before and not raw.get(question.id):
            revealed += [] if question.id in taken else [question.id]
            continue
        read = read_answer(question, raw.get(question.id, {}), walk.parsing(question))
        if isinstance(read, Problem):
            problems[question.id] = read
        else:
            taken[question.id] = read
    if not visible:
        raise NoSuchPage(page=page_id)
    if not problems and not revealed:
        problems = dict(walk.failing(page, visible))
    return PageResult(taken, problems, tuple(revealed))


def read_answer(question: CompiledQuestion, raw: Raw, context: ParseContext) -> Value | Problem:
    """The value, None where an optional question was left empty, or what is wrong."""
    read: Value = question.kind.parse(question.definition, raw, context)
    if read is None and question.definition.required:
        label = in_language(question.definition.label, context.language)
        return Problem(question.kind.missing.with_params(question=label), question.kind.focus, MISSING)
    return read


def raw_of(compiled: CompiledForm, answers: Answers, question_id: str) -> Raw:
    """The fields of a question as its answer fills them; empty where there is none."""
    question, value = compiled.questions[question_id], answers.get(question_id)
    return {} if value is None else question.kind.raw(question.definition, value)


def raw_fields(submitted: Iterable[tuple[str, Sequence[str]]]) -> Mapping[str, Raw]:
    """A submitted form's fields (`q-<id>`, `q-<id>-<part>`) by question and part; others are left out."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, values in submitted:
        if name.startswith(_FIELD):
            question_id, _, part = name.removeprefix(_FIELD).partition("-")
            found.setdefault(question_id, {})[part] = tuple(values)
    return found


def answers_to_json(compiled: CompiledForm, answers: Answers) -> Mapping[str, JsonValue]:
    """For storing; answers to questions the form doesn't have are left out."""
    return {
        name: None if value is None else question.kind.to_json(question.definition, value)
        for name, question in compiled.questions.items()
        if name in answers and question.kind.asks
        for value in (answers[name],)
    }


def answers_from_json(compiled: CompiledForm, data: Mapping[str, object]) -> Answers:
    """The inverse. Raises ValueError on a value that isn't its question's."""
    return {
        name: None if data[name] is None else question.kind.from_json(question.definition, data[name])
        for name, question in compiled.questions.items()
        if name in data and question.kind.asks
    }


def _shown_before(
    compiled: CompiledForm, answers: Answers, position: int, context: JourneyContext
) -> tuple[CompiledQuestion, ...]:
    """The questions of the page as these answers showed it."""
    walk = Walk(compiled, context)
    shown: tuple[CompiledQuestion, ...] = ()
    for page in compiled.pages[: position + 1]:
        shown = tuple(walk.shown(page, answers))
    return shown
