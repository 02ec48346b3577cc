"""Files: what was acknowledged opens; what nobody owns is found and removed; privacy misses none."""

import hashlib
from datetime import timedelta
from uuid import UUID

from benchmarks.crash.book import Book
from benchmarks.crash.findings import Check
from benchmarks.crash.reckoning.applications import draft_row
from loket.applications import drafts
from loket.applications.models import Draft
from loket.casework.models import Case
from loket.files import actions, blobs, sealing
from loket.files.models import StoredFile
from loket.files.types import OwnerKind
from loket.kernel import clock
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey
from loket.privacy.keystore.models import StoredKey

_DAYS = timedelta(days=3)


def checks(book: Book) -> list[Check]:
    return [_open(), _acknowledged(book), _owned(), _keys()]


def _open() -> Check:
    wrong: list[str] = []
    rows = list(StoredFile.objects.all())
    for row in rows:
        try:
            content = sealing.read_content(row, _key(row))
            if len(content) != row.size:
                wrong.append(f"file {row.id} is of {len(content)} bytes and not of {row.size}")
        except Exception as problem:
            wrong.append(f"file {row.id} of a {row.owner_kind}: {type(problem).__name__}")
    return Check("file", "Every stored file opens under its owner's key", len(rows), wrong)


def _content(row: StoredFile) -> bytes:
    """Nothing where it can't be opened, which another check tells."""
    try:
        return sealing.read_content(row, _key(row))
    except Exception:
        return b""


def _key(row: StoredFile) -> DataKey:
    if row.owner_kind == OwnerKind.DRAFT:
        return drafts.opened(Draft.objects.get(id=row.owner_id)).key
    return privacy.open_key(Case.objects.get(id=row.owner_id).key_id)


def _acknowledged(book: Book) -> Check:
    """Every upload that somebody was led on from is a file of their draft or case, byte by byte."""
    wrong: list[str] = []
    looked_at = 0
    for story in book.stories:
        row = draft_row(story) if story.files else None
        if row is None:
            wrong += [f"{story.mark} uploaded a file and has no draft"] if story.files else []
            continue
        case = Case.objects.filter(reference=row.reference).first() if row.reference else None
        rows = list(StoredFile.objects.filter(owner_id=case.id if case else row.id))
        kept = {hashlib.sha256(_content(file)).hexdigest() for file in rows}
        for name, digest in story.files.items():
            looked_at += 1
            if (digest and digest not in kept) or not rows:
                wrong.append(f"the file {name} of {story.mark}")
    return Check("upload", "Every acknowledged upload is there as it was sent", looked_at, wrong)


def _owned() -> Check:
    """Rows have an owner, and what lies on the disk without a row is gone after the night's sweep."""
    owners = set(Draft.objects.values_list("id", flat=True)) | set(Case.objects.values_list("id", flat=True))
    rows = list(StoredFile.objects.values_list("id", "owner_id"))
    wrong = [f"file {file_id} has no owner" for file_id, owner_id in rows if owner_id not in owners]
    swept = actions.sweep(now=clock.now() + _DAYS)
    used = set(StoredFile.objects.values_list("blob_id", flat=True))
    later = clock.now() + _DAYS
    left: set[UUID] = set(blobs.older_than(later))
    wrong += [f"blob {blob_id} is left without a row" for blob_id in left - used]
    wrong += [f"blob {blob_id} is gone, its row is not" for blob_id in used - left]
    note = f"{swept.orphans} orphans and {swept.unfinished} unfinished, gone after the night's sweep"
    return Check("orphan", "No file without an owner stays on the disk", len(rows), wrong, note)


def _keys() -> Check:
    """A key is written before its case: some cases never came to be. Their keys must open nothing."""
    keys = dict(StoredKey.objects.values_list("id", "subject"))
    cases = dict(Case.objects.values_list("key_id", "id"))
    wrong = [f"case {case_id} has no key" for key_id, case_id in cases.items() if keys.get(key_id) != case_id]
    loose = sum(key_id not in cases for key_id in keys)
    note = f"{loose} keys of cases that never came to be, and of lists of bills"
    return Check("stored-key", "Every case has the key that was made for it", len(cases), wrong, note)
