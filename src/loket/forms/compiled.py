"""A form made ready to run: expressions parsed and checked once, in the order of asking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loket import expressions
from loket.forms.compiling import CHECK_ELSEWHERE, Scope
from loket.forms.definition import Calculated, Check, Form, Page, Question
from loket.forms.problems import DefinitionProblem, InvalidForm
from loket.forms.registry import KINDS, AnyKind

__all__ = ["CompiledForm", "CompiledPage", "CompiledQuestion", "compile_form", "definition_problems"]


@dataclass(frozen=True, slots=True)
class CompiledCalculated:
    definition: Calculated
    expression: expressions.Expression


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    """`waits_for`: the questions that must be answered before the check says anything."""

    definition: Check
    expression: expressions.Expression
    waits_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class CompiledQuestion:
    """`then` are the calculated values whose last question this is."""

    id: str
    page_id: str
    definition: Question
    kind: AnyKind
    when: expressions.Expression | None
    settings: Mapping[str, expressions.Expression]
    then: tuple[CompiledCalculated, ...]


@dataclass(frozen=True, slots=True)
class CompiledPage:
    id: str
    definition: Page
    when: expressions.Expression | None
    questions: tuple[CompiledQuestion, ...]
    checks: tuple[CompiledCheck, ...]


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """`blank` binds every name to null; `types` are those names' types, for others' expressions."""

    definition: Form
    pages: tuple[CompiledPage, ...]
    questions: Mapping[str, CompiledQuestion]
    positions: Mapping[str, int]
    constants: tuple[CompiledCalculated, ...]
    types: Mapping[str, expressions.Type]
    blank: Mapping[str, expressions.Value] = field(repr=False)


def compile_form(form: Form) -> CompiledForm:
    """Done once per version. Raises InvalidForm with every problem found, hints aside."""
    compiled, problems = _compile(form)
    errors = tuple(problem for problem in problems if not problem.is_hint)
    if errors:
        raise InvalidForm(errors)
    return compiled


def definition_problems(form: Form) -> tuple[DefinitionProblem, ...]:
    """What keeps the form from compiling, and hints for its author."""
    return _compile(form)[1]


def _compile(form: Form) -> tuple[CompiledForm, tuple[DefinitionProblem, ...]]:
    scope = Scope(form)
    constants, by_question = _calculated(form, scope)
    pages = tuple(_page(page, number, scope, by_question) for number, page in enumerate(form.pages))
    questions = {question.id: question for page in pages for question in page.questions}
    compiled = CompiledForm(
        definition=form,
        pages=pages,
        questions=questions,
        positions={page.id: number for number, page in enumerate(pages)},
        constants=constants,
        types=scope.types,
        blank=dict.fromkeys(scope.types),
    )
    return compiled, tuple(scope.problems)


def _calculated(
    form: Form, scope: Scope
) -> tuple[tuple[CompiledCalculated, ...], Mapping[str, Sequence[CompiledCalculated]]]:
    """Calculated values by the question after which they are known, and those that need none."""
    constants: list[CompiledCalculated] = []
    by_question: dict[str, list[CompiledCalculated]] = {}
    for number, calculated in enumerate(form.calculated):
        expression = scope.calculated(calculated, ("calculated", number, "value"))
        if expression is not None:
            last = scope.last_question(expression)
            target = constants if last is None else by_question.setdefault(last, [])
            target.append(CompiledCalculated(calculated, expression))
    return tuple(constants), by_question


def _page(
    page: Page, number: int, scope: Scope, then: Mapping[str, Sequence[CompiledCalculated]]
) -> CompiledPage:
    where = ("pages", number)
    when = scope.condition(page.when, scope.start_of(page), (*where, "when"))
    questions = tuple(
        _question(question, page.id, scope, (*where, "questions", position), then)
        for position, question in enumerate(page.questions)
    )
    checks = tuple(
        made
        for position, check in enumerate(page.checks)
        if (made := _check(check, page, scope, (*where, "checks", position))) is not None
    )
    return CompiledPage(page.id, page, when, questions, checks)


def _question(
    question: Question,
    page_id: str,
    scope: Scope,
    where: tuple[str | int, ...],
    then: Mapping[str, Sequence[CompiledCalculated]],
) -> CompiledQuestion:
    kind = KINDS[question.kind]
    before = scope.position_of(question)
    settings = {
        name: expression
        for name, (source, expected) in kind.expressions(question).items()
        if (expression := scope.expression(source, before, (*where, name), expected)) is not None
    }
    return CompiledQuestion(
        id=question.id,
        page_id=page_id,
        definition=question,
        kind=kind,
        when=scope.condition(question.when, before, (*where, "when")),
        settings=settings,
        then=tuple(then.get(question.id, ())),
    )


def _check(check: Check, page: Page, scope: Scope, where: tuple[str | int, ...]) -> CompiledCheck | None:
    if check.at is not None and check.at not in {question.id for question in page.questions}:
        scope.report("check_elsewhere", CHECK_ELSEWHERE, (*where, "at"), name=check.at)
    expression = scope.condition(check.check, scope.end_of(page), (*where, "check"))
    if expression is None:
        return None
    return CompiledCheck(check, expression, scope.waits_for(expression))
