"""Faults put into an installation at rest, one of each kind that must be found. Needs Django started."""

from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import connection, connections

from benchmarks.crash.book import Book, Story
from loket.applications import actions as applications
from loket.applications import drafts
from loket.applications.models import Draft
from loket.casework.models import Case, CaseEvent
from loket.catalogue import queries as catalogue
from loket.config.sample.sending import fill_in
from loket.files import blobs
from loket.files.models import StoredFile
from loket.forms.answering import answers_from_json
from loket.kernel import clock
from loket.kernel.actors import APPLICANT
from loket.notifications.models import Message
from loket.notifications.types import SubjectKind
from loket.payments.models import MoneyIn, Receipt

# Superuser's rights are needed for what triggers refuse: the tables' owner may switch those off.
_ALTER = """
ALTER TABLE audit_entry DISABLE TRIGGER USER;
UPDATE audit_entry SET action = 'application.withdrawn'
WHERE id = (SELECT max(id) FROM audit_entry WHERE seal IS NOT NULL AND action = 'application.submitted');
ALTER TABLE audit_entry ENABLE TRIGGER USER;
"""


class NothingToPlantIn(RuntimeError):
    """The load was too small for this fault."""


def plant(name: str, book: Book, taken: Path) -> str:
    """Puts it in; says what was done. `taken`: the mail server's book. Raises NothingToPlantIn."""
    return PLANTS[name](book, taken)


def _lose_submission(book: Book, taken: Path) -> str:
    case = _case(_sent(book))
    with connection.cursor() as cursor:
        for table in ("casepaper", "caseindex", "reminder", "notice", "collection", "caseevent"):
            cursor.execute(f"DELETE FROM casework_{table} WHERE case_id = %s", [case.id])
        cursor.execute("DELETE FROM casework_case WHERE id = %s", [case.id])
    return f"case {case.reference} is gone"


def _twice(book: Book, taken: Path) -> str:
    """The same person's answers are sent a second time, as from a retry that made a second draft."""
    story = _sent(book, lambda story: not story.files, last=True)
    version = _case(story).version_id
    service = catalogue.compiled(version)
    token = fill_in(service, answers_from_json(service.form, story.answers), language="en", now=clock.now())
    applications.submit(token=token, language="en", by=APPLICANT, now=clock.now())
    return f"{story.mark} has a second case"


def _lost_answer(book: Book, taken: Path) -> str:
    """The answer acknowledged last is missing from a draft."""
    for story in book.stories:
        row = drafts.find(story.draft, clock.now()) if story.draft and not story.sending else None
        if row is not None and story.answers:
            draft = drafts.opened(row)
            kept = dict(draft.answers)
            name = next(name for name in reversed(story.answers) if name in kept)
            del kept[name]
            Draft.objects.filter(id=row.id).update(sealed_answers=drafts.sealed(draft, kept))
            return f"the draft of {story.mark} lost {name}"
    raise NothingToPlantIn


def _lost_message(book: Book, taken: Path) -> str:
    lines = taken.read_text(encoding="ascii").splitlines()
    taken.write_text("".join(f"{line}\n" for line in lines[1:]), encoding="ascii")
    return f"the mail {lines[0]} never arrived"


def _message_twice(book: Book, taken: Path) -> str:
    lines = taken.read_text(encoding="ascii").splitlines()
    taken.write_text("".join(f"{line}\n" for line in [*lines, lines[-1]]), encoding="ascii")
    return f"the mail {lines[-1]} arrived twice"


def _untold(book: Book, taken: Path) -> str:
    message = Message.objects.filter(subject_kind=SubjectKind.CASE).first()
    if message is None:
        raise NothingToPlantIn
    Message.objects.filter(subject_id=message.subject_id).delete()
    return f"nothing was written about case {message.subject_id}"


def _payment(book: Book, taken: Path) -> str:
    money = MoneyIn.objects.filter(provider="sandbox", receipted__gt=0).first()
    if money is None:
        raise NothingToPlantIn
    MoneyIn.objects.filter(id=money.id).update(transaction_id=f"{money.transaction_id}x")
    return f"{money.transaction_id} has another name"


def _receipt(book: Book, taken: Path) -> str:
    receipt = Receipt.objects.order_by("-sequence").first()
    if receipt is None:
        raise NothingToPlantIn
    Receipt.objects.filter(id=receipt.id).update(sequence=receipt.sequence + 1)
    return f"receipt {receipt.number} leaves a gap"


def _audit(book: Book, taken: Path) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_ALTER)
    return "an entry of the record was altered"


def _file(book: Book, taken: Path) -> str:
    row = StoredFile.objects.first()
    if row is None:
        raise NothingToPlantIn
    blobs.remove(row.blob_id)
    return f"file {row.id} lost its bytes"


def _key(book: Book, taken: Path) -> str:
    case = _case(_sent(book))
    with connections["keys"].cursor() as cursor:
        cursor.execute("DELETE FROM keystore_storedkey WHERE id = %s", [case.key_id])
    return f"case {case.reference} lost its key"


def _event(book: Book, taken: Path) -> str:
    event = CaseEvent.objects.exclude(followed_up_at=None).order_by("-id")[0]
    CaseEvent.objects.filter(id=event.id).update(followed_up_at=None)
    return f"event {event.id} was not followed up"


def _job(book: Book, taken: Path) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) "
            "VALUES ('casework', 'casework.follow_up', 'doing', '{}')"
        )
    return "a job was begun and never ended"


# In an order in which none hides what the next one needs; each with the check that must find it.
PLANTS: Mapping[str, Callable[[Book, Path], str]] = {
    "lost-answer": _lost_answer,
    "twice": _twice,
    "lost-message": _lost_message,
    "message-twice": _message_twice,
    "untold": _untold,
    "payment": _payment,
    "receipt": _receipt,
    "event": _event,
    "job": _job,
    "file": _file,
    "lose-submission": _lose_submission,
    "key": _key,
    "audit": _audit,
}
FOUND_BY: Mapping[str, str] = {
    "lost-answer": "draft-answer",
    "twice": "submission",
    "lost-message": "message",
    "message-twice": "message-twice",
    "untold": "told",
    "payment": "payment",
    "receipt": "receipt",
    "event": "event",
    "job": "job",
    "file": "file",
    "key": "key",
    "lose-submission": "submission",
    "audit": "audit",
}


def _sent(book: Book, wanted: Callable[[Story], bool] = lambda _: True, *, last: bool = False) -> Story:
    for story in reversed(book.stories) if last else book.stories:
        if story.sent and wanted(story) and Case.objects.filter(reference=_reference(story)).exists():
            return story
    raise NothingToPlantIn


def _case(story: Story) -> Case:
    return Case.objects.get(reference=_reference(story))


def _reference(story: Story) -> str:
    if not story.draft:
        return story.reference
    row = drafts.find(story.draft, clock.now())
    return (row.reference or "") if row else ""
