from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from loket.forms.compiled import compile_form, definition_problems
from loket.forms.definition import Form
from loket.forms.problems import InvalidForm
from tests.forms.test_answering import ask, page


def problems(
    *pages: Mapping[str, Any], calculated: tuple[Mapping[str, Any], ...] = ()
) -> list[tuple[str, str]]:
    made = Form.model_validate({"pages": pages, "calculated": calculated})
    found = [problem for problem in definition_problems(made) if not problem.is_hint]
    if found:
        with pytest.raises(InvalidForm):
            compile_form(made)
    else:
        compile_form(made)
    return [(problem.code, ".".join(map(str, problem.where))) for problem in found]


SURE = ask("sure", "yes_no")


def test_a_sound_form_has_no_problems() -> None:
    assert (
        problems(page("one", SURE), page("two", ask("why", "text", when="sure == true"), when="has(sure)"))
        == []
    )


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([page("a", SURE), page("a", ask("x", "text"))], [("twice", "pages.1.id")]),
        ([page("a", SURE, SURE)], [("twice", "pages.0.questions.1.id")]),
        ([page("a", ask("true", "text"))], [("reserved", "pages.0.questions.0.id")]),
        (
            [page("a", ask("x", "text", when="sure == true"), SURE)],
            [("asked_later", "pages.0.questions.0.when")],
        ),
        ([page("a", SURE, when="sure == true")], [("asked_later", "pages.0.when")]),
        ([page("a", ask("x", "text", when="x == "))], [("syntax", "pages.0.questions.0.when")]),
        (
            [page("a", SURE), page("b", ask("x", "text"), when="shure == true")],
            [("unknown_name", "pages.1.when")],
        ),
        ([page("a", SURE), page("b", ask("x", "text"), when="sure > 3")], [("wrong_type", "pages.1.when")]),
        ([page("a", ask("born", "date", max="tomorrow"))], [("unknown_name", "pages.0.questions.0.max")]),
        (
            [page("a", ask("n", "whole_number")), page("b", ask("d", "date", min="n"))],
            [("wrong_type", "pages.1.questions.0.min")],
        ),
        (
            [page("a", SURE, checks=[{"check": "sure == true", "message": {"en": "No"}, "at": "other"}])],
            [("check_elsewhere", "pages.0.checks.0.at")],
        ),
        (
            [
                page("a", SURE, checks=[{"check": "why != null", "message": {"en": "No"}}]),
                page("b", ask("why", "text")),
            ],
            [("asked_later", "pages.0.checks.0.check")],
        ),
    ],
)
def test_a_problem_is_found_where_it_is(
    pages: list[Mapping[str, Any]], expected: list[tuple[str, str]]
) -> None:
    assert problems(*pages) == expected


def test_a_calculated_value_is_known_after_the_last_question_it_needs() -> None:
    total: tuple[Mapping[str, Any], ...] = ({"id": "total", "value": "x + y"},)
    numbers = (page("a", ask("x", "whole_number")), page("b", ask("y", "whole_number")))
    end = page("c", ask("z", "text"), when="total > 3")
    assert problems(*numbers, end, calculated=total) == []
    assert problems(numbers[0], end, numbers[1], calculated=total) == [("asked_later", "pages.1.when")]


def test_a_calculated_value_may_use_those_before_it_only() -> None:
    one, two = {"id": "one", "value": "x + 1"}, {"id": "two", "value": "one + 1"}
    number = page("a", ask("x", "whole_number"))
    assert problems(number, calculated=(one, two)) == []
    assert problems(number, calculated=(two, one)) == [("unknown_name", "calculated.0.value")]


@pytest.mark.parametrize(
    "question",
    [
        ask("x", "colour"),
        ask("x", "text", colour="red"),
        ask("X", "text"),
        ask("x-y", "text"),
        ask("x", "text", pattern="(?=lookahead)"),
        ask("x", "choice", options=[{"value": "a", "label": {"en": "A"}}] * 2),
        ask("x", "choices", options=[{"value": "a", "label": {"en": "A"}}], none_option="b"),
        ask("x", "note", text={"en": "Hello"}, required=True),
        {**ask("x", "text"), "label": {}},
        {**ask("x", "text"), "label": {"en": " "}},
        {**ask("x", "text"), "label": {"english": "x"}},
    ],
)
def test_what_a_definition_must_not_say_is_refused(question: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Form.model_validate({"pages": [page("a", question)]})


def test_a_form_has_a_json_schema_that_knows_every_kind() -> None:
    schema = Form.model_json_schema()
    assert "TextQuestion" in schema["$defs"]
    assert "DeclarationQuestion" in schema["$defs"]
