"""A population is loaded in bulk, and its rows are those that the actions would have made."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import models, transaction
from pytest_django import Settings

from loket.applications import actions as applications
from loket.casework import actions as casework
from loket.casework.models import Case, CaseEvent, CasePaper, Inquiry
from loket.casework.sealing import unseal
from loket.casework.types import Happened
from loket.config.commands import population as population_command
from loket.config.commands.population import sample
from loket.config.sample import baring, bulk
from loket.config.sample.lives import Kind, live
from loket.config.sample.people import Locale
from loket.config.sample.population import Plan, Population, Wanted
from loket.files import sealing as names
from loket.files.models import StoredFile
from loket.identity import queries as identity
from loket.kernel.casting import EPOCH
from loket.notifications import delivery
from loket.notifications import sealing as letters
from loket.notifications.models import Message, MessageDay
from loket.notifications.types import Medium, State
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey
from tests import county
from tests.config.test_baring import definitions, someone_reading

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WANTED = Wanted(people=400, cases=2000, seed=4, years=1, locale=Locale.KENYA)
# Columns that may differ, and why; every other column of every table is compared.
MAY_DIFFER: Mapping[str, str] = {
    "applications_draft.token_hash": "nobody holds the token of a made-up draft",
    "casework_casepaper.size": "a made-up document has no bytes; it says how many one usually has",
    "files_storedfile.size": "the same",
    "keystore_storedkey.created_at": "the database's own clock; a made-up key is as old as its case",
    "keystore_storedkey.wrapped": "random; that it opens what it should is compared",
}
# Tables that are not the past's: jobs are gone when they are done, and so are counts of tries.
LEFT_OUT = ("procrastinate_", "limits_", "django_")

Rows = Mapping[str, Sequence[Mapping[str, object]]]
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
T, A, Q, M, L = Kind.TAKE, Kind.ACT, Kind.REPLY, Kind.REMIND, Kind.TIME_OUT
COURSES: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("sms", (T, A)),
    ("none", (T, A)),
    ("email", (T, A, Q, M, A)),
    ("sms", (T, A, M, Q, A)),
    ("sms", (T, A, M, L)),
)


@pytest.fixture
def _place(settings: Settings, tmp_path: Path) -> None:
    settings.FILES = tmp_path / "files"
    settings.DEMO = True
    county.county(NOW)


@pytest.mark.usefixtures("_place")
@pytest.mark.django_db(databases=["default", "keys"])
@pytest.mark.parametrize(("medium", "kinds"), COURSES)
def test_a_loaded_case_has_the_rows_that_the_actions_make(medium: str, kinds: tuple[Kind, ...]) -> None:
    plan = planned(lambda one: (one.shape.medium or "none") == medium and done_in(one) == kinds)

    assert differences(*both(plan)) == []


@pytest.mark.usefixtures("_place")
@pytest.mark.django_db(databases=["default", "keys"])
def test_a_loaded_case_that_is_decided_at_once_has_them_too() -> None:
    told = ["tax-authority", "electoral-commission"]
    plan = planned(lambda one: one.shape.answers.get("agencies_to_tell") == told)

    assert differences(*both(plan)) == []


@pytest.mark.usefixtures("_place")
@pytest.mark.django_db(databases=["default", "keys"])
@pytest.mark.parametrize(
    ("table", "change"),
    [
        (Case, {"unread": True}),
        (Message, {"purpose": "other"}),
    ],
)
def test_a_difference_in_one_column_is_found(table: type[models.Model], change: Mapping[str, object]) -> None:
    plan = planned(lambda one: done_in(one) == (T, A))

    made, loaded = both(plan, spoil=lambda: table.objects.update(**change))

    assert differences(made, loaded) == [f"{table._meta.db_table}.{next(iter(change))}"]


@pytest.mark.usefixtures("_place")
@pytest.mark.django_db(databases=["default", "keys"])
def test_the_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    def texts(seed: int) -> list[tuple[str, ...]]:
        people = population(replace(WANTED, seed=seed))
        return [people.plan(number).texts for number in range(50)]

    assert texts(4) == texts(4)
    assert not {text[0] for text in texts(4)} & {text[0] for text in texts(5)}


@pytest.mark.usefixtures("_place")
@pytest.mark.django_db(databases=["default", "keys"])
def test_a_year_has_late_ones_open_ones_and_quiet_nights() -> None:
    people = population(WANTED)

    plans = [people.plan(number) for number in range(WANTED.cases)]

    hours = Counter((EPOCH + timedelta(microseconds=plan.times[1])).hour for plan in plans)
    assert hours[6] > 5 * hours[23]  # nine in the morning and two at night in Nairobi
    assert [plan.times[1] for plan in plans] == sorted(plan.times[1] for plan in plans)
    undecided = [plan for plan in plans if "urgent" in plan.shape.answers and not any_decision(plan)]
    assert 20 < len(undecided) < 300
    assert len({plan.texts[0] for plan in plans}) == WANTED.cases
    assert {plan.language for plan in plans} == {"en", "sw"}


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_the_command_loads_once_and_never_among_real_cases(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES = tmp_path / "files"
    # As a large population is loaded, the second time while somebody reads.
    monkeypatch.setattr(population_command, "_MANY", 1)
    monkeypatch.setattr(baring, "_PATIENCE", "50ms")
    before = definitions()
    options = ["--people", "30", "--processes", "2", "--years", "0.2", "--locale", "id"]

    first = CliRunner().invoke(sample, options, catch_exceptions=False)
    again = CliRunner().invoke(sample, options)
    with someone_reading():
        more = CliRunner().invoke(sample, [*options, "--seed", "2"], catch_exceptions=False)

    assert "Others use" not in first.output
    assert "Others use" in more.output
    assert definitions() == before
    assert first.exit_code == more.exit_code == 0
    assert "seed 1 is here already" in str(again.exception)
    assert Case.objects.count() == 60
    assert MessageDay.objects.exists()
    assert not Message.objects.filter(state=State.QUEUED).exists()
    privacy.open_keys(list(Case.objects.values_list("key_id", flat=True)))


@pytest.mark.usefixtures("_place")
@pytest.mark.django_db(databases=["default", "keys"])
def test_the_command_refuses_where_there_are_real_cases(settings: Settings) -> None:
    settings.DEMO = False
    county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=NOW)

    result = CliRunner().invoke(sample, ["--people", "10"])

    assert "no sample made" in str(result.exception)
    assert Case.objects.count() == 1


def population(wanted: Wanted) -> Population:
    offices = bulk.Offices.now()
    agency = identity.agency("information-commission")
    assert agency is not None
    return Population(wanted, NOW, offices.zone, offices.clockworks())


def planned(fits: Callable[[Plan], bool]) -> Plan:
    people = population(WANTED)
    # The latest first: drafts of the last month are there still.
    return next(plan for number in reversed(range(WANTED.cases)) if fits(plan := people.plan(number)))


def done_in(plan: Plan) -> tuple[Kind, ...]:
    return tuple(step.kind for step in plan.steps)


def any_decision(plan: Plan) -> bool:
    return any(step.kind is L or (step.kind is A and not step.about) for step in plan.steps)


def both(plan: Plan, *, spoil: Callable[[], object] = lambda: None) -> tuple[Rows, Rows]:
    """What the actions make of a plan, and what loading makes of it."""
    before = keys_of_rows()
    reference = ""
    made: Rows = {}
    mark = transaction.savepoint()
    key_mark = transaction.savepoint(using="keys")
    reference = really_live(plan)
    made = rows_since(before, plan)
    transaction.savepoint_rollback(key_mark, using="keys")
    transaction.savepoint_rollback(mark)
    again = replace(plan, texts=(reference, *plan.texts[1:]))
    foundry = bulk.Foundry(bulk.Offices.now(), 1, NOW)
    foundry.prepare([again])
    batch = bulk.Batch()
    foundry.cast(again, batch)
    bulk.write(batch)
    bulk.count(batch.handed)
    spoil()
    return made, rows_since(before, plan)


def really_live(plan: Plan) -> str:
    """By the actions that the pages and the jobs call, documents and delivery included."""
    offices = bulk.Offices.now()
    course = plan.shape.course(plan.language, plan.staff, plan.steps)
    written = json.dumps(dict(course.answers))
    for example, text in zip(plan.shape.example, plan.texts[1:], strict=True):
        written = written.replace(json.dumps(example), json.dumps(text))
    filled, sent, *then = (EPOCH + timedelta(microseconds=moment) for moment in plan.times)
    lived = live(
        replace(course, answers=json.loads(written)),
        offices.services[plan.shape.service],
        offices.staff[plan.staff],
        filled,
        sent,
        lambda step, case_id: then.pop(0),
        settle=really_settle,
    )
    applications.purge_expired(now=NOW)
    return lived.reference


def really_settle(case_id: UUID, now: datetime) -> None:
    waiting = CaseEvent.objects.filter(case_id=case_id, followed_up_at=None, settles_at__lte=now)
    for event in waiting.order_by("id"):
        casework.follow_up(event_id=event.id, now=now)
    for paper in CasePaper.objects.filter(case_id=case_id, made_at=None).order_by("id"):
        casework.make_paper(paper_id=paper.id, now=now + timedelta(seconds=20))
    for message in Message.objects.filter(subject_id=case_id, state=State.QUEUED).order_by("id"):
        at, gone = message.due_at, message.due_at + timedelta(seconds=2)
        claims = delivery.claim_due(medium=Medium(message.medium), limit=10, now=at)
        delivery.settle([delivery.hand_over(claim, lambda gone=gone: gone) for claim in claims], now=gone)  # type: ignore[misc]


def tables() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.db_table.startswith(LEFT_OUT)
    ]


def store_of(model: type[models.Model]) -> str:
    return "keys" if model._meta.app_label == "keystore" else "default"


def keys_of_rows() -> Mapping[str, frozenset[object]]:
    return {
        model._meta.db_table: frozenset(
            model._default_manager.using(store_of(model)).values_list("pk", flat=True)
        )
        for model in tables()
    }


def rows_since(before: Mapping[str, frozenset[object]], plan: Plan) -> Rows:
    """Every new row of every table, opened, with ids by their order."""
    found = {
        model: [
            row
            for row in model._default_manager.using(store_of(model)).order_by("pk")
            if row.pk not in before[model._meta.db_table]
        ]
        for model in tables()
    }
    case = next(row for row in found[Case])
    key = privacy.open_key(case.key_id)
    opened = {
        model._meta.db_table: [columns(row, key, case) for row in rows]
        for model, rows in found.items()
        if rows
    }
    own = sorted(
        {row.pk for rows in found.values() for row in rows if isinstance(row.pk, UUID)}
        | {row.blob_id for row in found[StoredFile]}
    )
    named = {str(one): f"id {place}" for place, one in enumerate(own)}
    return {
        table: sorted((by_order(row, named) for row in rows), key=lambda row: json.dumps(row, default=str))
        for table, rows in opened.items()
    }


def columns(row: models.Model, key: DataKey, case: Case) -> dict[str, object]:
    """What is drawn by the database is left out; what is sealed is opened."""
    values: dict[str, object] = {
        field.column: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not isinstance(field, models.AutoField)
    }
    for name, value in values.items():
        if isinstance(value, bytes | memoryview):
            values[name] = bytes(value).hex()
    if isinstance(row, Case):
        values["sealed_answers"] = unseal(key, case, "answers", row.sealed_answers)
        values["sealed_contact"] = unseal(key, case, "contact", row.sealed_contact)
        # Follows from the draft's id; that it is there is compared, what it is by what tracking does.
        values["pin_digest"] = row.pin_digest is not None
    elif isinstance(row, CaseEvent):
        details = {Happened.MOVED: "reason", Happened.ANSWERED: "changes"}.get(Happened(row.happened), "")
        values["sealed_details"] = row.sealed_details and unseal(key, case, details, row.sealed_details)
        values["sealed_trace"] = row.sealed_trace and unseal(key, case, "trace", row.sealed_trace)
    elif isinstance(row, Inquiry):
        values["sealed_message"] = unseal(key, case, "inquiry", row.sealed_message)
        values["sealed_reply"] = row.sealed_reply and unseal(key, case, "reply", row.sealed_reply)
    elif isinstance(row, Message):
        values["sealed_address"] = letters.address_of(row, key)
        values["sealed_text"] = str(letters.text_of(row, key))
        values["provider_id"] = row.provider_id.removeprefix("sandbox-")
    elif isinstance(row, StoredFile):
        values["sealed_name"] = names.ref(row, key).name
    return values


def by_order(row: Mapping[str, object], named: Mapping[str, str]) -> dict[str, object]:
    return {
        name: _ID.sub(lambda found: named.get(found[0], found[0]), json.dumps(value, default=str))
        for name, value in row.items()
    }


def differences(made: Rows, loaded: Rows) -> list[str]:
    """Each column that differs without being in MAY_DIFFER, and each table with other rows."""
    found = set()
    for table in {*made, *loaded}:
        ours, theirs = made.get(table, ()), loaded.get(table, ())
        if len(ours) != len(theirs):
            found.add(f"{table}: {len(ours)} and {len(theirs)} rows")
            continue
        for one, other in zip(ours, theirs, strict=True):
            found |= {f"{table}.{name}" for name in one if one[name] != other[name]}
    return sorted(found - set(MAY_DIFFER))
