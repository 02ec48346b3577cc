"""Many answers at once, as programs send them: any part of a form, or all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loket.forms.answering import read_answer
from loket.forms.compiled import CompiledForm, CompiledQuestion
from loket.forms.types import Answers, JourneyContext, Problem, Raw, Value
from loket.forms.walk import Walk
from loket.kernel.text import Message, in_language, marked

UNKNOWN_QUESTION = Message(marked("This service has no question “%(question)s”"))
NOT_ASKED = Message(marked("With these answers this question is not asked. Leave it out"))
WRONG_SHAPE = Message(marked("The answer to “%(question)s” has another form than the service describes"))


@dataclass(frozen=True, slots=True)
class WholeResult:
    """`answers` with what could be taken; `problems` by question, in order of asking."""

    answers: Answers
    problems: Mapping[str, Problem]


@dataclass(slots=True)
class _Taking:
    """How far the walk is. `gap`: something on the page at hand is not answered yet, or not well."""

    answers: dict[str, Value]
    problems: dict[str, Problem] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    gap: bool = False


def raw_of_json(
    compiled: CompiledForm, given: Mapping[str, object], language: str
) -> tuple[dict[str, Raw], dict[str, Problem]]:
    """The fields that answers sent as JSON fill in (null: left empty), and what is no answer at all."""
    raw: dict[str, Raw] = {}
    problems: dict[str, Problem] = {}
    for name, data in given.items():
        question = compiled.questions.get(name)
        if question is None or not question.kind.asks:
            problems[name] = Problem(UNKNOWN_QUESTION.with_params(question=name[:100]), code="unknown")
        elif data is None:
            raw[name] = {}
        else:
            try:
                raw[name] = question.kind.raw_of_json(question.definition, data)
            except ValueError:
                label = in_language(question.definition.label, language)
                problems[name] = Problem(
                    WRONG_SHAPE.with_params(question=label), question.kind.focus, "wrong_shape"
                )
    return raw, problems


def in_order(compiled: CompiledForm, problems: Mapping[str, Problem]) -> Mapping[str, Problem]:
    """As the questions are asked; those of unknown names last."""
    return {name: problems[name] for name in (*compiled.questions, *problems) if name in problems}


def answer_whole(compiled: CompiledForm, raw: Mapping[str, Raw], context: JourneyContext) -> WholeResult:
    """Reads every visible question from `raw`: what isn't there was left empty. Nothing makes it raise.

    Without problems the answers are complete, and every page's checks hold.
    """
    return _read(compiled, {}, raw, context, whole=True)


def answer_some(
    compiled: CompiledForm, answers: Answers, raw: Mapping[str, Raw], context: JourneyContext
) -> WholeResult:
    """The same for those in `raw` alone; a page's checks wait until all of it is answered."""
    return _read(compiled, answers, raw, context, whole=False)


def _read(
    compiled: CompiledForm,
    answers: Answers,
    raw: Mapping[str, Raw],
    context: JourneyContext,
    *,
    whole: bool,
) -> WholeResult:
    walk, taking = Walk(compiled, context), _Taking(dict(answers))
    for page in compiled.pages:
        taking.gap = False
        visible: dict[str, CompiledQuestion] = {}
        for question in walk.shown(page, taking.answers):
            visible[question.id] = question
            if question.kind.asks:
                _take(question, raw, walk, taking, whole)
        if page.checks and visible and not taking.gap:
            for name, problem in walk.failing(page, visible).items():
                taking.problems.setdefault(name, problem)
    if not taking.problems:
        # Only now is it certain what these answers ask.
        for name, fields in raw.items():
            if fields and name not in taking.asked:
                taking.problems[name] = Problem(NOT_ASKED, code="not_asked")
    return WholeResult(taking.answers, taking.problems)


def _take(
    question: CompiledQuestion, raw: Mapping[str, Raw], walk: Walk, taking: _Taking, whole: bool
) -> None:
    taking.asked.add(question.id)
    if not whole and question.id not in raw:
        taking.gap = taking.gap or question.id not in taking.answers
        return
    read = read_answer(question, raw.get(question.id, {}), walk.parsing(question))
    if isinstance(read, Problem):
        taking.problems[question.id] = read
        taking.gap = True
    else:
        taking.answers[question.id] = read
