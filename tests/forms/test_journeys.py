"""Journeys over random forms and answers, held against a plain second telling of the rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loket.forms.answering import answer_page, answers_from_json, answers_to_json, raw_of
from loket.forms.compiled import CompiledForm, CompiledQuestion, compile_form
from loket.forms.definition import Form
from loket.forms.journey import Journey
from loket.forms.types import Answers, JourneyContext, Value

CONTEXT = JourneyContext(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), country="KE")
Bound = Mapping[str, Value]


@dataclass(frozen=True)
class Condition:
    """The same condition twice: as the form says it, and as Python decides it."""

    source: str
    holds: Callable[[Bound], bool]


@dataclass(frozen=True)
class Asked:
    id: str
    kind: str
    required: bool
    when: Condition | None


@dataclass(frozen=True)
class Leaf:
    id: str
    when: Condition | None
    asked: tuple[Asked, ...]
    check: Condition | None


_VALUES: Mapping[str, st.SearchStrategy[Value]] = {
    "yes_no": st.booleans(),
    "whole_number": st.integers(-5, 5),
    "choice": st.sampled_from(["a", "b"]),
}
_SETTINGS: Mapping[str, Mapping[str, object]] = {
    "choice": {"options": [{"value": "a", "label": {"en": "A"}}, {"value": "b", "label": {"en": "B"}}]},
    "note": {"text": {"en": "Read this."}},
}


def _about(asked: Asked) -> st.SearchStrategy[Condition]:
    name = asked.id
    usual = {
        "yes_no": Condition(f"{name} == true", lambda bound: bound[name] is True),
        "whole_number": Condition(f"{name} > 0", lambda bound: isinstance(v := bound[name], int) and v > 0),
        "choice": Condition(f'{name} == "a"', lambda bound: bound[name] == "a"),
    }[asked.kind]
    return st.sampled_from(
        [
            usual,
            Condition(f"has({name})", lambda bound: bound[name] is not None),
            Condition(f"!has({name})", lambda bound: bound[name] is None),
        ]
    )


@st.composite
def forms(draw: st.DrawFn) -> tuple[Leaf, ...]:
    earlier: list[Asked] = []
    leaves: list[Leaf] = []

    def condition() -> Condition | None:
        if not earlier or not draw(st.booleans()):
            return None
        return draw(st.sampled_from(earlier).flatmap(_about))

    for number in range(draw(st.integers(1, 4))):
        page_when, asked = condition(), []
        for position in range(draw(st.integers(1, 3))):
            kind = draw(st.sampled_from(["yes_no", "whole_number", "choice", "note"]))
            required = kind != "note" and draw(st.booleans())
            one = Asked(f"q{number}_{position}", kind, required, condition())
            asked.append(one)
            earlier += [] if kind == "note" else [one]
        leaves.append(Leaf(f"p{number}", page_when, tuple(asked), _check(draw, asked)))
    return tuple(leaves)


def _check(draw: st.DrawFn, asked: list[Asked]) -> Condition | None:
    """Only of what is required on this page, so that some answer always satisfies it."""
    sure = [one for one in asked if one.required and one.when is None and one.kind == "yes_no"]
    if not sure or not draw(st.booleans()):
        return None
    name = sure[0].id
    return Condition(f"{name} == true", lambda bound: bound[name] in (True, None))


def as_form(leaves: tuple[Leaf, ...]) -> CompiledForm:
    return compile_form(Form.model_validate({"pages": [_page(leaf) for leaf in leaves]}))


def _page(leaf: Leaf) -> Mapping[str, object]:
    checks = [{"check": leaf.check.source, "message": {"en": "Say yes"}}] if leaf.check else []
    return {
        "id": leaf.id,
        "when": leaf.when.source if leaf.when else None,
        "questions": [_question(one) for one in leaf.asked],
        "checks": checks,
    }


def _question(asked: Asked) -> Mapping[str, object]:
    return {
        "id": asked.id,
        "kind": asked.kind,
        "label": {"en": f"Question {asked.id}?"},
        "required": asked.required,
        "when": asked.when.source if asked.when else None,
        **_SETTINGS.get(asked.kind, {}),
    }


def plainly(leaves: tuple[Leaf, ...], answers: Answers) -> Mapping[str, tuple[frozenset[str], bool]]:
    """The visible pages, with their visible questions and whether they are complete."""
    bound: dict[str, Value] = {one.id: None for leaf in leaves for one in leaf.asked}
    told: dict[str, tuple[frozenset[str], bool]] = {}
    for leaf in leaves:
        page_shown = leaf.when is None or leaf.when.holds(bound)
        visible, complete = set(), True
        for one in leaf.asked:
            if not page_shown or (one.when is not None and not one.when.holds(bound)):
                continue
            visible.add(one.id)
            bound[one.id] = answers.get(one.id)
            if one.kind != "note" and (one.id not in answers or (one.required and answers[one.id] is None)):
                complete = False
        if visible:
            told[leaf.id] = (frozenset(visible), complete and (leaf.check is None or leaf.check.holds(bound)))
    return told


def answers_to(leaves: tuple[Leaf, ...]) -> st.SearchStrategy[Answers]:
    asked = [one for leaf in leaves for one in leaf.asked if one.kind != "note"]
    each = {one.id: st.none() | _VALUES[one.kind] for one in asked}
    return st.fixed_dictionaries({}, optional=each)


@st.composite
def answered(draw: st.DrawFn) -> tuple[tuple[Leaf, ...], Answers]:
    leaves = draw(forms())
    return leaves, draw(answers_to(leaves))


JourneyType = Callable[[CompiledForm, Answers, JourneyContext], Journey]


def check_pages(leaves: tuple[Leaf, ...], answers: Answers, journey_type: JourneyType = Journey) -> None:
    """The visible pages are the right ones, and the journey is complete exactly when each is."""
    journey, told = journey_type(as_form(leaves), answers, CONTEXT), plainly(leaves, answers)
    assert [page.id for page in journey.pages] == list(told)
    for page in journey.pages:
        assert (frozenset(question.id for question in page.questions), page.complete) == told[page.id]
    assert journey.complete == all(complete for _, complete in told.values())
    open_pages = [page for page, (_, complete) in told.items() if not complete]
    assert (journey.first_incomplete.id if journey.first_incomplete else None) == next(iter(open_pages), None)
    reachable = {*list(told)[: list(told).index(open_pages[0]) + 1]} if open_pages else set(told)
    assert {leaf.id for leaf in leaves if journey.may_visit(leaf.id)} == reachable
    for before, after in zip(told, list(told)[1:], strict=False):
        assert (journey.next(before), journey.previous(after)) == (after, before)


def check_hidden(leaves: tuple[Leaf, ...], answers: Answers, journey_type: JourneyType = Journey) -> None:
    """What was answered to hidden questions changes nothing and is not submitted."""
    compiled = as_form(leaves)
    journey = journey_type(compiled, answers, CONTEXT)
    shown = {name for names, _ in plainly(leaves, answers).values() for name in names}
    assert set(journey.live_answers) <= shown
    without = journey_type(compiled, journey.live_answers, CONTEXT)
    assert without.pages == journey.pages
    assert without.complete == journey.complete
    assert without.live_answers == journey.live_answers
    hidden = set(compiled.types) - shown
    assert all(journey.bindings[name] is None for name in hidden)
    assert {row.question.id for row in journey.rows} == shown & set(compiled.types)


@given(answered())
@settings(max_examples=150, deadline=None)
def test_visible_pages_and_completeness_are_what_the_definition_says(
    given_form: tuple[tuple[Leaf, ...], Answers],
) -> None:
    check_pages(*given_form)


@given(answered())
@settings(max_examples=100, deadline=None)
def test_hidden_questions_never_block_and_are_never_submitted(
    given_form: tuple[tuple[Leaf, ...], Answers],
) -> None:
    check_hidden(*given_form)


@given(answered(), st.data())
@settings(max_examples=100, deadline=None)
def test_answering_page_by_page_always_arrives_and_skips_nothing_required(
    given_form: tuple[tuple[Leaf, ...], Answers], data: st.DataObject
) -> None:
    leaves, answers = given_form
    compiled = as_form(leaves)
    # A page may come back once for every question it reveals.
    for _ in range(2 * sum(len(leaf.asked) for leaf in leaves) + 1):
        page = Journey(compiled, answers, CONTEXT).first_incomplete
        if page is None:
            break
        raw = {}
        for question in page.questions:
            kind = compiled.questions[question.id].kind
            if kind.asks:
                good = True if question.kind == "yes_no" else data.draw(_VALUES[question.kind])
                raw[question.id] = kind.raw(question, good)
        result = answer_page(compiled, answers, page.id, raw, CONTEXT)
        assert not result.problems
        assert set(answers) <= set(result.answers)
        answers = result.answers
    journey = Journey(compiled, answers, CONTEXT)
    assert journey.complete
    for asked in (one for leaf in leaves for one in leaf.asked if one.required):
        if any(asked.id in names for names, _ in plainly(leaves, answers).values()):
            assert journey.live_answers[asked.id] is not None
    assert answers_from_json(compiled, answers_to_json(compiled, answers)) == answers


@given(answered())
@settings(max_examples=60, deadline=None)
def test_sending_a_page_again_unchanged_changes_nothing(given_form: tuple[tuple[Leaf, ...], Answers]) -> None:
    leaves, answers = given_form
    compiled = as_form(leaves)
    for page in Journey(compiled, answers, CONTEXT).pages:
        raw = {question.id: raw_of(compiled, answers, question.id) for question in page.questions}
        result = answer_page(compiled, answers, page.id, raw, CONTEXT)
        # What wasn't answered yet is now left empty on purpose, or told to be missing.
        assert {name: value for name, value in result.answers.items() if value is not None} == {
            name: value for name, value in answers.items() if value is not None
        }


# From here: journeys that break a rule, and the check that must notice.


class _DeafWalk(Journey):
    """Shows questions whatever their condition says."""

    def __init__(self, compiled: CompiledForm, answers: Answers, context: JourneyContext) -> None:
        bare = Form.model_validate(_without_conditions(compiled.definition))
        super().__init__(compile_form(bare), answers, context)


def _without_conditions(form: Form) -> Mapping[str, object]:
    data = form.model_dump()
    for page in data["pages"]:
        page["when"] = None
        for question in page["questions"]:
            question["when"] = None
    return data


class _Lenient(Journey):
    """Takes None for an answer to what is required."""

    def _is_unanswered(self, question: CompiledQuestion) -> bool:
        return question.kind.asks and question.id not in self._answers


class _Hoards(Journey):
    """Submits answers to hidden questions too."""

    @property
    def live_answers(self) -> Answers:
        return self._answers


_YES = Condition("q0_0 == true", lambda bound: bound["q0_0"] is True)
_BRANCH = (
    Leaf("p0", None, (Asked("q0_0", "yes_no", required=True, when=None),), None),
    Leaf("p1", _YES, (Asked("q1_0", "whole_number", required=True, when=None),), None),
)


_BROKEN: list[tuple[JourneyType, Callable[..., None], Answers]] = [
    (_DeafWalk, check_pages, {"q0_0": False}),
    (_Lenient, check_pages, {"q0_0": None}),
    (_Hoards, check_hidden, {"q0_0": False, "q1_0": 3}),
]


@pytest.mark.parametrize(("broken", "check", "answers"), _BROKEN)
def test_the_checks_notice_a_broken_journey(
    broken: JourneyType, check: Callable[..., None], answers: Answers
) -> None:
    check(_BRANCH, answers)
    with pytest.raises(AssertionError):
        check(_BRANCH, answers, broken)
