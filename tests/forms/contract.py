"""What every question kind promises, as checks that raise AssertionError."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
from jinja2 import Environment

from loket.expressions.types import Kind, kind_of
from loket.forms.compiled import compile_form
from loket.forms.definition import Form, Page, Question
from loket.forms.registry import AnyKind
from loket.forms.types import JourneyContext, ParseContext, Problem, Raw
from loket.forms.walk import Walk
from loket.kernel.centres import Centre
from loket.kernel.text import Message
from tests.forms import pages, texts

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CENTRES = (
    Centre(
        "tumaini-huduma", {"en": "Tumaini Huduma Centre"}, "1 Jacaranda Square, Tumaini", "+254 20 000 0111"
    ),
    Centre("bandarini", {"en": "Bandarini Centre"}, "8 Harbour Road, Bandarini"),
    Centre("old-harbour", {"en": "Old Harbour Centre"}, "2 Quay, Bandarini", active=False),
)
CONTEXT = JourneyContext(NOW, country="KE", centres=CENTRES)


def examples(kind: AnyKind) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((texts.FORMS / "kinds" / kind.key / "examples.json").read_text())
    return found


def example_question(kind: AnyKind, settings: Mapping[str, Any] | None = None) -> Question:
    given = {"id": "asked", "kind": kind.key, **examples(kind)["settings"], **(settings or {})}
    made: Question = kind.settings.model_validate(given)
    return made


def parsing(question: Question) -> ParseContext:
    """The context as answering a form with this one question would make it."""
    compiled = compile_form(Form(pages=(Page(id="only", questions=(question,)),)))
    return Walk(compiled, CONTEXT).parsing(compiled.questions[question.id])


def as_raw(given: Mapping[str, list[str]]) -> Raw:
    return {part: tuple(values) for part, values in given.items()}


def words(message: Message) -> str:
    return message.msgid % message.params


def check_examples(kind: AnyKind) -> None:
    given = examples(kind)
    assert given["good"], "examples.json has no good example"
    for example in given["good"]:
        question = example_question(kind, example.get("settings"))
        value = kind.parse(question, as_raw(example["raw"]), parsing(question))
        assert not isinstance(value, Problem), f"{example['raw']}: {value}"
        stored = None if value is None else kind.to_json(question, value)
        assert stored == example["json"], example["raw"]
        if "summary" in example:
            lines = kind.summary(question, value, "en")
            assert [words(line) if isinstance(line, Message) else line for line in lines] == example[
                "summary"
            ]
    for example in given["bad"]:
        question = example_question(kind, example.get("settings"))
        problem = kind.parse(question, as_raw(example["raw"]), parsing(question))
        assert isinstance(problem, Problem), f"{example['raw']} was taken as {problem!r}"
        assert (words(problem.message), problem.part) == (example["message"], example.get("part", ""))


def check_reading(kind: AnyKind, question: Question, raw: Raw, context: ParseContext) -> None:
    """Whatever is submitted gives a sentence, nothing, or a value that survives every journey it makes."""
    read = kind.parse(question, raw, context)
    if isinstance(read, Problem):
        assert words(read.message).strip()
    elif read is not None:
        check_value(kind, question, read, context)


def check_value(kind: AnyKind, question: Question, value: object, context: ParseContext) -> None:
    stored = kind.to_json(question, value)
    travelled = json.loads(json.dumps(stored))
    assert travelled == stored, "to_json gives something that JSON changes"
    assert kind.from_json(question, travelled) == value, "from_json(to_json(value)) is another value"
    jsonschema.Draft202012Validator(kind.json_schema(question)).validate(travelled)
    again = kind.parse(question, kind.raw(question, value), context)
    assert again == value, f"the fields of {value!r} give {again!r}"
    lines = kind.summary(question, value, "id")
    assert lines, "the summary has no line"
    assert all(isinstance(line, str | Message) for line in lines)
    check_bound(kind, question, value)


def check_bound(kind: AnyKind, question: Question, value: object) -> None:
    promised, bound = kind.expression_type(question), kind.expression_value(question, value)
    found = Kind.CHOICE if promised.kind is Kind.CHOICE and isinstance(bound, str) else kind_of(bound)
    assert found is promised.kind, f"{bound!r} is bound as {promised.kind}"
    if promised.fields is not None:
        assert isinstance(bound, Mapping)
        assert set(bound) == set(promised.fields)


def check_nonsense(kind: AnyKind, question: Question, data: object) -> None:
    """Stored data is refused, or it is exactly what the kind would have stored."""
    try:
        value = kind.from_json(question, data)
    except ValueError:
        return
    if value is not None:
        again = kind.to_json(question, value)
        assert (type(again), again) == (type(data), data), f"{data!r} was taken as {value!r}"
        jsonschema.Draft202012Validator(kind.json_schema(question)).validate(data)


def check_page(question: Question, raw: Raw, jinja: Environment | None = None) -> None:
    """Rendered without a problem: a name for every field, every reference resolved, nothing inline."""
    for heading in (True, False):
        html = pages.rendered(question, raw, heading=heading, jinja=jinja)
        page = pages.seen(html)
        assert question.label["en"] in page.text, "the question itself isn't shown"
        assert len(page.having("h1")) == int(heading), (
            "the label is the page's h1 exactly where it is asked to be"
        )
        assert not [name for name, times in page.ids.items() if times > 1], "an id is there twice"
        _check_wiring(page)
        _check_nothing_inline(page)


def check_problem(question: Question, raw: Raw, problem: Problem, jinja: Environment | None = None) -> None:
    """Rendered with a problem: its sentence, at an id that the field refers to, and a target for the link."""
    page = pages.seen(pages.rendered(question, raw, problem, jinja=jinja))
    target = f"q-{question.id}-{problem.part}" if problem.part else f"q-{question.id}"
    assert " ".join(words(problem.message).split()) in page.text, "the sentence isn't shown"
    assert target in page.ids, f"nothing has the id {target}"
    errors = {f"q-{question.id}-error", f"{target}-error"} & set(page.ids)
    assert errors, "the error has no id"
    described = {name for _, found in page.elements for name in found.get("aria-describedby", "").split()}
    assert errors & described, "no field is described by its error"
    _check_wiring(page)


def _check_wiring(page: pages.Seen) -> None:
    labelled = {found["for"] for found in page.having("label") if "for" in found}
    for found in page.having("input", "textarea", "select"):
        assert found.get("id") in labelled, f"{found.get('name')} has no label"
        assert found["name"].startswith("q-asked"), found["name"]
    for _, found in page.elements:
        for name in (*found.get("aria-describedby", "").split(), *found.get("for", "").split()):
            assert name in page.ids, f"{name} is referred to and isn't there"


def _check_nothing_inline(page: pages.Seen) -> None:
    assert not page.having("script", "style")
    for _, found in page.elements:
        assert "style" not in found
        assert not [name for name in found if name.startswith("on")]


def check_translations(folder: Path, sources: tuple[Path, ...]) -> None:
    """Every text in every language, with the same parameters, and none left over."""
    msgids = texts.registered(sources)
    for language in texts.TRANSLATED:
        catalogue = texts.catalogue(folder, language)
        known = {str(entry.id) for entry in catalogue if entry.id}
        assert known == msgids, f"{folder.name} ({language}): {sorted(known ^ msgids)}"
        for entry in catalogue:
            if entry.id:
                assert str(entry.string).strip(), f"{entry.id!r} has no {language} text"
                problems = list(entry.check(catalogue))
                assert not problems, f"{entry.id!r} ({language}): {problems}"
