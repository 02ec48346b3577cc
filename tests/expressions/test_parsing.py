import pytest

from loket.expressions import SyntaxProblem, parse


@pytest.mark.parametrize(
    ("source", "line", "column", "says"),
    [
        ("", 1, 1, "no expression"),
        ("income >", 1, 9, "too early"),
        ("income = 3", 1, 8, "=="),
        ("a and b", 1, 3, "&&"),
        ("a ==\n 'x", 2, 2, "closing quote"),
        ("a == “x”", 1, 6, "straight quotes"),
        ('"\\q"', 1, 1, "escape"),
        ("9223372036854775808", 1, 1, "too large"),
        ("1e99999", 1, 1, "too large"),
        ("[1].map(2, 3)", 1, 5, "map"),
        ("!" * 100 + "a", 1, 81, "too deeply"),
        ("a" * 10_001, 1, 1, "too long"),
        ("a ) b", 1, 3, "not expected"),
    ],
)
def test_a_source_that_is_no_expression_is_told_kindly_and_where(
    source: str, line: int, column: int, says: str
) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse(source)
    problem = caught.value
    assert (problem.line, problem.column) == (line, column)
    assert says in problem.message.msgid % problem.message.params


def test_names_and_paths_are_what_an_expression_reads() -> None:
    expression = parse('address.city == home && pets.all(pet, pet.age > least) ? f(x["a"].b) : 1')
    assert expression.names == {"address", "home", "pets", "least", "x"}
    assert expression.paths == {"address.city", "home", "pets", "least", "x"}


def test_a_word_is_no_operator_at_its_start() -> None:
    assert parse("inside in index").names == {"inside", "index"}
    assert parse("nullable || trueish").names == {"nullable", "trueish"}


def test_a_long_chain_is_not_deep() -> None:
    assert parse(" || ".join(["a"] * 1_000)).names == {"a"}
