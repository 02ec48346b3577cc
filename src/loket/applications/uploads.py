"""Files that arrive with an answer: stored at once, so that a mistake elsewhere on the page loses none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from loket.applications.types import Upload
from loket.files import actions as files
from loket.files.types import OwnerKind, UploadRefused
from loket.forms.compiled import CompiledForm
from loket.forms.journey import JourneyPage
from loket.forms.kinds.file.kind import FileQuestion
from loket.forms.types import Answers, FileRef, Problem, Raw
from loket.kernel.actors import Actor
from loket.kernel.text import Message, marked
from loket.privacy.actions import DataKey

_MEGABYTE = 1024 * 1024
_NOT_KEPT = marked("We could not store the file. Your other answers are kept. Please try again in a while.")
_WHY_NOT = {
    "upload_too_large": marked("The file is too large. It may have at most %(limit)s MB."),
    "upload_empty": marked("The file is empty. Please choose it again."),
    "upload_wrong_type": marked("We can’t take this kind of file. Please send one of these: %(types)s."),
    "upload_broken_image": marked("We can’t open this picture. Please take it again or choose another."),
    "upload_image_too_big": marked("This picture has too many pixels. Please choose a smaller one."),
    "upload_infected": marked("This file may hold a virus, so we did not keep it. Please choose another."),
    "upload_scanner_away": marked(
        "We can’t check files for viruses just now. Your other answers are kept. Please try again in a while."
    ),
    "upload_too_many": marked("You have sent as many files as we can take."),
}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose files they are, and the key they are sealed under.

    `keeps_removed`: a file dropped from an answer stays stored, as part of a case's history.
    """

    kind: OwnerKind
    id: UUID
    key: DataKey
    agency_id: int
    keeps_removed: bool = False


@dataclass(slots=True)
class TakenIn:
    """What files did to the answers. `raw` are the fields of the file questions as they now stand."""

    answers: Answers
    raw: dict[str, Raw] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    changed: bool = False


def take_in(
    owner: Owner,
    page: JourneyPage | None,
    answers: Answers,
    sent: Mapping[str, Sequence[Upload]],
    removed: Mapping[str, Sequence[str]],
    *,
    by: Actor,
    now: datetime,
) -> TakenIn:
    """Stores what was sent for the page's file questions and drops what was removed.

    Which files a question has is read from the answers, never from the browser.
    """
    taken = TakenIn(answers)
    for question in page.questions if page else ():
        if isinstance(question, FileQuestion):
            _take(owner, question, taken, sent.get(question.id, ()), removed.get(question.id, ()), by, now)
    return taken


def files_in(answers: Answers) -> tuple[FileRef, ...]:
    """Every stored file that the answers refer to."""
    return tuple(
        ref
        for answer in answers.values()
        if isinstance(answer, tuple)
        for ref in answer
        if isinstance(ref, FileRef)
    )


def without_files(form: CompiledForm, raw: Mapping[str, Raw]) -> Mapping[str, Raw]:
    """Submitted fields less those of file questions: a browser may not say which stored files it means."""
    return {
        name: fields
        for name, fields in raw.items()
        if name not in form.questions or not isinstance(form.questions[name].definition, FileQuestion)
    }


def raw_of_files(refs: Sequence[FileRef]) -> Raw:
    return {
        "id": tuple(ref.id for ref in refs),
        "name": tuple(ref.name for ref in refs),
        "size": tuple(str(ref.size) for ref in refs),
        "type": tuple(ref.media_type for ref in refs),
    }


def _take(
    owner: Owner,
    question: FileQuestion,
    taken: TakenIn,
    sent: Sequence[Upload],
    removed: Sequence[str],
    by: Actor,
    now: datetime,
) -> None:
    had = cast("tuple[FileRef, ...]", taken.answers.get(question.id) or ())
    gone = [ref for ref in had if ref.id in removed]
    kept = [ref for ref in had if ref.id not in removed]
    if gone and not owner.keeps_removed:
        ids = [UUID(ref.id) for ref in gone]
        files.delete(file_ids=ids, owner_kind=owner.kind, owner_id=owner.id, by=by, now=now)
    for upload in sent:
        stored = _stored(owner, question, upload, len(kept), by, now)
        if isinstance(stored, Problem):
            taken.problems[question.id] = stored
        else:
            kept.append(stored)
    if gone or len(kept) > len(had):
        taken.changed = True
        taken.answers = {**taken.answers, question.id: tuple(kept) or None}
    taken.raw[question.id] = raw_of_files(kept)


def _stored(
    owner: Owner, question: FileQuestion, upload: Upload, already: int, by: Actor, now: datetime
) -> FileRef | Problem:
    if already >= question.max_files:
        return Problem(Message(_WHY_NOT["upload_too_many"]))
    try:
        stored = files.store_upload(
            owner_kind=owner.kind,
            owner_id=owner.id,
            agency_id=owner.agency_id,
            key=owner.key,
            name=upload.name,
            content=upload.content,
            allowed=question.media_types,
            max_bytes=question.max_mb * _MEGABYTE,
            by=by,
            now=now,
        )
    except UploadRefused as refusal:
        params = {"limit": question.max_mb, "types": ", ".join(question.types)}
        return Problem(Message(_WHY_NOT.get(refusal.code, _NOT_KEPT), params))
    return FileRef(str(stored.id), stored.name, stored.size, stored.media_type)
