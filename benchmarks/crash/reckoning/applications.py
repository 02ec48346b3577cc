"""Applications and drafts: what was acknowledged is there, once, with the answers that were given last."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from benchmarks.crash.book import Book, Story
from benchmarks.crash.findings import Check
from loket.applications import drafts
from loket.applications.models import Draft, SentOnce
from loket.casework import sealing
from loket.casework.models import Case, CaseEvent, CasePaper
from loket.casework.types import Happened, PaperKind
from loket.catalogue import queries as catalogue
from loket.forms.answering import answers_to_json
from loket.kernel import clock
from loket.kernel.ids import token_hash
from loket.privacy import actions as privacy

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A case opened. `answers` as they are stored."""

    id: UUID
    reference: str
    mark: str
    answers: Mapping[str, object]


def checks(book: Book) -> list[Check]:
    cases, unreadable = open_cases()
    by_mark: dict[str, list[Found]] = defaultdict(list)
    for case in cases:
        by_mark[case.mark].append(case)
    return [
        Check("key", "Every case can be opened with its key", len(cases) + len(unreadable), unreadable),
        _once(book.stories, by_mark),
        _same_answers(book.stories, by_mark),
        _same_reference(book.stories, by_mark),
        _drafts(book.stories),
        _whole(),
        _followed_up(),
        _papers(),
    ]


def open_cases() -> tuple[list[Found], list[str]]:
    """Every case, and those that can't be opened."""
    found: list[Found] = []
    unreadable: list[str] = []
    for case in Case.objects.order_by("id").iterator(_AT_ONCE):
        service = catalogue.compiled(case.version_id)
        try:
            key = privacy.open_key(case.key_id)
            answers = sealing.answers_of(key, case, service)
            contact = sealing.contact_of(key, case)
        except Exception as problem:
            unreadable.append(f"case {case.reference}: {type(problem).__name__}")
            continue
        found.append(Found(case.id, case.reference, contact.address, answers_to_json(service.form, answers)))
    return found, unreadable


def _once(stories: Iterable[Story], by_mark: Mapping[str, list[Found]]) -> Check:
    wrong: list[str] = []
    known = {story.mark: story for story in stories}
    for story in known.values():
        count = len(by_mark.get(story.mark, ()))
        if story.sent and count != 1:
            wrong.append(f"{story.mark} was told that it is sent: {count} cases")
        if not story.sent and count > int(story.sending):
            wrong.append(f"{story.mark} {'sent' if story.sending else 'never sent'} it: {count} cases")
    wrong += [f"a case of {mark}, whom nobody knows" for mark in by_mark if mark not in known]
    sent = sum(story.sent for story in known.values())
    open_end = sum(story.sending and not story.sent for story in known.values())
    note = f"{open_end} sent without ever hearing" if open_end else ""
    return Check("submission", "Every acknowledged application exists exactly once", sent, wrong, note)


def _same_answers(stories: Iterable[Story], by_mark: Mapping[str, list[Found]]) -> Check:
    wrong: list[str] = []
    looked_at = 0
    for story in stories:
        for case in by_mark.get(story.mark, ()):
            looked_at += len(story.answers)
            wrong += [f"case of {story.mark}: {name}" for name in _other(story, case.answers)]
    return Check("case-answer", "Every case holds the answers acknowledged last", looked_at, wrong)


def _other(story: Story, kept: Mapping[str, object]) -> list[str]:
    """Questions that hold something else than what was acknowledged, or was sent last without an answer."""
    sent = story.open.answers if story.open else {}
    return [
        name
        for name, value in story.answers.items()
        if kept.get(name) != value and not (name in sent and kept.get(name) == sent[name])
    ]


def _same_reference(stories: Iterable[Story], by_mark: Mapping[str, list[Found]]) -> Check:
    shown = [story for story in stories if story.reference]
    wrong = [
        f"{story.mark} was shown {story.reference}"
        for story in shown
        if [case.reference for case in by_mark.get(story.mark, ())] != [story.reference]
    ]
    twice = Case.objects.count() - len(_sent_references())
    if twice:
        wrong.append(f"{twice} more cases than drafts and programs' applications that were sent")
    return Check("reference", "Every reference that was shown is its case's", len(shown), wrong)


def _drafts(stories: Iterable[Story]) -> Check:
    """Drafts that were not sent hold every acknowledged answer."""
    wrong: list[str] = []
    looked_at, now = 0, clock.now()
    for story in stories:
        if not story.draft or story.sending:
            continue
        row = drafts.find(story.draft, now)
        if row is None:
            wrong.append(f"the draft of {story.mark} is gone")
            continue
        opened = drafts.opened(row)
        kept = answers_to_json(opened.service.form, opened.answers)
        looked_at += len(story.answers)
        wrong += [f"draft of {story.mark}: {name}" for name in _other(story, kept)]
        missing = [name for name in story.files if not kept.get(name)]
        wrong += [f"draft of {story.mark}: the file {name}" for name in missing]
    return Check("draft-answer", "Every acknowledged answer of a draft is there", looked_at, wrong)


def _whole() -> Check:
    """A case has its first event, its draft and its key's subject; nothing hangs in the air."""
    first = Counter(CaseEvent.objects.filter(happened=Happened.SUBMITTED).values_list("case_id", flat=True))
    sent = _sent_references()
    wrong: list[str] = []
    cases = list(Case.objects.values_list("id", "reference"))
    for case_id, reference in cases:
        if first[case_id] != 1:
            wrong.append(f"case {reference} has {first[case_id]} first events")
        if reference not in sent:
            wrong.append(f"case {reference} has no draft or key that became it")
    half = Draft.objects.filter(submitted_at=None).exclude(reference=None).count()
    wrong += [f"{half} drafts are half sent"] if half else []
    return Check("whole", "Every case has its first event and what became it", len(cases), wrong)


def _sent_references() -> set[str]:
    """Of drafts, and of what programs sent under a key."""
    drafted = Draft.objects.exclude(reference=None).values_list("reference", flat=True)
    return {str(one) for one in [*drafted, *SentOnce.objects.values_list("reference", flat=True)]}


def _followed_up() -> Check:
    events = CaseEvent.objects.filter(undone_at=None)
    late = events.filter(followed_up_at=None, settles_at__lte=clock.now())
    wrong = [f"event {event_id} was never followed up" for event_id in late.values_list("id", flat=True)]
    return Check("event", "Every event was followed up", events.count(), wrong)


def _papers() -> Check:
    asked = CasePaper.objects.filter(superseded_at=None)
    wrong = [
        f"{kind} of case {case} was not made"
        for kind, case in asked.filter(made_at=None).values_list("kind", "case__reference")
    ]
    with_paper = set(asked.filter(kind=PaperKind.SUBMISSION).values_list("case_id", flat=True))
    for case_id, reference in Case.objects.values_list("id", "reference"):
        if case_id not in with_paper:
            wrong.append(f"case {reference} has no document of what was sent")
    return Check("paper", "Every document that is due was made", asked.count(), wrong)


def draft_row(story: Story) -> Draft | None:
    return Draft.objects.filter(token_hash=token_hash(story.draft)).first() if story.draft else None
