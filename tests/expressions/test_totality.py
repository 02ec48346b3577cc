"""Nothing that people or packs write, and nothing they answer, makes the language raise."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loket.expressions import (
    ANY,
    BOOLEAN,
    DATE,
    INTEGER,
    MONEY,
    TEXT,
    Kind,
    SyntaxProblem,
    Value,
    check,
    choice,
    evaluate,
    explain,
    infer,
    list_of,
    parse,
    record,
)
from loket.expressions.types import kind_of
from tests.expressions.strategies import CONTEXT, bindings, rough_sources, sources

TYPES = {
    "income": INTEGER,
    "name": TEXT,
    "born": DATE,
    "pets": list_of(choice(("cat", "dog"))),
    "address": record({"city": TEXT}),
    "empty": ANY,
    "fee": MONEY,
    "agreed": BOOLEAN,
}
LABELS = {"income": "your income", "born": "your date of birth", "address.city": "your town"}
unhurried = settings(
    deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@unhurried
@given(rough_sources())
def test_parsing_any_text_gives_a_tree_or_a_located_problem(source: str) -> None:
    problem = None
    try:
        expression = parse(source)
    except SyntaxProblem as found:
        problem = found
    if problem is None:
        assert evaluate(expression, {}, CONTEXT) is not None
    else:
        assert problem.line >= 1 <= problem.column
        assert problem.message.msgid % problem.message.params


@unhurried
@given(sources(), bindings())
def test_evaluating_never_raises_and_gives_a_value_or_an_error(source: str, values: dict[str, Value]) -> None:
    result = evaluate(parse(source), values, CONTEXT)
    assert result.error is None or result.value is None
    assert kind_of(result.value) is not Kind.ANY


@unhurried
@given(sources(), bindings(), st.sampled_from(["en", "id", "sw"]))
def test_explaining_agrees_with_evaluating(source: str, values: dict[str, Value], language: str) -> None:
    expression = parse(source)
    trace = explain(expression, values, CONTEXT, LABELS, language)
    result = evaluate(expression, values, CONTEXT)
    assert (trace.value, trace.error) == (result.value, result.error)
    assert all(sentence.msgid % sentence.params for sentence in trace.sentences())


@unhurried
@given(sources())
def test_checking_never_raises(source: str) -> None:
    expression = parse(source)
    infer(expression, TYPES)
    for problem in check(expression, TYPES, BOOLEAN):
        assert problem.message.msgid % problem.message.params
