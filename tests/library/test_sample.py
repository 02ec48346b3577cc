"""The sample county and what its people ask fit the library and each other."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from loket import expressions
from loket.catalogue.loader import load
from loket.config.sample.place import LIBRARY, read_centres, read_place
from loket.config.sample.requests import BY_APPLICANT, BY_PAYER, BY_TIME, SampleRequest, sample_requests
from loket.forms.answering import answers_from_json
from loket.forms.compiled import CompiledForm, compile_form
from loket.forms.journey import Journey
from loket.forms.types import JourneyContext
from loket.kernel.centres import Centre
from loket.kernel.text import LANGUAGES
from loket.workflow.definition import Applicant, Automatic, Collect, Final, Review, Workflow

PLACE = read_place()
REQUESTS = sample_requests()
# A loading on a leap day and one in an ordinary year: dates count from it.
DAYS = (datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2028, 2, 29, 9, tzinfo=UTC))
READABLE = 7.0


def workflow_and_form(key: str) -> tuple[Workflow, CompiledForm]:
    service = load(LIBRARY / key).service
    assert service is not None
    return service.workflow, compile_form(service.form)


SERVICES = {pack.name: workflow_and_form(pack.name) for pack in LIBRARY.iterdir()}


def journey(request: SampleRequest, now: datetime) -> Journey:
    form = SERVICES[request.service][1]
    sent_at = request.sent_at(now)
    stored: dict[str, Any] = dict(request.stored_answers(form, sent_at.date()))
    for name, file in request.uploads.items():
        assert file.is_file()
        upload = {"id": "0", "name": file.name, "size": file.stat().st_size, "media_type": "image/png"}
        stored[name] = [upload]
    place, centres = PLACE.place, _centres(request.service)
    context = JourneyContext(sent_at, place.country, request.language, place.timezone, centres=centres)
    return Journey(form, answers_from_json(form, stored), context)


def test_every_service_is_asked_for_in_every_language() -> None:
    assert len(REQUESTS) == 72
    asked = {(request.service, request.language) for request in REQUESTS}
    assert asked == {(service, language) for service in SERVICES for language in LANGUAGES}


@pytest.mark.parametrize("now", DAYS, ids=str)
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: str(request.answers["full_name"]))
def test_a_request_could_be_sent(request_: SampleRequest, now: datetime) -> None:
    made = journey(request_, now)
    assert [(page.id, page.unanswered, page.problems) for page in made.pages if not page.complete] == []
    assert set(request_.answers) <= set(made.live_answers)


def test_a_spoiled_request_could_not() -> None:
    sound = next(request for request in REQUESTS if request.service == "change-of-address")
    spoiled = sound.model_copy(update={"answers": {**sound.answers, "move_date": {"days": 91}}})
    assert not journey(spoiled, DAYS[0]).complete


@pytest.mark.parametrize(
    "request_",
    [request for request in REQUESTS if request.then],
    ids=lambda request: str(request.answers["full_name"]),
)
def test_what_happened_at_the_desk_was_possible(request_: SampleRequest) -> None:
    assert sum(step.after_days for step in request_.then) <= request_.days_ago
    workflow, _ = SERVICES[request_.service]
    stage = _settled(workflow, workflow.start, journey(request_, DAYS[0]).bindings)
    for step in request_.then:
        if step.by == BY_PAYER or step.asks or step.gives_back or step.withdraws:
            continue
        found = workflow.stages[stage]
        if step.by == BY_TIME:
            # A fee that is not paid in time ends a case before its first stage.
            stage = found.on_timeout.to if isinstance(found, Collect) and found.on_timeout else stage
            continue
        if isinstance(found, Collect):
            assert step.counter
            assert _works_in(step.by, found.team)
            next_stage = found.to if step.counter == "handed_over" else stage
        elif step.by == BY_APPLICANT:
            assert isinstance(found, Applicant)
            next_stage = found.returns_to
        else:
            assert isinstance(found, Review)
            action = found.actions[step.action or ""]
            assert _works_in(step.by, found.team)
            assert step.reason or action.reason != "required"
            assert not step.reason or action.reason != "none"
            assert step.reason in {None, *(option.value for option in action.reasons)}
            next_stage = action.to
        stage = _settled(workflow, next_stage, journey(request_, DAYS[0]).bindings)


def _settled(workflow: Workflow, key: str, facts: Mapping[str, expressions.Value]) -> str:
    stage = workflow.stages[key]
    while isinstance(stage, Automatic):
        taken = next(branch for branch in stage.branches if _holds(branch.when, facts))
        key, stage = taken.to, workflow.stages[taken.to]
    assert isinstance(stage, Review | Applicant | Collect | Final)
    return key


def _holds(when: str | None, facts: Mapping[str, expressions.Value]) -> bool:
    context = expressions.Context(now=DAYS[0])
    return when is None or expressions.evaluate(expressions.parse(when), facts, context).value is True


def _centres(service: str) -> tuple[Centre, ...]:
    loaded = load(LIBRARY / service).service
    assert loaded is not None
    return tuple(centre.as_centre() for centre in read_centres().get(loaded.agency, ()))


def _works_in(email: str, team: str) -> bool:
    return any(post.team == team for entry in PLACE.staff if entry.email == email for post in entry.posts)


def test_posts_are_in_agencies_and_teams_that_exist() -> None:
    teams = {office.key: {team.key for team in office.teams} for office in PLACE.agencies}
    for entry in PLACE.staff:
        for post in entry.posts:
            assert post.team is None or post.team in teams[post.agency], entry.email
            assert post.agency in teams, entry.email


def test_every_team_of_the_library_works_somewhere() -> None:
    teams = {team.key for office in PLACE.agencies for team in office.teams}
    for workflow, _ in SERVICES.values():
        assert {
            stage.team for stage in workflow.stages.values() if isinstance(stage, Review | Collect)
        } <= teams


@pytest.mark.parametrize("office", PLACE.agencies, ids=lambda office: office.key)
def test_an_office_is_named_readable_and_has_a_logo(office: Any) -> None:
    for names in (office.names, office.short_names, *(team.names for team in office.teams)):
        assert set(names) == set(LANGUAGES)
    assert _contrast(office.brand_colour, office.on_brand_colour) >= READABLE
    logo = ElementTree.fromstring(office.logo_svg)
    assert {element.tag.rpartition("}")[2] for element in logo.iter()} <= {"svg", "circle", "path"}


def test_nobody_can_be_reached_by_mistake() -> None:
    for request in REQUESTS:
        contact = request.answers["contact"]
        assert isinstance(contact, Mapping)
        address = str(contact["address"])
        assert address == "" or address.endswith("@example.com") or address.startswith("+447700900")
    assert all(entry.email.endswith("@example.org") for entry in PLACE.staff)


def test_dates_count_from_the_day_of_sending() -> None:
    request = next(request for request in REQUESTS if request.service == "change-of-address")
    form = SERVICES[request.service][1]
    sent_on = date(2028, 2, 29)
    assert request.stored_answers(form, sent_on)["move_date"] == (sent_on - timedelta(days=4)).isoformat()


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
