"""Names in the order of asking: what an expression at some place in the form may refer to."""

import re
from collections.abc import Mapping

from loket import expressions
from loket.forms.definition import Calculated, Form, Page, Question
from loket.forms.problems import DefinitionProblem
from loket.forms.registry import KINDS
from loket.kernel.text import Message, marked

SAME_PAGE = Message(marked("Two pages are called %(name)s."))
SAME_NAME = Message(marked("%(name)s is used twice; every id is used once."))
RESERVED = Message(marked("%(name)s means something in expressions; choose another id."))
ASKED_LATER = Message(marked("%(name)s is asked later than it is used here."))
CHECK_ELSEWHERE = Message(marked("This page has no question %(name)s."))

_Where = tuple[str | int, ...]
# An expression that speaks of null itself decides what an empty answer means.
_MINDS_NULL = re.compile(r"\bhas\s*\(|\bnull\b")
_BEFORE_ALL = -1


class Scope:
    """Collects problems while expressions are parsed and checked against what is known where.

    A position is the number of a question in order of asking; a calculated value has the position of
    the last question it needs.
    """

    def __init__(self, form: Form) -> None:
        self.problems: list[DefinitionProblem] = []
        self.types: dict[str, expressions.Type] = {}
        self._known_after: dict[str, int] = {}
        self._order: list[str] = []
        self._starts: dict[str, int] = {}
        for number, page in enumerate(form.pages):
            self._enter(page, number)

    def _enter(self, page: Page, number: int) -> None:
        if page.id in self._starts:
            self.report("twice", SAME_PAGE, ("pages", number, "id"), name=page.id)
        self._starts[page.id] = len(self._order)
        for position, question in enumerate(page.questions):
            where = ("pages", number, "questions", position, "id")
            if self._name_is_free(question.id, where):
                self._known_after[question.id] = len(self._order)
                if KINDS[question.kind].asks:
                    self.types[question.id] = KINDS[question.kind].expression_type(question)
            self._order.append(question.id)

    def _name_is_free(self, name: str, where: _Where) -> bool:
        if name in self._known_after:
            self.report("twice", SAME_NAME, where, name=name)
            return False
        try:
            usable = expressions.parse(name).names == frozenset({name})
        except expressions.SyntaxProblem:
            usable = False
        if not usable:
            self.report("reserved", RESERVED, where, name=name)
        return usable

    def start_of(self, page: Page) -> int:
        return self._starts[page.id]

    def end_of(self, page: Page) -> int:
        return self._starts[page.id] + len(page.questions)

    def position_of(self, question: Question) -> int:
        return self._known_after.get(question.id, 0)

    def calculated(self, calculated: Calculated, where: _Where) -> expressions.Expression | None:
        if not self._name_is_free(calculated.id, (*where[:-1], "id")):
            return None
        expression = self.expression(calculated.value, len(self._order), where, None)
        if expression is None:
            return None
        self._known_after[calculated.id] = self._last_position(expression)
        self.types[calculated.id] = expressions.infer(expression, self.types)
        return expression

    def last_question(self, expression: expressions.Expression) -> str | None:
        """The question after which everything the expression needs is known; None: from the start."""
        last = self._last_position(expression)
        return None if last == _BEFORE_ALL else self._order[last]

    def condition(self, source: str | None, before: int, where: _Where) -> expressions.Expression | None:
        return None if source is None else self.expression(source, before, where, expressions.BOOLEAN)

    def expression(
        self, source: str, before: int, where: _Where, expected: expressions.Type | None
    ) -> expressions.Expression | None:
        """The expression, or None with its problems reported. Names must be known before `before`."""
        try:
            expression = expressions.parse(source)
        except expressions.SyntaxProblem as wrong:
            self._add(DefinitionProblem("syntax", wrong.message, where, wrong.line, wrong.column))
            return None
        early = {name: kind for name, kind in self.types.items() if self._known_after[name] < before}
        late = sorted(name for name in expression.names if name in self.types and name not in early)
        for name in late:
            self.report("asked_later", ASKED_LATER, where, name=name)
        found = () if late else expressions.check(expression, early, expected)
        for wrong_here in found:
            self._add(_of_expression(wrong_here, where))
        return None if late or any(not wrong_here.is_hint for wrong_here in found) else expression

    def waits_for(self, expression: expressions.Expression) -> frozenset[str]:
        if _MINDS_NULL.search(expression.source):
            return frozenset()
        return frozenset(name for name in expression.names if name in self.types)

    def report(self, code: str, message: Message, where: _Where, **params: str) -> None:
        self._add(DefinitionProblem(code, message.with_params(**params), where))

    def _add(self, problem: DefinitionProblem) -> None:
        self.problems.append(problem)

    def _last_position(self, expression: expressions.Expression) -> int:
        known: Mapping[str, int] = self._known_after
        return max((known[name] for name in expression.names if name in known), default=_BEFORE_ALL)


def _of_expression(problem: expressions.Problem, where: _Where) -> DefinitionProblem:
    return DefinitionProblem(
        str(problem.code), problem.message, where, problem.line, problem.column, problem.is_hint
    )
