"""Expressions anywhere in a pack, checked against what is known there."""

from collections.abc import Iterator, Mapping

from loket import expressions
from loket.catalogue.marks import Mark, error, not_shown
from loket.catalogue.reading import Path
from loket.catalogue.service import Service
from loket.catalogue.types import Level
from loket.decisions.proof import output_types
from loket.expressions import Type
from loket.forms.compiled import CompiledForm, compile_form, definition_problems
from loket.kernel.text import Message

Types = Mapping[str, Type]


def form_of(service: Service) -> CompiledForm | None:
    """None where the form has errors, which are told on their own."""
    if any(not problem.is_hint for problem in definition_problems(service.form)):
        return None
    return compile_form(service.form)


def types_of(service: Service) -> Types | None:
    """Every question, calculated value and table."""
    form = form_of(service)
    return None if form is None else output_types(service.tables, form.types)


def cell(source: str, types: Types | None, path: Path, *, expected: Type | None = None) -> Iterator[Mark]:
    """What is wrong with an expression; `expected` is the type that it must have."""
    try:
        expression = expressions.parse(source)
    except expressions.SyntaxProblem as problem:
        yield Mark(Level.ERROR, "syntax", words(problem.message), path, problem.line, problem.column)
        return
    if types is None:
        yield not_shown("condition-unseen", "Not checked, because the form has errors.", path)
        return
    for wrong in expressions.check(expression, types, expected):
        level = Level.WARNING if wrong.is_hint else Level.ERROR
        code = wrong.code.replace("_", "-")
        yield Mark(level, code, words(wrong.message), path, wrong.line, wrong.column)


def gives(source: str, types: Types | None) -> Type:
    """The type of an expression; ANY where it can't be known."""
    try:
        return expressions.infer(expressions.parse(source), types or {})
    except expressions.SyntaxProblem:
        return expressions.ANY


def one_of(
    source: str, types: Types | None, path: Path, kinds: frozenset[expressions.Kind], what: str
) -> Iterator[Mark]:
    """That an expression gives one of several kinds of value."""
    yield from cell(source, types, path)
    found = gives(source, types)
    if found.kind not in kinds | {expressions.Kind.ANY, expressions.Kind.NULL}:
        yield error("wrong-type", f"This gives {found.kind}, but {what} is needed here.", path)


def words(message: Message | str) -> str:
    return message if isinstance(message, str) else message.msgid % message.params
