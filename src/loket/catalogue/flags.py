"""What the flags of a question cost, said again where they are set."""

from collections.abc import Iterator
from dataclasses import dataclass

from loket.catalogue.marks import Mark, error, info, warning
from loket.catalogue.reading import Path
from loket.catalogue.service import Service
from loket.forms.definition import Question

# Kinds whose answer tells who or where somebody is.
_PERSONAL = frozenset({"name", "email", "phone", "contact", "address", "date", "file"})
_FREE_TEXT = frozenset({"text", "long_text"})

_COSTS = {
    "indexed": "A keyed hash of the answer is kept for exact look-up; whoever holds the index key can guess "
    "answers that have few possible values.",
    "display": "The answer stands unencrypted beside the case and in lists, until the row is deleted.",
    "searchable": "The answer stands unencrypted in the search index, until the row is deleted.",
    "measure": "The answer is counted without the person and stays when the case is erased.",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Question
    path: Path


def flag_findings(service: Service) -> Iterator[Mark]:
    for asked in _asked(service):
        for flag, cost in _COSTS.items():
            if getattr(asked.question, flag):
                yield info(f"flag-{flag}", cost, (*asked.path, flag), of_key=True)
        yield from _exposed(asked)


def _asked(service: Service) -> Iterator[_Asked]:
    for number, page in enumerate(service.form.pages):
        for index, question in enumerate(page.questions):
            yield _Asked(question, ("form", "pages", number, "questions", index))


def _exposed(asked: _Asked) -> Iterator[Mark]:
    question = asked.question
    for flag in ("display", "searchable"):
        if not getattr(question, flag):
            continue
        path = (*asked.path, flag)
        if question.sensitive:
            yield error(
                f"sensitive-{flag}",
                f"“{question.id}” is sensitive, so it may not be kept unencrypted.",
                path,
                of_key=True,
            )
        elif question.kind in _PERSONAL:
            yield warning(
                f"personal-{flag}",
                f"“{question.id}” is personal and would be kept unencrypted; do it only if work needs it.",
                path,
                of_key=True,
            )
    if question.measure and question.kind in _PERSONAL | _FREE_TEXT:
        yield warning(
            "personal-measure",
            f"“{question.id}” may tell who somebody is; what is counted outlives the case.",
            (*asked.path, "measure"),
            of_key=True,
        )
