import pytest

from loket.expressions import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INTEGER,
    MONEY,
    NULL,
    TEXT,
    Type,
    check,
    choice,
    infer,
    list_of,
    parse,
    record,
)

TYPES = {
    "income": INTEGER,
    "born": DATE,
    "years": choice(("1", "3")),
    "pets": list_of(choice(("cat", "dog"))),
    "address": record({"city": TEXT}),
    "fee": MONEY,
}


@pytest.mark.parametrize(
    ("source", "code", "column", "suggestion"),
    [
        ("incone > 1", "unknown_name", 1, "income"),
        ("zzz", "unknown_name", 1, ""),
        ("address.cty == 'x'", "unknown_field", 9, "city"),
        ("agee(born) > 1", "unknown_function", 1, "age"),
        ("age() > 1", "wrong_arity", 1, ""),
        ("age(income) > 1", "wrong_type", 5, ""),
        ("income > 'a'", "wrong_type", 8, ""),
        ("income == 'a'", "wrong_type", 8, ""),
        ("born + 1 == born", "wrong_type", 6, ""),
        ("income && true", "wrong_type", 1, ""),
        ("years == '2'", "not_an_option", 10, ""),
        ("years in ['1', '4']", "not_an_option", 16, ""),
        ("selected(pets, 'cta')", "not_an_option", 16, "cat"),
        ("pets.exists(pet, pet == 'cow')", "not_an_option", 25, ""),
        ("'a'.matches('(')", "bad_pattern", 13, ""),
        ("income + null == 1", "always_null", 8, ""),
        ("income < null", "always_null", 8, ""),
        ("income.size() > 1", "wrong_type", 1, ""),
        ("born[0]", "wrong_type", 5, ""),
    ],
)
def test_what_is_wrong_is_found_before_any_answer(
    source: str, code: str, column: int, suggestion: str
) -> None:
    problem = check(parse(source), TYPES)[0]
    assert (problem.code, problem.column, problem.suggestion) == (code, column, suggestion)
    assert problem.is_hint == (code == "always_null")


@pytest.mark.parametrize(
    "source",
    [
        "age(born) >= 65 && years == '3'",
        "income == null",
        "selected(pets, 'cat') || pets.size() > 1",
        "address.city.startsWith('N')",
        "years in ['1', '3'] ? 1 : null",
        "max(income, 2.5, null) > 1",
        "'3' == years",
        "years.size() == 1",
    ],
)
def test_what_is_right_is_left_in_peace(source: str) -> None:
    assert check(parse(source), TYPES) == ()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("income + 1", INTEGER),
        ("income / 2.0", DECIMAL),
        ("fee * 2", MONEY),
        ("income > 1", BOOLEAN),
        ("income > 1 ? 1 : 2.5", DECIMAL),
        ("income > 1 ? 'a' : null", TEXT),
        ("pets.map(pet, pet.size())", list_of(INTEGER)),
        ("sum([1.5, 2])", DECIMAL),
        ("pets[0]", choice(("cat", "dog"))),
        ("null + 1", NULL),
        ("round(fee)", MONEY),
    ],
)
def test_the_type_of_a_result_is_inferred(source: str, expected: Type) -> None:
    assert infer(parse(source), TYPES) == expected


def test_the_result_must_have_the_type_that_is_needed() -> None:
    problem = check(parse("income + 1"), TYPES, BOOLEAN)[0]
    assert problem.message.params == {"found": "integer", "expected": "boolean"}
    assert check(parse("income + 1"), TYPES, DECIMAL) == ()
