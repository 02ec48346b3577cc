"""Whether a pack speaks plainly: questions that are questions, sentences that end."""

from collections.abc import Iterator

from loket.catalogue.marks import Mark, warning
from loket.catalogue.reading import Path
from loket.catalogue.reading_level import difficulty
from loket.catalogue.service import Service
from loket.catalogue.texts import texts

_QUESTION_MARKS = ("?", "？", "؟", "፧", ";")
# These ask for something to be done or agreed to, or ask nothing at all.
_NO_QUESTION = frozenset({"note", "declaration", "file"})


def plainness(service: Service) -> Iterator[Mark]:
    yield from _questions(service)
    for text in texts(service):
        for language, words in text.words.items():
            yield from _hard(text.path, language, words)


def _questions(service: Service) -> Iterator[Mark]:
    for number, page in enumerate(service.form.pages):
        for index, question in enumerate(page.questions):
            if question.kind in _NO_QUESTION:
                continue
            for language, words in question.label.items():
                if not words.rstrip().endswith(_QUESTION_MARKS):
                    path: Path = ("form", "pages", number, "questions", index, "label", language)
                    yield warning("not-a-question", f"“{words}” is not put as a question ({language}).", path)


def _hard(path: Path, language: str, words: str) -> Iterator[Mark]:
    found = difficulty(words, language)
    if found is None:
        return
    if found.longest_sentence:
        message = f"A sentence has {found.longest_sentence} words; make it two ({language})."
        yield warning("long-sentence", message, (*path, language))
    if found.long_words:
        shown = ", ".join(dict.fromkeys(found.long_words[:5]))
        yield warning("long-words", f"Many words are long: {shown} ({language}).", (*path, language))
