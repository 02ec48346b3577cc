"""Every personal table has a holding, and holdings do what people may ask for."""

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps
from procrastinate.contrib.django.models import ProcrastinateJob

from loket.audit.models import Entry
from loket.identity import actions as identity
from loket.identity import queries as people
from loket.identity.types import PersonView, Role
from loket.kernel.actors import SYSTEM, Actor, ActorKind
from loket.kernel.refusals import Refusal
from loket.privacy import actions, jobs, queries, registry
from loket.privacy.types import Clue, Copy, Holding, Subject, SubjectKind

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def undeclared(found: Iterable[type[models.Model]], holdings: set[str]) -> list[str]:
    """Our models that neither belong to a known holding nor say why they hold nothing personal."""
    wrong = []
    for model in found:
        if model.__module__.startswith(("loket.", "tests.")):
            held, reason = getattr(model, "holding", None), getattr(model, "not_personal", None)
            if (held in holdings) == bool(reason) or (held is not None and held not in holdings):
                wrong.append(model._meta.label)
    return wrong


def _names() -> set[str]:
    return {held.name for held in registry.holdings()}


def test_every_table_is_in_a_holding_or_says_why_not() -> None:
    models_found = list(apps.get_models(include_auto_created=True))
    assert len([one for one in models_found if one.__module__.startswith("loket.")]) >= 10
    assert undeclared(models_found, _names()) == []


@isolate_apps("loket.privacy")
@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"holding": "nobody's"},
        {"not_personal": ""},
        {"holding": "accounts", "not_personal": "no"},
        {"holding": "nobody's", "not_personal": "no"},
    ],
)
def test_planted_table_without_a_holding_is_found(attributes: dict[str, str]) -> None:
    meta = type("Meta", (), {"app_label": "privacy"})
    planted = type("Planted", (models.Model,), {"__module__": __name__, "Meta": meta, **attributes})
    assert undeclared([planted], _names()) == ["privacy.Planted"]


@isolate_apps("loket.privacy")
@pytest.mark.parametrize("attributes", [{"holding": "accounts"}, {"not_personal": "only numbers"}])
def test_planted_table_with_a_declaration_passes(attributes: dict[str, str]) -> None:
    meta = type("Meta", (), {"app_label": "privacy"})
    planted = type("Planted", (models.Model,), {"__module__": __name__, "Meta": meta, **attributes})
    assert undeclared([planted], _names()) == []


class _Letters:
    """A holding of letters in memory, as a context would write it."""

    def __init__(self) -> None:
        self.kept: dict[uuid.UUID, str] = {}
        self.needed = False
        self.holding = Holding("letters", self.find, self.export, self.erase, self.count, self.expire)

    def find(self, clue: Clue) -> tuple[Subject, ...]:
        return tuple(
            Subject(SubjectKind.CASE, one) for one, letter in self.kept.items() if clue.reference in letter
        )

    def export(self, subject: Subject, now: datetime) -> Iterator[Copy]:
        if subject.id in self.kept:
            yield Copy("letter.txt", "text/plain", self.kept[subject.id].encode())

    def erase(self, subject: Subject, by: Actor, now: datetime) -> int:
        if self.needed:
            raise Refusal
        return 1 if self.kept.pop(subject.id, None) else 0

    def count(self, subject: Subject) -> int:
        return int(subject.id in self.kept)

    def expire(self, now: datetime) -> int:
        gone = len(self.kept)
        self.kept.clear()
        return gone


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> _Letters:
    own = {name: registry.holding(name) for name in ("access", "accounts")}
    monkeypatch.setattr(registry, "_holdings", own)
    kept = _Letters()
    registry.register_holding(kept.holding)
    return kept


def test_two_holdings_of_one_name_are_a_fault(letters: _Letters) -> None:
    registry.register_holding(letters.holding)
    with pytest.raises(ValueError, match="letters"):
        registry.register_holding(_Letters().holding)


@pytest.fixture
def siti() -> PersonView:
    person = identity.create_person(email="siti@example.org", full_name="Siti", by=SYSTEM, now=NOW)
    agency = identity.upsert_agency(
        key="water", profile=identity.AgencyProfile(names={"en": "Water"}), by=SYSTEM, now=NOW
    )
    identity.add_membership(person_id=person.id, agency_id=agency.id, role=Role.OFFICER, by=SYSTEM, now=NOW)
    return person


@pytest.mark.django_db(databases=["default", "keys"])
def test_erasing_a_case_takes_its_rows_and_its_keys_and_keeps_who_looked(letters: _Letters) -> None:
    case = Subject(SubjectKind.CASE, uuid.UUID(int=3))
    letters.kept[case.id] = "7K3P-2M9X"
    key_id, _ = actions.create_key(case.id)
    officer = Actor(ActorKind.STAFF, "p1", "Siti")
    actions.record_access(by=officer, case_id=case.id, agency_id=0, reason="x", now=NOW)
    assert queries.subjects_of(Clue(reference="7K3P")) == (case,)
    assert queries.counts_of(case) == {"access": 1, "accounts": 0, "letters": 1}
    assert {copy.name for copy in actions.copy_of(subject=case, by=SYSTEM, now=NOW)} == {
        "access.json",
        "letter.txt",
    }
    erasure = actions.erase_subject(subject=case, by=SYSTEM, now=NOW)
    assert (erasure.rows["letters"], erasure.rows["access"], erasure.keys) == (1, 0, 1)
    with pytest.raises(actions.KeyDestroyed):
        actions.open_key(key_id)
    assert queries.counts_of(case) == {"access": 1, "accounts": 0, "letters": 0}
    again = actions.erase_subject(subject=case, by=SYSTEM, now=NOW)
    assert (sum(again.rows.values()), again.keys) == (0, 0)
    assert Entry.objects.filter(action="privacy.erased", about_id=str(case.id)).count() == 2


@pytest.mark.django_db(databases=["default", "keys"])
def test_refused_erasure_loses_nothing(letters: _Letters, siti: PersonView) -> None:
    letters.needed = True
    key_id, _ = actions.create_key(siti.id)
    with pytest.raises(Refusal):
        actions.erase_subject(subject=Subject(SubjectKind.PERSON, siti.id), by=SYSTEM, now=NOW)
    assert people.person(siti.id) == siti
    actions.open_key(key_id)


@pytest.mark.django_db(databases=["default", "keys"])
def test_account_is_found_copied_and_erased(siti: PersonView) -> None:
    subject = Subject(SubjectKind.PERSON, siti.id)
    assert queries.subjects_of(Clue(person_id=siti.id, contact="SITI@example.org")) == (subject,)
    assert queries.counts_of(subject)["accounts"] == 2
    (copy,) = actions.copy_of(subject=subject, by=SYSTEM, now=NOW)
    told = json.loads(copy.content)
    assert (told["email"], told["posts"][0]["role"]) == ("siti@example.org", "officer")
    assert actions.erase_subject(subject=subject, by=SYSTEM, now=NOW).rows["accounts"] == 2
    assert queries.subjects_of(Clue(contact="siti@example.org")) == ()
    assert people.staff_member(siti.id) is None


@pytest.mark.django_db
def test_expiry_runs_for_each_holding_by_itself(letters: _Letters) -> None:
    letters.kept[uuid.UUID(int=1)] = "old"
    jobs.expire_all(0)
    deferred = ProcrastinateJob.objects.filter(task_name="privacy.expire_holding")
    assert sorted(job.args["name"] for job in deferred) == ["access", "accounts", "letters"]
    jobs.expire_holding("letters")
    jobs.expire_holding("letters")
    assert letters.kept == {}
    assert Entry.objects.get(action="privacy.expired").facts == {"rows": 1}


@pytest.mark.django_db
def test_expiry_of_a_holding_that_is_gone_is_a_fault() -> None:
    with pytest.raises(KeyError):
        actions.expire(name="gone", now=NOW)
