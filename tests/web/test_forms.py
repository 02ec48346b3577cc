"""One question page: what was submitted, what is shown, where errors lead."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import QueryDict
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from loket.forms.answering import answer_page
from loket.forms.compiled import compile_form
from loket.forms.definition import Form
from loket.forms.journey import Journey
from loket.forms.types import JourneyContext
from loket.web import forms
from loket.web.shell import chrome

CONTEXT = JourneyContext(now=datetime(2026, 11, 22, tzinfo=UTC), country="KE")
NAME = {
    "id": "full_name",
    "kind": "name",
    "label": {"en": "What is your full name?", "id": "Siapa nama lengkap Anda?"},
}
BORN = {"id": "born", "kind": "date", "label": {"en": "When were you born?"}}


def made(*questions: dict[str, Any]) -> Any:
    pages = [{"id": "you", "title": {"en": "About you"}, "questions": list(questions)}]
    return compile_form(Form.model_validate({"pages": pages}))


def shown(page: forms.QuestionPage) -> str:
    request = RequestFactory().get("/en/apply/you/")
    context = {**chrome(request), "page": page, "messages": (), "csrf_input": ""}
    return engines["jinja2"].get_template("web/question_page.html").render(context)


def test_submitted_fields_are_sorted_by_question_and_part() -> None:
    post = QueryDict("q-born-day=7&q-born-month=3&q-aids=a&q-aids=b&csrfmiddlewaretoken=x&q-=&other=1")
    read = forms.read_raw(post)
    assert read["born"] == {"day": ("7",), "month": ("3",)}
    assert read["aids"] == {"": ("a", "b")}
    assert "other" not in read


def test_a_question_alone_is_the_heading_of_its_page() -> None:
    journey = Journey(made(NAME), {}, CONTEXT)
    with translation.override("id"):
        page = forms.question_page(journey.pages[0], {}, caption="Perpanjang SIM", back="/id/")
        html = shown(page)
    assert page.title == "Siapa nama lengkap Anda?"
    assert html.count("<h1") == 1
    assert 'name="q-full_name"' in html
    assert "Lanjutkan" in html
    assert '<html lang="id"' in html


def test_several_questions_have_the_page_s_title_as_heading() -> None:
    journey = Journey(made(NAME, BORN), {}, CONTEXT)
    with translation.override("en"):
        html = shown(forms.question_page(journey.pages[0], {}))
    assert html.count("<h1") == 1
    assert '<h1 class="govuk-heading-l">About you</h1>' in html


def test_errors_keep_what_was_typed_and_lead_to_the_field() -> None:
    compiled = made(NAME, BORN)
    raw = forms.read_raw(QueryDict("q-full_name=&q-born-day=31&q-born-month=2&q-born-year=1990"))
    result = answer_page(compiled, {}, "you", raw, CONTEXT)
    assert set(result.problems) == {"full_name", "born"}
    journey = Journey(compiled, result.answers, CONTEXT)
    with translation.override("en"):
        page = forms.question_page(journey.pages[0], result.answers, submitted=raw, problems=result.problems)
        html = shown(page)
    assert "<title>Error: About you – Loket</title>" in html
    assert page.errors[0].href == "#q-full_name"
    for item in page.errors:
        assert f'id="{item.href[1:]}"' in html
    assert 'value="1990"' in html


def test_stored_answers_are_shown_again_and_escaped() -> None:
    compiled = made(NAME)
    raw = forms.read_raw(QueryDict("q-full_name=O%27Neil+%3Cb%3E"))
    answers = answer_page(compiled, {}, "you", raw, CONTEXT).answers
    with translation.override("en"):
        html = shown(forms.question_page(Journey(compiled, answers, CONTEXT).pages[0], answers))
    assert "<b>" not in html


def test_rows_to_check_say_answers_in_the_reader_s_language() -> None:
    compiled = made(NAME, BORN)
    raw = forms.read_raw(QueryDict("q-full_name=Amina&q-born-day=7&q-born-month=3&q-born-year=1990"))
    answers = answer_page(compiled, {}, "you", raw, CONTEXT).answers
    journey = Journey(compiled, answers, CONTEXT)
    with translation.override("en"):
        rows = forms.check_rows(journey.rows, lambda row: f"/en/apply/{row.page_id}/")
    assert rows[0] == forms.CheckRow("What is your full name?", ("Amina",), "/en/apply/you/")
    assert "1990" in rows[1].lines[0]


@pytest.mark.parametrize("uploads", [True, False])
def test_only_a_page_with_an_upload_sends_files(uploads: bool) -> None:
    question = {"id": "proof", "kind": "file", "label": {"en": "Proof"}} if uploads else NAME
    journey = Journey(made(question), {}, CONTEXT)
    with translation.override("en"):
        assert ("multipart/form-data" in shown(forms.question_page(journey.pages[0], {}))) is uploads


def test_a_remembered_question_never_shows_an_answer_nor_another_language() -> None:
    compiled = made(NAME)
    answers = answer_page(
        compiled, {}, "you", forms.read_raw(QueryDict("q-full_name=Amina")), CONTEXT
    ).answers
    page = Journey(compiled, answers, CONTEXT).pages[0]
    with translation.override("en"):
        empty = shown(forms.question_page(page, {}))
        assert "Amina" in shown(forms.question_page(page, answers))
        assert shown(forms.question_page(page, {})) == empty
    with translation.override("id"):
        assert "Siapa nama" in shown(forms.question_page(page, {}))
    assert "Amina" not in empty


def test_how_far_the_person_is_counts_what_is_asked_of_them_now() -> None:
    pets = {"id": "pets", "kind": "yes_no", "label": {"en": "Have you pets?"}}
    dog = {"id": "dog", "kind": "name", "label": {"en": "Whose?"}, "when": "pets"}
    note = {"id": "note", "kind": "name", "label": {"en": "Anything else?"}, "required": False}
    pages = [
        {"id": "you", "title": {"en": "About you"}, "questions": [NAME, BORN]},
        {"id": "pets", "questions": [pets]},
        {"id": "dog", "questions": [dog]},
        {"id": "note", "questions": [note]},
    ]
    form = compile_form(Form.model_validate({"pages": pages}))
    with translation.override("en"):
        before, after = (Journey(form, answers, CONTEXT).pages for answers in ({}, {"pets": True}))
        assert [forms.progress(before, page) for page in before] == [
            "Questions 1 to 2 of about 4",
            "Question 3 of about 4",
            "Question 4 of about 4",
        ]
        assert forms.progress(after, after[3]) == "Question 5 of about 5"
        html = shown(forms.question_page(after[1], {}, progress=forms.progress(after, after[1])))
    # Read aloud before the question itself, and no part of the heading.
    assert html.index("Question 3 of about 5") < html.index("<h1")
    with translation.override("sw"):
        assert forms.progress(after, after[1]) == "Swali la 3 kati ya takriban 5"


def test_a_form_of_one_page_counts_nothing() -> None:
    pages = Journey(made(NAME), {}, CONTEXT).pages
    assert forms.progress(pages, pages[0]) == ""
    assert "loket-progress" not in shown(forms.question_page(pages[0], {}))
