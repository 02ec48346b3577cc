"""What expressions come to, one line each; `docs/expressions.md` says the same in words."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from loket.expressions import Context, ErrorCode, Value, evaluate, parse
from loket.kernel.calendars import WorkingCalendar
from loket.kernel.money import Money

CONTEXT = Context(datetime(2026, 11, 22, 22, 30, tzinfo=UTC), "Africa/Nairobi", WorkingCalendar("KE"))
VALUES: dict[str, Value] = {
    "empty": None,
    "other": None,
    "income": 12_000,
    "rate": Decimal("0.16"),
    "born": date(1960, 2, 29),
    "pets": ("cat", "dog"),
    "address": {"city": "Nairobi", "street": None},
    "children": ({"age": 3}, {"age": 9}, {"age": None}),
    "fee": Money(Decimal("1050.00"), "KES"),
    "agreed": True,
    "sent": datetime(2026, 11, 22, 22, 0, tzinfo=UTC),
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + 2 * 3", 7),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("7 / 2.0", Decimal("3.5")),
        ("0.1 + 0.2 == 0.3", True),
        ("1 == 1.0", True),
        ("true == 1", False),
        ("'1' == 1", False),
        ("income * rate", Decimal("1920.00")),
        ("fee * 2", Money(Decimal("2100.00"), "KES")),
        ('fee + money("0.50", "KES")', Money(Decimal("1050.50"), "KES")),
        ('fee / money("2100", "KES")', Decimal("0.5")),
        ('"a" + "b"', "ab"),
        ("[1] + [2]", (1, 2)),
        ("[1, 2][1]", 2),
        ('{"a": 1}.a', 1),
        ('{"a": 1}["b"]', None),
        ('"a" in {"a": 1}', True),
        ("address.city", "Nairobi"),
        ("address.nothing", None),
        ("empty.city", None),
        ("income > 10000 ? 'above' : 'below'", "above"),
        ("empty ? 1 : 2", 2),
        ("1 > 2 || agreed && !false", True),
        (r'"\u00e9\x41\101\n" == "éAA" + "\n"', True),
        (r'r"\d" + """a"b"""', r"\da" + '"b'),
        ("1 // a remark\n + 1", 2),
        ("0x1F", 31),
        ("-9223372036854775808", -(2**63)),
        ("pets.exists(pet, pet == 'dog')", True),
        ("children.all(child, child.age < 10)", False),
        ("children.filter(child, child.age < 6).size()", 1),
        ("children.map(child, child.age)", (3, 9, None)),
        ("pets.exists_one(pet, pet.size() == 3)", False),
        ("[1, 2].map(x, [3].map(y, x * y))", ((3,), (6,))),
    ],
)
def test_an_expression_has_its_value(source: str, value: Value) -> None:
    result = evaluate(parse(source), VALUES, CONTEXT)
    assert result.error is None
    assert (result.value, type(result.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("empty >= 65", False),
        ("empty < 65", False),
        ("empty == 65", False),
        ("empty != 65", False),
        ("empty == other", False),
        ("empty == null", True),
        ("income != null", True),
        ("empty != null", False),
        ("empty in [1]", False),
        ("null in [null]", False),
        ("income in empty", False),
        ("empty + 1", None),
        ("-empty", None),
        ("!empty", True),
        ("empty && true", False),
        ("empty || true", True),
        ("has(empty)", False),
        ("has(income)", True),
        ("age(empty)", None),
        ("age(empty) < 18", False),
        ("contains(empty, 'a')", False),
        ("selected(empty, 'cat')", False),
        ("count(empty)", 0),
        ("count(children.map(child, child.age))", 2),
        ("sum([1, empty, 2.5])", Decimal("3.5")),
        ("sum([])", 0),
        ("max(1, empty, 2.5)", Decimal("2.5")),
        ("min(empty)", None),
        ("empty.filter(x, x > 1)", None),
        ("empty.exists(x, x > 1)", False),
    ],
)
def test_what_is_unanswered_is_null_and_follows_its_rules(source: str, value: Value) -> None:
    result = evaluate(parse(source), VALUES, CONTEXT)
    assert result.error is None
    assert (result.value, type(result.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("today()", date(2026, 11, 23)),
        ("date(now())", date(2026, 11, 23)),
        ("now() > sent", True),
        ("age(born)", 66),
        ('years_between(date("2004-02-29"), date("2022-02-28"))', 17),
        ('years_between(date("2004-02-29"), date("2022-03-01"))', 18),
        ('working_days(date("2026-12-11"), date("2026-12-14"))', 1),
        ('add_working_days(date("2026-12-24"), 1)', date(2026, 12, 28)),
        ('add_days(date("2026-02-28"), 1)', date(2026, 3, 1)),
        ('add_months(date("2026-01-31"), 1)', date(2026, 2, 28)),
        ('add_months(date("2026-01-31"), -2)', date(2025, 11, 30)),
        ("add_years(born, 1)", date(1961, 2, 28)),
        ('days_between(date("2026-01-01"), date("2026-02-01"))', 31),
        ("year(born) + month(born) + day(born)", 1991),
        ('datetime("2026-01-31T09:00:00+03:00") < now()', True),
        ("round(2.5)", Decimal(3)),
        ("round(-2.345, 2)", Decimal("-2.35")),
        ("round(1250, -2)", 1300),
        ('round(money("10.005", "KES"))', Money(Decimal("10.01"), "KES")),
        ('round(money("10.5", "JPY"))', Money(Decimal(11), "JPY")),
        ("abs(-2.5)", Decimal("2.5")),
        ("selected(pets, 'cat')", True),
        ("'a'.upper() + lower('B') + trim(' c ')", "Abc"),
        ("'DL482913'.matches('^[A-Z]{2}[0-9]{6}$')", True),
        ("startsWith('abc', 'a') && 'abc'.endsWith('c')", True),
        ("int('12') + int(3.9)", 15),
        ("decimal(fee) + decimal('0.5')", Decimal("1050.50")),
        ("string(fee) + string(true) + string(born)", "1050.00 KEStrue1960-02-29"),
        ("currency(fee)", "KES"),
        ("size('né') + size(pets)", 4),
    ],
)
def test_a_function_has_its_value(source: str, value: Value) -> None:
    result = evaluate(parse(source), VALUES, CONTEXT)
    assert result.error is None
    assert (result.value, type(result.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("1 / 0", ErrorCode.DIVISION_BY_ZERO),
        ("1.5 / 0", ErrorCode.DIVISION_BY_ZERO),
        ("0.0 / 0.0", ErrorCode.DIVISION_BY_ZERO),
        ("1 % 0", ErrorCode.DIVISION_BY_ZERO),
        ("fee / 0", ErrorCode.DIVISION_BY_ZERO),
        ("9223372036854775807 + 1", ErrorCode.OVERFLOW),
        ("-(-9223372036854775808 + 0)", ErrorCode.OVERFLOW),
        ("-9223372036854775808 / -1", ErrorCode.OVERFLOW),
        ("1e6000 * 1e6000", ErrorCode.OVERFLOW),
        ("add_days(today(), 9000000000)", ErrorCode.OVERFLOW),
        ("'a' + 1", ErrorCode.TYPE),
        ("'a' > 1", ErrorCode.TYPE),
        ("'a' && true", ErrorCode.TYPE),
        ("age(12)", ErrorCode.TYPE),
        ('fee > money("1", "UGX")', ErrorCode.CURRENCY),
        ("pets[2]", ErrorCode.OUT_OF_RANGE),
        ("nobody", ErrorCode.UNKNOWN_NAME),
        ("nothing(1)", ErrorCode.UNKNOWN_FUNCTION),
        ("int('twelve')", ErrorCode.CONVERSION),
        ("date('31-01-2026')", ErrorCode.CONVERSION),
        ("'a'.matches('(')", ErrorCode.PATTERN),
        ("'a'.matches('((((a{99}){9}){9}){9})')", ErrorCode.PATTERN),
        ("working_days(date('0001-01-01'), today())", ErrorCode.COST),
        ("add_working_days(today(), -1)", ErrorCode.CALENDAR),
    ],
)
def test_what_goes_wrong_is_an_error_and_never_true(source: str, code: ErrorCode) -> None:
    result = evaluate(parse(source), VALUES, CONTEXT)
    assert result.error is not None
    assert result.error.code is code
    assert result.value is None
    assert not result.truth


def test_an_error_says_where() -> None:
    error = evaluate(parse("1 +\n  2 / 0"), {}, CONTEXT).error
    assert error is not None
    assert (error.line, error.column) == (2, 5)


def test_an_evaluation_may_cost_so_much_and_no_more() -> None:
    nested = "[1,2,3,4,5,6,7,8,9,10]"
    source = "1"
    for depth in range(6):
        source = f"{nested}.map(x{depth}, {source})"
    error = evaluate(parse(source), {}, CONTEXT).error
    assert error is not None
    assert error.code is ErrorCode.COST


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), 2**63, b"", datetime(2026, 1, 1), ["a"]])  # noqa: DTZ001
def test_a_value_from_outside_that_is_none_of_ours_is_an_error(value: Value) -> None:
    assert evaluate(parse("x == null"), {"x": value}, CONTEXT).error is not None


def test_a_context_needs_an_aware_moment_and_a_known_timezone() -> None:
    with pytest.raises(ValueError, match="aware"):
        Context(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="timezone"):
        Context(datetime(2026, 1, 1, tzinfo=UTC), "Mars/Olympus")
