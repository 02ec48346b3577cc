"""Filling in: what makes a row, what is kept, and what stays readable to nobody else."""

from datetime import timedelta
from functools import partial
from io import BytesIO
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from loket.applications import actions, drafts, queries
from loket.applications.actions import answering
from loket.applications.drafts import KEPT_FOR, AlreadySubmitted, NoSuchDraft
from loket.applications.models import Draft
from loket.applications.types import Upload
from loket.files.models import StoredFile
from loket.forms.types import FileRef, NoSuchPage
from loket.kernel.actors import APPLICANT, SYSTEM
from loket.kernel.ids import token_hash
from loket.privacy import actions as privacy
from loket.privacy import queries as held
from loket.privacy.types import Clue, Subject, SubjectKind
from tests.applications.filling import answered, begun
from tests.casework import stall
from tests.casework.at_once import at_once
from tests.casework.stall import NOW
from tests.files.samples import EXE, PDF

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _pdf(name: str = "paper.pdf") -> Upload:
    return Upload(name, BytesIO(PDF))


def test_looking_makes_no_row() -> None:
    assert queries.draft("no such token", NOW) is None
    assert not Draft.objects.exists()


def test_the_first_good_answer_makes_the_row() -> None:
    first = answered(None, "you", full_name="")
    assert (first.token, first.done, set(first.problems)) == (None, False, {"full_name"})
    assert not Draft.objects.exists()
    token = begun()
    (row,) = Draft.objects.all()
    assert bytes(row.token_hash) == token_hash(token)
    assert row.expires_at == NOW + KEPT_FOR
    view = queries.draft(token, NOW)
    assert view is not None
    assert view.answers["full_name"] == "Wanjiru Kamau"


@pytest.mark.parametrize("page", ["no_such_page", "kitchen"])
def test_a_page_that_is_not_shown_is_not_answered(page: str) -> None:
    with pytest.raises(NoSuchPage):
        answered(None, page, dishes="Githeri")
    assert not Draft.objects.exists()


def test_a_wrong_answer_keeps_the_former_one() -> None:
    token = begun()
    again = answered(token, "you", full_name="")
    assert set(again.problems) == {"full_name"}
    view = queries.draft(token, NOW)
    assert view is not None
    assert view.answers["full_name"] == "Wanjiru Kamau"


def test_an_answer_starts_the_term_again() -> None:
    token = begun()
    late = NOW + KEPT_FOR - timedelta(seconds=1)
    answered(token, "goods", goods="clothes", now=late)
    assert queries.draft(token, NOW + KEPT_FOR) is not None
    assert queries.draft(token, late + KEPT_FOR) is None


@pytest.mark.parametrize("token", ["", "wrong", "\x00", "x" * 10_000, "\ud800"])
def test_a_wrong_token_opens_nothing(token: str) -> None:
    begun()
    assert queries.draft(token, NOW) is None
    if token:
        with pytest.raises(NoSuchDraft):
            answered(token, "goods", goods="clothes")


def test_an_expired_draft_is_gone() -> None:
    token = begun()
    with pytest.raises(NoSuchDraft):
        answered(token, "goods", goods="clothes", now=NOW + KEPT_FOR)
    with pytest.raises(NoSuchDraft):
        actions.submit(token=token, language="en", by=APPLICANT, now=NOW + KEPT_FOR)


def test_a_submitted_draft_takes_no_answer_and_shows_its_reference() -> None:
    token = stall.draft()
    case = stall.submitted(token)
    with pytest.raises(AlreadySubmitted) as refused:
        answered(token, "goods", goods="food")
    assert refused.value.details == {"reference": case.reference}
    view = queries.draft(token, NOW)
    assert view is not None
    assert (view.reference, view.answers, view.submitted_at) == (case.reference, {}, NOW)


def test_answers_are_sealed_under_the_drafts_own_key() -> None:
    token, other = begun(), begun()
    one, two = (
        Draft.objects.get(token_hash=token_hash(token)),
        Draft.objects.get(token_hash=token_hash(other)),
    )
    assert b"Wanjiru" not in bytes(one.sealed_answers or b"")
    assert bytes(one.sealed_answers or b"") != bytes(two.sealed_answers or b"")
    one.wrapped_key = two.wrapped_key
    with pytest.raises(privacy.SealBroken):
        drafts.opened(one)


def test_answers_moved_to_another_row_do_not_open() -> None:
    """With its key: the row's id is part of the seal."""
    one = Draft.objects.get(token_hash=token_hash(begun()))
    two = Draft.objects.get(token_hash=token_hash(begun()))
    two.wrapped_key, two.sealed_answers = one.wrapped_key, one.sealed_answers
    with pytest.raises(privacy.SealBroken):
        drafts.opened(two)


def _statements(doing: object) -> list[str]:
    assert callable(doing)
    with (
        CaptureQueriesContext(connections["default"]) as default,
        CaptureQueriesContext(connections["keys"]) as keys,
    ):
        doing()
    said = [query["sql"] for query in [*default, *keys]]
    return [sql for sql in said if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def test_a_page_takes_one_statement_and_its_answer_two() -> None:
    token = begun()
    assert len(_statements(lambda: queries.draft(token, NOW))) == 1
    assert len(_statements(lambda: answered(token, "goods", goods="clothes"))) == 2
    assert len(_statements(lambda: answered(None, "you", full_name="A B"))) == 1


def test_a_good_file_beside_a_mistake_is_kept() -> None:
    token = begun()
    answered(token, "goods", goods="food")
    first = answered(token, "kitchen", files={"hygiene": [_pdf()]}, dishes="")
    assert set(first.problems) == {"dishes"}
    (ref,) = first.answers["hygiene"]  # type: ignore[misc]
    assert isinstance(ref, FileRef)
    assert answered(token, "kitchen", dishes="Githeri").done
    view = queries.draft(token, NOW)
    assert view is not None
    assert view.answers["hygiene"] == (ref,)


def test_a_bad_file_is_named_and_the_rest_waits() -> None:
    token = begun()
    answered(token, "goods", goods="food")
    result = answered(token, "kitchen", files={"hygiene": [Upload("x.pdf", BytesIO(EXE))]}, dishes="Ugali")
    assert set(result.problems) == {"hygiene"}
    assert not StoredFile.objects.exists()


def test_too_many_files_are_refused_one_by_one() -> None:
    token = begun()
    answered(token, "goods", goods="food")
    result = answered(token, "kitchen", files={"hygiene": [_pdf(), _pdf(), _pdf()]}, dishes="Ugali")
    assert set(result.problems) == {"hygiene"}
    assert StoredFile.objects.count() == 2


def test_a_file_is_removed_and_only_ones_own() -> None:
    token, other = begun(), begun()
    for one in (token, other):
        answered(one, "goods", goods="food")
        answered(one, "kitchen", files={"hygiene": [_pdf()]}, dishes="Ugali")
    mine, theirs = (queries.draft(one, NOW) for one in (token, other))
    assert mine is not None
    assert theirs is not None
    (my_ref,), (their_ref,) = mine.answers["hygiene"], theirs.answers["hygiene"]  # type: ignore[misc]
    assert isinstance(my_ref, FileRef)
    assert isinstance(their_ref, FileRef)
    answered(token, "kitchen", removed={"hygiene": [their_ref.id]}, dishes="Ugali")
    assert StoredFile.objects.count() == 2
    result = answered(token, "kitchen", removed={"hygiene": [my_ref.id]}, dishes="Ugali")
    assert set(result.problems) == {"hygiene"}
    assert [row.id for row in StoredFile.objects.all()] == [UUID(their_ref.id)]


def test_a_browser_cannot_name_a_stored_file() -> None:
    token, thief = begun(), begun()
    for one in (token, thief):
        answered(one, "goods", goods="food")
    answered(token, "kitchen", files={"hygiene": [_pdf()]}, dishes="Ugali")
    file = StoredFile.objects.get()
    stolen = {
        "id": (str(file.id),), "name": ("x.pdf",), "size": (str(file.size),), "type": ("application/pdf",),
    }  # fmt: skip
    result = answered(thief, "kitchen", hygiene=stolen, dishes="Ugali")
    assert set(result.problems) == {"hygiene"}


def test_discarding_deletes_the_row_the_key_and_the_files() -> None:
    token = begun()
    answered(token, "goods", goods="food")
    answered(token, "kitchen", files={"hygiene": [_pdf()]}, dishes="Ugali")
    for _ in range(2):
        actions.discard(token=token, by=APPLICANT, now=NOW)
        assert not Draft.objects.exists()
        assert not StoredFile.objects.exists()
    assert queries.draft(token, NOW) is None


def test_expired_drafts_are_purged_with_their_files_and_others_stay() -> None:
    old, new = begun(), begun(NOW + timedelta(days=1))
    answered(old, "goods", goods="food")
    answered(old, "kitchen", files={"hygiene": [_pdf()]}, dishes="Ugali")
    submitted = stall.submitted(stall.draft())
    assert actions.purge_expired(now=NOW + KEPT_FOR) == 2
    assert [bytes(row.token_hash) for row in Draft.objects.all()] == [token_hash(new)]
    assert not StoredFile.objects.exists()
    submitted.refresh_from_db()


def test_a_draft_can_be_copied_and_erased_for_its_subject() -> None:
    token = begun()
    saved = actions.save_on_paper(token=token, now=NOW)
    (subject,) = held.subjects_of(Clue(reference=saved.reference))
    assert subject == Subject(SubjectKind.DRAFT, Draft.objects.get().id)
    (copy,) = privacy.copy_of(subject=subject, by=SYSTEM, now=NOW)
    assert "Wanjiru Kamau" in copy.content.decode()
    privacy.erase_subject(subject=subject, by=SYSTEM, now=NOW)
    assert not Draft.objects.exists()
    assert held.subjects_of(Clue(reference=saved.reference)) == ()


def test_who_reads_before_another_writes_begins_anew_and_nothing_is_lost() -> None:
    token, seen = begun(), []

    def change(draft: drafts.OpenDraft) -> str:
        seen.append(set(draft.answers))
        if len(seen) == 1:
            answered(token, "goods", goods="clothes")
        return answering.keep(draft, token, {**draft.answers, "declared": True}, "en", NOW)

    assert drafts.changed(token, NOW, change) == token
    assert [("goods" in before) for before in seen] == [False, True]
    view = queries.draft(token, NOW)
    assert view is not None
    assert view.answers["goods"]


def test_who_is_always_too_late_holds_the_draft_in_the_end() -> None:
    token, tries = begun(), []

    def change(draft: drafts.OpenDraft) -> str:
        tries.append(draft.row.id)
        if len(tries) <= 3:
            answered(token, "goods", goods="clothes")
        return answering.keep(draft, token, draft.answers, "en", NOW)

    assert drafts.changed(token, NOW, change) == token
    assert len(tries) == 4


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_two_tabs_answering_different_pages_are_both_kept() -> None:
    for _ in range(5):
        token = begun()
        outcome = at_once(
            partial(answered, token, "goods", goods="clothes"),
            partial(answered, token, "contact", contact={"": ("none",)}),
        )
        assert not [raised for raised in outcome if isinstance(raised, Exception)]
        view = queries.draft(token, NOW)
        assert view is not None
        assert {"full_name", "goods", "contact"} <= set(view.answers)
