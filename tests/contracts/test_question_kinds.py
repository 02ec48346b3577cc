"""Every question kind there is keeps the contract; and the contract notices one that doesn't."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader

from loket.forms.kinds.text.kind import Text, TextQuestion
from loket.forms.registry import KINDS, TEMPLATES, AnyKind
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.text import Message
from tests.forms import contract, texts
from tests.forms.pages import environment

EVERY = pytest.mark.parametrize("kind", KINDS.all().values(), ids=list(KINDS))
ASKING = pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS.all().values() if kind.asks],
    ids=[kind.key for kind in KINDS.all().values() if kind.asks],
)
_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_ANY_STRING = st.text(st.characters(codec=None), max_size=60)


def _cases(kind: AnyKind) -> list[Mapping[str, Any]]:
    given_examples = contract.examples(kind)
    return [*given_examples["good"], *given_examples["bad"]]


def _submissions(kind: AnyKind) -> st.SearchStrategy[Raw]:
    """Fields as the examples name them, filled with the examples' values, mixed up, or with anything."""
    cases = _cases(kind)
    parts = sorted({part for case in cases for part in case["raw"]} | {""})
    values = sorted({value for case in cases for filled in case["raw"].values() for value in filled})
    value = st.sampled_from(values or [""]) | _ANY_STRING | st.integers(-40, 2100).map(str)
    field = st.lists(value, max_size=2).map(tuple)
    mixed = st.dictionaries(st.sampled_from(parts), field, max_size=len(parts))
    return mixed | st.sampled_from([contract.as_raw(case["raw"]) for case in cases])


@EVERY
def test_a_kind_has_its_own_folder_settings_and_sentence(kind: AnyKind) -> None:
    assert KINDS[kind.key] is kind
    assert kind.settings.model_fields["kind"].annotation.__args__ == (kind.key,)
    assert "%(question)s" in kind.missing.msgid or kind.key in {"contact", "note"}


@EVERY
def test_the_examples_hold(kind: AnyKind) -> None:
    contract.check_examples(kind)


@EVERY
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_submitted_is_read_or_refused_in_words(kind: AnyKind, data: st.DataObject) -> None:
    question = contract.example_question(kind, data.draw(st.sampled_from(_cases(kind))).get("settings"))
    contract.check_reading(kind, question, data.draw(_submissions(kind)), contract.parsing(question))


@ASKING
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_whatever_a_program_sends_is_read_or_refused(kind: AnyKind, data: st.DataObject) -> None:
    question = contract.example_question(kind, data.draw(st.sampled_from(_cases(kind))).get("settings"))
    good = [case["json"] for case in contract.examples(kind)["good"] if case["json"] is not None]
    sent = data.draw(_ANY_JSON.filter(lambda drawn: drawn is not None) | st.sampled_from(good or [True]))
    try:
        raw = kind.raw_of_json(question, sent)
    except ValueError:
        return
    contract.check_reading(kind, question, raw, contract.parsing(question))


@ASKING
def test_what_is_stored_can_be_sent_again(kind: AnyKind) -> None:
    """Files are attached and bills looked up, so theirs can't."""
    jsonschema.Draft202012Validator.check_schema(kind.sent_schema(contract.example_question(kind)))
    if kind.key in {"file", "bill"}:
        return
    for case in contract.examples(kind)["good"]:
        if case["json"] is None:
            continue
        question = contract.example_question(kind, case.get("settings"))
        context = contract.parsing(question)
        read = kind.parse(
            question, kind.raw_of_json(question, _asked_only(kind, question, case["json"])), context
        )
        assert kind.to_json(question, read) == case["json"]


def _asked_only(kind: AnyKind, question: Any, stored: Any) -> Any:
    """An address is stored with the parts that aren't asked, empty."""
    return {part: stored[part] for part in question.parts} if kind.key == "address" else stored


@EVERY
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_stored_nonsense_is_refused(kind: AnyKind, data: st.DataObject) -> None:
    good = [case["json"] for case in contract.examples(kind)["good"] if case["json"] is not None]
    drawn = data.draw(_ANY_JSON | st.sampled_from(good or [None]))
    contract.check_nonsense(kind, contract.example_question(kind), drawn)


@EVERY
def test_the_schema_is_a_schema(kind: AnyKind) -> None:
    jsonschema.Draft202012Validator.check_schema(kind.json_schema(contract.example_question(kind)))


@EVERY
def test_a_kind_is_shown(kind: AnyKind) -> None:
    for case in _cases(kind):
        question = contract.example_question(kind, case.get("settings"))
        contract.check_page(question, contract.as_raw(case["raw"]))


@ASKING
def test_a_kind_shows_what_is_wrong(kind: AnyKind) -> None:
    question = contract.example_question(kind)
    missing = kind.missing.with_params(question=question.label["en"])
    contract.check_problem(question, {}, Problem(missing, kind.focus))
    for case in contract.examples(kind)["bad"]:
        question = contract.example_question(kind, case.get("settings"))
        message = Message("%(text)s", {"text": case["message"]})
        contract.check_problem(question, contract.as_raw(case["raw"]), Problem(message, case.get("part", "")))


@ASKING
def test_what_was_typed_comes_back_as_text_never_as_markup(kind: AnyKind) -> None:
    attack = '"><script>alert(1)</script>'
    parts = {part for case in _cases(kind) for part in case["raw"]}
    contract.check_page(contract.example_question(kind), dict.fromkeys(parts, (attack,)))


@pytest.mark.parametrize("folder", texts.KIND_FOLDERS, ids=lambda folder: folder.name)
def test_a_kind_speaks_every_language(folder: Path) -> None:
    contract.check_translations(folder, texts.own_sources(folder))


def test_the_shared_texts_are_in_every_language() -> None:
    contract.check_translations(texts.FORMS, texts.shared_sources())


# From here: kinds that break one promise each, and the check that must notice.


class Raises(Text):
    def parse(self, question: TextQuestion, raw: Raw, context: ParseContext) -> str | Problem | None:
        return raw[""][0]


class Loses(Text):
    def to_json(self, question: TextQuestion, value: str) -> JsonValue:
        return value.lower()


class Narrow(Text):
    def json_schema(self, question: TextQuestion) -> Mapping[str, JsonValue]:
        return {"type": "integer"}


class Forgets(Text):
    def raw(self, question: TextQuestion, value: str) -> Raw:
        return {"": (value[:-1],)}


class Silent(Text):
    def summary(self, question: TextQuestion, value: str, language: str) -> tuple[str | Message, ...]:
        return ()


class Trusting(Text):
    def from_json(self, question: TextQuestion, data: object) -> str:
        return str(data)


@pytest.mark.parametrize("broken", [Raises, Loses, Narrow, Forgets, Silent], ids=lambda kind: kind.__name__)
def test_the_contract_notices_a_broken_value(broken: type[Text]) -> None:
    kind = broken()
    question = contract.example_question(kind)
    context = contract.parsing(question)
    with pytest.raises((AssertionError, KeyError, ValueError, jsonschema.ValidationError)):
        contract.check_reading(kind, question, {"": ("DL482913",)} if broken is not Raises else {}, context)


def test_the_contract_notices_a_kind_that_trusts_what_is_stored() -> None:
    with pytest.raises(AssertionError):
        contract.check_nonsense(Trusting(), contract.example_question(Trusting()), 12)


def test_the_contract_notices_an_example_that_does_not_hold() -> None:
    with pytest.raises(AssertionError):
        contract.check_examples(Loses())


_LABEL = '<label for="q-asked">{% if heading %}<h1>{% endif %}What is your licence number?</label>'
_BROKEN_PAGES = {
    "no label": "{% if heading %}<h1>{% endif %}What is your licence number?<input id=q-asked name=q-asked>",
    "no heading": "<label for=q-asked>What is your licence number?</label><input id=q-asked name=q-asked>",
    "inline style": _LABEL + '<input id="q-asked" name="q-asked" style="color:red">',
    "markup let through": _LABEL + '<input id="q-asked" name="q-asked">{{ raw[""][0] | safe }}',
}


@pytest.mark.parametrize("name", list(_BROKEN_PAGES))
def test_the_contract_notices_a_broken_page(name: str) -> None:
    jinja = environment(DictLoader({"text/question.html": _BROKEN_PAGES[name]}))
    with pytest.raises(AssertionError):
        contract.check_page(contract.example_question(KINDS["text"]), {"": ("<script>",)}, jinja)


def test_the_contract_notices_an_error_that_is_not_announced() -> None:
    source = (TEMPLATES / "text" / "question.html").read_text().replace('"errorMessage": wired.error,', "")
    wiring = (TEMPLATES / "wiring.html").read_text()
    jinja = environment(DictLoader({"text/question.html": source, "wiring.html": wiring}))
    question, problem = contract.example_question(KINDS["text"]), Problem(Message("Enter something"))
    contract.check_problem(question, {}, problem)
    with pytest.raises(AssertionError):
        contract.check_problem(question, {}, problem, jinja)


def test_the_contract_notices_a_missing_translation(tmp_path: Path) -> None:
    (tmp_path / "kind.py").write_text(f"say = marked({json.dumps('Enter a colour')})\n")
    with pytest.raises(AssertionError):
        contract.check_translations(tmp_path, texts.own_sources(tmp_path))
