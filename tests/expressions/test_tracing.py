from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from loket.expressions import Context, Value, explain, parse
from loket.kernel.money import Money

CONTEXT = Context(datetime(2026, 11, 22, tzinfo=UTC))
VALUES: dict[str, Value] = {
    "income": 12_000,
    "born": date(1959, 5, 1),
    "years": "3",
    "married": True,
    "shoe": None,
    "fee": Money(Decimal("1050.5"), "KES"),
}
LABELS = {
    "income": "your income",
    "born": "your date of birth",
    "years": "how long",
    "years=1": "1 year",
    "years=3": "3 years",
    "married": "married",
    "shoe": "your shoe size",
    "fee": "the fee",
}


def _said(source: str, language: str = "en") -> list[str]:
    trace = explain(parse(source), VALUES, CONTEXT, LABELS, language)
    return [sentence.msgid % sentence.params for sentence in trace.sentences()]


@pytest.mark.parametrize(
    ("source", "sentences"),
    [
        ("income > 10000", ["your income 12,000 is above 10,000"]),
        ("10000 >= income", ["10,000 is below your income 12,000"]),
        ("age(born) >= 65", ["67 (your date of birth 1 May 1959) is at least 65"]),
        ("years == '1'", ["how long 3 years is not 1 year"]),
        ("years == '3'", ["how long 3 years"]),
        ("'3' == years", ["how long 3 years"]),
        ("years != '3'", ["how long 3 years"]),
        ("born < date('1960-01-01')", ["your date of birth 1 May 1959 is before 1 January 1960"]),
        ("born >= date('1960-01-01')", ["your date of birth 1 May 1959 is before 1 January 1960"]),
        ("born > date('1950-01-01')", ["your date of birth 1 May 1959 is after 1 January 1950"]),
        ("years in ['1', '3']", ["how long 3 years is one of: 1 year, 3 years"]),
        ("married == true", ["married: yes"]),
        ("!married", ["married: yes"]),
        ("shoe > 3", ["your shoe size is not answered"]),
        ("shoe == null", ["your shoe size is not answered"]),
        ("has(income)", ["your income is answered"]),
        ("fee <= money('2000', 'KES')", ["the fee KES 1,050.50 is at most KES 2,000.00"]),
        ("married ? fee : fee * 2", ["married: yes"]),
        ("1 / 0 > 3", ["This divides by zero."]),
    ],
)
def test_a_result_is_explained_in_words(source: str, sentences: list[str]) -> None:
    assert _said(source) == sentences


@pytest.mark.parametrize(
    ("source", "sentences"),
    [
        ("asked > 3", ["“How many children do you have?”: 5 is above 3"]),
        ("asked > income", ["“How many children do you have?”: 5 is not above your income 12,000"]),
        ("asked == null", ["“How many children do you have?” is answered"]),
        ("pension", ["“Do you get a pension?”: yes"]),
        ("asked > limit.most", ["“How many children do you have?”: 5 is above 4"]),
        ("limit.most > 3", []),
        ("limit.most == null", []),
        ("has(limit.most)", []),
        ("limit.most > 3 && asked > 3", ["“How many children do you have?”: 5 is above 3"]),
    ],
)
def test_a_question_is_quoted_and_what_has_no_label_is_not_spoken_of(
    source: str, sentences: list[str]
) -> None:
    values: dict[str, Value] = {"asked": 5, "pension": True, "limit": {"most": 4}, "income": 12_000}
    labels = {
        **LABELS,
        "asked": "“How many children do you have?”",
        "pension": "“Do you get a pension?”",
        "limit.most": "",
    }
    said = explain(parse(source), values, CONTEXT, labels, "en").sentences()
    assert [sentence.msgid % sentence.params for sentence in said] == sentences


def test_only_what_tipped_the_scales_is_said() -> None:
    assert _said("income > 10000 && years == '1'") == ["how long 3 years is not 1 year"]
    assert _said("income < 10000 || married || years == '3'") == ["married: yes"]
    assert _said("income > 1 && married") == ["your income 12,000 is above 1", "married: yes"]


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert _said("income > 10000", "id") == ["your income 12.000 is above 10.000"]


def test_the_tree_holds_what_was_looked_at() -> None:
    trace = explain(parse("married || income > 1"), VALUES, CONTEXT, LABELS, "en")
    assert trace.value is True
    assert [child.value for child in trace.children] == [True]
