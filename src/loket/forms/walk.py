"""One pass over a form in the order of asking: what is shown, what is known so far."""

from collections.abc import Iterator, Mapping

from loket import expressions
from loket.forms.compiled import CompiledCalculated, CompiledForm, CompiledPage, CompiledQuestion
from loket.forms.plain import said
from loket.forms.types import Answers, JourneyContext, ParseContext, Problem, with_settings


class Walk:
    """Binds names as questions pass. Hidden and unanswered questions stay null."""

    def __init__(self, compiled: CompiledForm, context: JourneyContext) -> None:
        self._context = context
        self._evaluating = context.evaluating()
        self.bindings: dict[str, expressions.Value] = dict(compiled.blank)
        self.calculated: dict[str, expressions.Value] = {}
        self._calculate(compiled.constants)

    def shown(self, page: CompiledPage, answers: Answers) -> Iterator[CompiledQuestion]:
        """The page's visible questions. Each is bound, from `answers`, when the next is asked for."""
        page_shown = self._holds(page.when)
        for question in page.questions:
            if page_shown and self._holds(question.when):
                yield question
                self._bind(question, answers)
            self._calculate(question.then)

    def failing(self, page: CompiledPage, visible: Mapping[str, CompiledQuestion]) -> Mapping[str, Problem]:
        """The page's checks that don't hold, by the visible question that shows their message."""
        failing: dict[str, Problem] = {}
        for check in page.checks:
            if any(self.bindings[name] is None for name in check.waits_for):
                continue
            if not self._holds(check.expression):
                at = next((name for name in visible if name == check.definition.at), next(iter(visible)))
                focus = visible[at].kind.focus
                failing.setdefault(at, said(check.definition.message, self._context.language, focus))
        return failing

    def parsing(self, question: CompiledQuestion) -> ParseContext:
        context = self._context.parsing()
        if not question.settings:
            return context
        return with_settings(
            context, {name: self._value(expression) for name, expression in question.settings.items()}
        )

    def _bind(self, question: CompiledQuestion, answers: Answers) -> None:
        value = answers.get(question.id)
        if value is not None and question.kind.asks:
            self.bindings[question.id] = question.kind.expression_value(question.definition, value)

    def _calculate(self, group: tuple[CompiledCalculated, ...]) -> None:
        for calculated in group:
            value = self._value(calculated.expression)
            self.bindings[calculated.definition.id] = self.calculated[calculated.definition.id] = value

    def _value(self, expression: expressions.Expression) -> expressions.Value:
        result = expressions.evaluate(expression, self.bindings, self._evaluating)
        return None if result.error else result.value

    def _holds(self, condition: expressions.Expression | None) -> bool:
        return condition is None or expressions.evaluate(condition, self.bindings, self._evaluating).truth
