"""Submitting: one case for one draft, all of it or nothing."""

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from loket.applications import actions, queries
from loket.applications.actions.submitting import NotComplete
from loket.applications.drafts import NoSuchDraft
from loket.applications.events import ApplicationSubmitted
from loket.applications.models import Draft
from loket.applications.types import Submitted, Upload
from loket.audit.models import Entry
from loket.casework.models import Case, CaseEvent
from loket.files.models import StoredFile
from loket.files.types import OwnerKind
from loket.kernel import events
from loket.kernel.actors import APPLICANT
from tests.applications.filling import answered, begun
from tests.casework import stall
from tests.casework.at_once import at_once
from tests.casework.stall import NOW
from tests.files.samples import PDF

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
BOOKKEEPING = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _submit(token: str) -> Submitted:
    return actions.submit(token=token, language="en", by=APPLICANT, now=NOW)


def _certificate() -> Upload:
    return Upload("c.pdf", BytesIO(PDF))


def test_submitting_makes_the_case_and_empties_the_draft() -> None:
    token = stall.draft()
    done = _submit(token)
    assert not done.again
    assert Case.objects.get().reference == done.reference
    row = Draft.objects.get()
    assert (row.reference, row.submitted_at) == (done.reference, NOW)
    assert (row.wrapped_key, row.sealed_answers, row.pin_digest, row.link_hash) == (None, None, None, None)
    assert Entry.objects.filter(action="application.submitted", about_id=done.reference).count() == 1


def test_submitting_twice_gives_the_same_reference_and_one_case() -> None:
    token = stall.draft()
    first, second = _submit(token), _submit(token)
    assert (second.reference, second.again) == (first.reference, True)
    assert Case.objects.count() == 1


def test_an_incomplete_draft_is_refused_with_the_first_page_that_lacks_something() -> None:
    token = begun()
    answered(token, "goods", goods="food")
    answered(token, "contact", contact={"": ("none",)})
    with pytest.raises(NotComplete) as refused:
        _submit(token)
    assert refused.value.details == {"page": "kitchen"}
    assert not Case.objects.exists()
    assert queries.draft(token, NOW) is not None


def test_an_unknown_token_submits_nothing() -> None:
    with pytest.raises(NoSuchDraft):
        _submit("wrong")


def test_answers_that_became_hidden_are_dropped() -> None:
    token = stall.draft(stall.COOK, files={"hygiene": _certificate})
    answered(token, "goods", goods="clothes")
    case = Case.objects.get(reference=_submit(token).reference)
    assert not StoredFile.objects.filter(owner_id=case.id).exists()


def test_a_reference_that_is_taken_is_drawn_again() -> None:
    """The database itself gives the first new case the reference of an old one."""
    taken = stall.sent()
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE draws")  # not rolled back with the transaction, as a trigger needs
        cursor.execute(
            "CREATE FUNCTION draw() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF nextval('draws') < 3 THEN NEW.reference := '{taken.reference}'; END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER draw BEFORE INSERT ON casework_case FOR EACH ROW EXECUTE FUNCTION draw()"
        )
    token = stall.draft()
    done = _submit(token)
    assert done.reference != taken.reference
    assert set(Case.objects.values_list("reference", flat=True)) == {taken.reference, done.reference}
    assert Draft.objects.get(reference=done.reference).submitted_at == NOW
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM draws")
        assert cursor.fetchone() == (3,)


class Unwilling(Exception):
    pass


@pytest.fixture
def _unwilling() -> Iterator[None]:
    """A handler of the test's own, after those that open the case."""

    def refuse(submitted: ApplicationSubmitted) -> None:
        assert Case.objects.filter(reference=submitted.reference).exists()
        raise Unwilling

    events.on(ApplicationSubmitted)(refuse)
    yield
    events._handlers[ApplicationSubmitted].remove(refuse)


@pytest.mark.usefixtures("_unwilling")
def test_a_handler_that_fails_takes_everything_back() -> None:
    token = stall.draft(stall.COOK, files={"hygiene": _certificate})
    before = _jobs(), Entry.objects.count()
    with pytest.raises(Unwilling):
        _submit(token)
    assert not Case.objects.exists()
    assert not CaseEvent.objects.exists()
    assert (_jobs(), Entry.objects.count()) == before
    assert StoredFile.objects.get().owner_kind == OwnerKind.DRAFT
    view = queries.draft(token, NOW)
    assert view is not None
    assert view.answers["dishes"] == "Githeri"
    assert view.reference is None


def _jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        row: Any = cursor.fetchone()
    return int(row[0])


def _statements(token: str) -> tuple[int, int]:
    """In the main database and in the key store, without what opens and closes transactions.

    The process has met the service before: agency, team and root secret are remembered.
    """
    stall.sent()
    with (
        CaptureQueriesContext(connections["default"]) as default,
        CaptureQueriesContext(connections["keys"]) as keys,
    ):
        _submit(token)
    return tuple(  # type: ignore[return-value]
        sum(not query["sql"].startswith(BOOKKEEPING) for query in queries) for queries in (default, keys)
    )


def test_submitting_takes_six_statements_five_here_and_one_in_the_key_store() -> None:
    assert _statements(stall.draft()) == (5, 1)


def test_files_cost_three_statements_however_many() -> None:
    assert _statements(stall.draft(stall.COOK, files={"hygiene": _certificate})) == (8, 1)


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_two_tabs_at_once_make_exactly_one_case() -> None:
    for number in range(1, 6):
        token = stall.draft()
        outcome = at_once(partial(_submit, token), partial(_submit, token))
        assert sorted(done.again for done in outcome if isinstance(done, Submitted)) == [False, True]
        assert len({done.reference for done in outcome if isinstance(done, Submitted)}) == 1
        assert Case.objects.count() == CaseEvent.objects.count() == number


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_answering_while_submitting_is_either_in_the_case_or_refused() -> None:
    token = stall.draft()
    answer, done = at_once(
        partial[Any](answered, token, "you", full_name="Wanjiru Njeri"), partial[Any](_submit, token)
    )
    assert isinstance(done, Submitted)
    name = Case.objects.get().display["full_name"]
    assert name == ("Wanjiru Kamau" if isinstance(answer, Exception) else "Wanjiru Njeri")
