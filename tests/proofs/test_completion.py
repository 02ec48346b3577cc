"""Every service of the library in every language, answered by chance: sent exactly when complete."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from loket.casework.models import Case
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.config.sample.fines import sample_fines
from loket.config.sample.requests import stored_fine
from loket.forms.kinds.file.kind import FileQuestion
from loket.identity import queries as identity
from loket.kernel import clock
from loket.limits.models import Bucket
from tests import county
from tests.files.samples import PDF, image
from tests.portal.visitor import Visitor
from tests.proofs.random_answers import answer

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LANGUAGES = ("en", "id", "sw")
_TRIES = 60


class Walk:
    """One person's way through a service. `leaves_out`: the question never answered."""

    def __init__(self, service: CompiledService, language: str, seed: int, leaves_out: str = "") -> None:
        self.service, self.by, self.leaves_out = service, Random(seed), leaves_out
        self.visitor = Visitor(Client(), language)
        self.base = self.visitor.base(service)
        self.early = 0
        self.today = clock.now().date()
        # One fine for the whole way: another one would be shown anew each time.
        self.fine = stored_fine(self.by.choice(sample_fines(self.today)).number, self.today)
        agency = identity.agency_known(service.agency_id)
        self.centres = [centre.key for centre in agency.open_centres]

    def to_the_end(self) -> bool:
        """Whether it ended in a reference."""
        self.visitor.open(self.base)
        for _ in range(80):
            page = self.visitor.page_id
            if page == "check":
                self.visitor.post(self.visitor.path)
                return self.visitor.page_id == "done" or "/pay/" in self.visitor.path
            if self.by.random() < 0.15:
                self._send_too_early()
                self.visitor.open(f"{self.base}{page}/")
            if not self._answer(page):
                return False
        raise AssertionError(f"no end: {self.visitor.path}")

    def _answer(self, page: str) -> bool:
        """Tries answers until the page takes them; False where the one left out is asked."""
        form, here = self.service.form, self.visitor.path
        questions = form.pages[form.positions[page]].questions
        if self.leaves_out in {question.id for question in questions}:
            self.visitor.post(here, {})
            assert self.visitor.page_id == page
            self._send_too_early()
            return False
        for _ in range(_TRIES):
            answers: dict[str, Any] = {}
            files: dict[str, Any] = {}
            for question in questions:
                definition = question.definition
                if isinstance(definition, FileQuestion):
                    name, content = ("proof.pdf", PDF) if "pdf" in definition.types else ("face.jpg", image())
                    files[f"q-{question.id}"] = SimpleUploadedFile(name, content)
                elif definition.kind == "bill":
                    answers[question.id] = self.fine
                elif definition.kind != "note":
                    answers[question.id] = answer(definition, self.by, self.today, self.centres)
            fields = {
                name: value
                for name, value in self.visitor.fields(self.service, answers, page).items()
                if not any(name.startswith(file) for file in files)
            }
            self.visitor.post(here, {**fields, **files})
            if self.visitor.page_id != page:
                return True
            found = "-found" in self.visitor.html
            assert found or "govuk-error-summary" in self.visitor.html or here != self.visitor.url
        raise AssertionError(f"{page} of {self.service.service.key} takes nothing: {answers}")

    def _send_too_early(self) -> None:
        before = Case.objects.count()
        self.visitor.post(f"{self.base}check/")
        assert self.visitor.page_id != "done"
        assert Case.objects.count() == before
        self.early += 1


def walks(each: int, leaves_out: str = "") -> tuple[int, int, int]:
    """Sent, not sent, and how often sending too early was refused."""
    county.county(clock.now())
    sent = stopped = early = 0
    for live in catalogue.all_live():
        service = catalogue.compiled(live.version_id)
        for language in LANGUAGES:
            for seed in range(each):
                walk = Walk(service, language, seed, leaves_out)
                if walk.to_the_end():
                    sent += 1
                else:
                    stopped += 1
                early += walk.early
                Bucket.objects.all().delete()
    assert Case.objects.count() == sent
    return sent, stopped, early


def test_each_service_completes_in_each_language(db: None) -> None:
    sent, stopped, _early = walks(1)
    assert (sent, stopped) == (3 * len(catalogue.all_live()), 0)


def test_one_answer_missing_is_never_sent(db: None) -> None:
    """Shows that the walk can fail: with one required question left out nothing is ever sent."""
    sent, stopped, early = walks(1, leaves_out="full_name")
    assert (sent, stopped) == (0, 3 * len(catalogue.all_live()))
    assert early >= stopped


@pytest.mark.prove
def test_random_answers_complete_every_service(
    db: None, record_property: Callable[[str, object], None]
) -> None:
    sent, stopped, early = walks(25)
    record_property("applications sent", sent)
    record_property("stopped", stopped)
    record_property("sent too early and refused", early)
    assert not stopped
