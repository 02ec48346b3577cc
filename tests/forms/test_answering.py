import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loket.forms.answering import answer_page, answers_from_json, answers_to_json, raw_fields
from loket.forms.compiled import CompiledForm, compile_form
from loket.forms.definition import Form
from loket.forms.journey import Journey
from loket.forms.registry import KINDS
from loket.forms.types import Answers, NoSuchPage, Raw
from tests.forms import contract
from tests.forms.contract import CONTEXT, words

NAUGHTY = Path(__file__).resolve().parents[3] / "shared/inputs/i18n/big-list-of-naughty-strings__blns.json"


def form(*pages: Mapping[str, Any], calculated: tuple[Mapping[str, Any], ...] = ()) -> CompiledForm:
    return compile_form(Form.model_validate({"pages": pages, "calculated": calculated}))


def page(page_id: str, *questions: Mapping[str, Any], **more: Any) -> Mapping[str, Any]:
    return {"id": page_id, "questions": questions, **more}


def ask(question_id: str, kind: str, **more: Any) -> Mapping[str, Any]:
    return {"id": question_id, "kind": kind, "label": {"en": f"What about {question_id}?"}, **more}


def submit(compiled: CompiledForm, answers: Answers, page_id: str, **fields: str) -> Any:
    """Fields by name, with `__` for the dash before a part."""
    sent = [(f"q-{name.replace('__', '-')}", [value]) for name, value in fields.items()]
    return answer_page(compiled, answers, page_id, raw_fields(sent), CONTEXT)


EVERYTHING = form(
    *(
        page(
            f"p-{kind.key.replace('_', '-')}",
            {"id": kind.key, "kind": kind.key, **contract.examples(kind)["settings"]},
        )
        for kind in KINDS.all().values()
        if kind.key != "name"
    ),
    page("p-name", ask("full_name", "name")),
)
_PARTS = (
    "",
    "day",
    "month",
    "year",
    "email",
    "phone",
    "line1",
    "town",
    "postcode",
    "id",
    "name",
    "size",
    "type",
)


def check_any_submission(compiled: CompiledForm, raw: Raw) -> None:
    """Every page takes it or says why not, and what it takes can be stored and read again."""
    for number in compiled.pages:
        sent = {question.id: raw for question in number.questions}
        result = answer_page(compiled, {}, number.id, sent, CONTEXT)
        stored = json.loads(json.dumps(answers_to_json(compiled, result.answers)))
        assert answers_from_json(compiled, stored) == result.answers
        for row in Journey(compiled, result.answers, CONTEXT).rows:
            assert all(isinstance(line, str) or words(line) for line in row.lines)
        asking = {question.id for question in number.questions if question.kind.asks}
        assert set(result.answers) | set(result.problems) == asking


@given(
    st.dictionaries(
        st.sampled_from(_PARTS),
        st.lists(st.text(st.characters(codec=None), max_size=80), max_size=3).map(tuple),
    )
)
@settings(max_examples=60, deadline=None)
def test_nothing_that_is_submitted_makes_a_page_fail(raw: Raw) -> None:
    check_any_submission(EVERYTHING, raw)


def test_naughty_strings_are_taken_or_refused_in_words() -> None:
    if not NAUGHTY.exists():
        pytest.skip(f"the shared inputs are missing: no {NAUGHTY.name} beside the checkout")
    for naughty in json.loads(NAUGHTY.read_text()):
        check_any_submission(EVERYTHING, dict.fromkeys(_PARTS, (naughty,)))


def test_the_check_notices_a_page_that_takes_what_cannot_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    text = EVERYTHING.questions["text"]
    careless = type("Careless", (type(text.kind),), {"parse": lambda *_: "\ud800"})()
    broken_question = replace(text, kind=careless)
    pages = tuple(
        replace(found, questions=(broken_question,)) if found.questions == (text,) else found
        for found in EVERYTHING.pages
    )
    broken = replace(EVERYTHING, pages=pages, questions={**EVERYTHING.questions, "text": broken_question})
    with pytest.raises(ValueError):
        check_any_submission(broken, {"": ("x",)})


def test_a_required_question_left_empty_is_named_and_keeps_its_former_answer() -> None:
    compiled = form(page("you", ask("full_name", "name"), ask("born", "date")))
    result = submit(compiled, {"full_name": "Ana"}, "you", full_name=" ")
    assert result.answers == {"full_name": "Ana"}
    assert words(result.problems["full_name"].message) == "Enter a name for “What about full_name?”"
    assert result.problems["born"].part == "day"


def test_an_optional_question_left_empty_is_answered() -> None:
    compiled = form(page("you", ask("nick", "text", required=False)))
    result = submit(compiled, {}, "you", nick="")
    assert result.answers == {"nick": None}
    assert Journey(compiled, result.answers, CONTEXT).complete
    assert not Journey(compiled, {}, CONTEXT).complete


def test_a_question_revealed_on_the_same_page_is_asked_without_blame() -> None:
    compiled = form(
        page("kids", ask("any_kids", "yes_no"), ask("how_many", "whole_number", when="any_kids == true")),
        page("end", ask("note", "note", text={"en": "Done."})),
    )
    first = submit(compiled, {}, "kids", any_kids="yes")
    assert (first.problems, first.revealed) == ({}, ("how_many",))
    journey = Journey(compiled, first.answers, CONTEXT)
    assert journey.first_incomplete is not None
    assert journey.first_incomplete.id == "kids"
    assert not journey.may_visit("end")
    blamed = submit(compiled, first.answers, "kids", any_kids="yes", how_many="")
    assert list(blamed.problems) == ["how_many"]
    # Shown at once and filled in, it is read at once.
    assert submit(compiled, {}, "kids", any_kids="yes", how_many="2").answers == {
        "any_kids": True,
        "how_many": 2,
    }
    hidden = submit(compiled, {"any_kids": True, "how_many": 2}, "kids", any_kids="no", how_many="junk")
    assert (hidden.problems, hidden.answers) == ({}, {"any_kids": False, "how_many": 2})
    assert Journey(compiled, hidden.answers, CONTEXT).live_answers == {"any_kids": False}


TRIP = form(
    page(
        "trip",
        ask("leaving", "date"),
        ask("returning", "date", required=False),
        checks=[
            {
                "check": "returning >= leaving",
                "message": {"en": "Return after 100 % of the trip"},
                "at": "returning",
            }
        ],
    )
)


def test_a_check_that_does_not_hold_is_told_at_its_question_in_the_packs_words() -> None:
    result = submit(TRIP, {}, "trip", leaving="2026-12-10", returning="2026-12-01")
    problem = result.problems["returning"]
    assert (words(problem.message), problem.part) == ("Return after 100 % of the trip", "day")
    journey = Journey(TRIP, result.answers, CONTEXT)
    assert not journey.complete
    assert set(journey.pages[0].problems) == {"returning"}


def test_a_check_waits_for_the_questions_it_names() -> None:
    result = submit(TRIP, {}, "trip", leaving="2026-12-10", returning="")
    assert result.problems == {}
    assert Journey(TRIP, result.answers, CONTEXT).complete


def test_a_check_that_speaks_of_null_decides_itself() -> None:
    compiled = form(
        page(
            "reach",
            ask("phone", "phone", required=False),
            ask("mail", "email", required=False),
            checks=[{"check": "has(phone) || has(mail)", "message": {"en": "Give one of the two"}}],
        )
    )
    assert set(submit(compiled, {}, "reach", phone="", mail="").problems) == {"phone"}
    assert submit(compiled, {}, "reach", phone="", mail="ana@example.com").problems == {}


def test_bounds_may_depend_on_earlier_answers() -> None:
    compiled = form(
        page("one", ask("born", "date", max="today")), page("two", ask("wed", "date", min="born"))
    )
    answers = submit(compiled, {}, "one", born="1990-05-05").answers
    refused = submit(compiled, answers, "two", wed="1980-01-01").problems["wed"]
    assert words(refused.message) == "The date must be 5 May 1990 or later"
    assert submit(compiled, answers, "two", wed="2010-01-01").problems == {}


def test_calculated_values_show_and_hide_pages() -> None:
    compiled = form(
        page("people", ask("adults", "whole_number"), ask("children", "whole_number")),
        page("large", ask("rooms", "whole_number"), when="household > 4"),
        calculated=({"id": "household", "value": "adults + children"},),
    )
    small = Journey(compiled, {"adults": 2, "children": 1}, CONTEXT)
    assert (small.complete, dict(small.calculated)) == (True, {"household": 3})
    assert [shown.id for shown in Journey(compiled, {"adults": 2, "children": 4}, CONTEXT).pages] == [
        "people",
        "large",
    ]
    assert Journey(compiled, {}, CONTEXT).bindings == {
        "adults": None,
        "children": None,
        "rooms": None,
        "household": None,
    }


def test_a_hidden_or_unknown_page_is_refused() -> None:
    compiled = form(page("one", ask("sure", "yes_no")), page("two", ask("why", "text"), when="sure == true"))
    for name in ("two", "three"):
        with pytest.raises(NoSuchPage):
            submit(compiled, {"sure": False}, name)
    journey = Journey(compiled, {"sure": False}, CONTEXT)
    assert (journey.page("two"), journey.may_visit("two"), journey.next("one")) == (None, False, None)
    assert (journey.next("unknown"), journey.previous("one")) == (None, None)


def test_the_words_of_a_problem_are_in_the_persons_language() -> None:
    compiled = form(page("you", {**ask("sure", "yes_no"), "label": {"en": "Sure?", "id": "Yakin?"}}))
    result = answer_page(compiled, {}, "you", {}, replace(CONTEXT, language="id"))
    assert result.problems["sure"].message.params == {"question": "Yakin?"}


def test_fields_are_sorted_by_question_and_part() -> None:
    sent = [("q-born-day", ["1"]), ("q-likes", ["a", "b"]), ("csrf", ["x"]), ("q-born-month", ["2"])]
    assert raw_fields(sent) == {"born": {"day": ("1",), "month": ("2",)}, "likes": {"": ("a", "b")}}
