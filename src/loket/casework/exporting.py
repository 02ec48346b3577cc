"""Cases as the rows of a table that Excel opens, from what is stored to what is read, one case at a time."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from io import StringIO

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.numbers import get_decimal_symbol
from django.utils import translation
from django.utils.translation import gettext as _

from loket.casework import stages
from loket.catalogue.compiled import CompiledService
from loket.forms.compiled import CompiledQuestion
from loket.kernel.text import in_language
from loket.kernel.words import say

# What Excel needs to see in order to read UTF-8.
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
# A cell that begins so would be reckoned, and may reach out of the sheet, where somebody opens it.
_RECKONED = re.compile(r"^\s*[=+\-@\t\r]")
Cell = Callable[[object], str]


class Layout:
    """The columns of one service, over all of its versions, in one reader's language.

    Dates are as the office's country writes them in that language; columns are parted as its Excel expects.
    """

    def __init__(
        self,
        versions: Sequence[CompiledService],
        language: str,
        country: str,
        outcomes: Mapping[str, str],
    ) -> None:
        self._language, self._outcomes = language, outcomes
        self._locale = _locale(language, country)
        self._between = ";" if get_decimal_symbol(self._locale) == "," else ","
        self._questions: dict[str, CompiledQuestion] = {}
        # The newest version's wording and order come first.
        for service in sorted(versions, key=lambda one: -one.version_id):
            for name, question in service.form.questions.items():
                if question.kind.asks:
                    self._questions.setdefault(name, question)
        # For each version every column of the table, without a way to tell it where the version never asks.
        self._cells = {
            service.version_id: [(name, self._cell_of(service, name)) for name in self._questions]
            for service in versions
        }
        # A file has few days and many moments.
        self._days: dict[str, str] = {}
        self._stages = {
            (service.version_id, stage): in_language(stages.label_of(service, stage), language)
            for service in versions
            for stage in (*service.workflow.stages, *stages.OURS)
        }

    def head(self) -> tuple[str, ...]:
        with translation.override(self._language):
            own = (
                _("Reference"),
                _("Sent"),
                _("Stage"),
                _("Outcome"),
                _("Promised by"),
                _("Closed"),
                _("Language"),
            )
        return (
            *own,
            *(in_language(one.definition.label, self._language) for one in self._questions.values()),
        )

    def row(
        self,
        *,
        reference: str,
        version_id: int,
        stage: str,
        outcome: str,
        opened_at: str,
        due_at: str,
        closed_at: str | None,
        language: str,
        answers: Mapping[str, object],
    ) -> tuple[str, ...]:
        """`answers` as they are stored; moments in the office's time, as 2026-11-22 14:05."""
        stored = answers.get
        told = [
            cell(value) if cell is not None and (value := stored(name)) is not None else ""
            for name, cell in self._cells[version_id]
        ]
        return (
            reference,
            self._moment(opened_at),
            self._stages.get((version_id, stage), stage),
            self._outcomes.get(outcome, outcome),
            self._moment(due_at),
            self._moment(closed_at) if closed_at else "",
            language,
            *told,
        )

    def written(self, rows: Iterable[Sequence[str]]) -> bytes:
        """Lines of CSV; no cell can be taken for a formula."""
        to = StringIO()
        writer = csv.writer(to, delimiter=self._between, lineterminator="\r\n")
        # Most cells begin with a letter or a figure, which needs no closer look.
        writer.writerows(
            [[_harmless(cell) if cell and not cell[0].isalnum() else cell for cell in row] for row in rows]
        )
        return to.getvalue().encode()

    def _moment(self, moment: str) -> str:
        day = self._days.get(moment[:10])
        if day is None:
            day = self._days[moment[:10]] = _day(date.fromisoformat(moment[:10]), self._locale)
        return f"{day}{moment[10:]}"

    def _cell_of(self, service: CompiledService, name: str) -> Cell | None:
        question = service.form.questions.get(name)
        return self._cell(question) if question else None

    def _cell(self, question: CompiledQuestion) -> Cell:
        """How an answer of this question reads; what has no short way goes the way of the case's page."""
        short = _SHORT.get(question.kind.key)
        if short is not None:
            return short(question, self._language, self._locale)

        def whole(value: object) -> str:
            read = question.kind.from_json(question.definition, value)
            with translation.override(self._language):
                return "\n".join(
                    say(line) for line in question.kind.summary(question.definition, read, self._language)
                )

        return whole


def _as_it_is(question: CompiledQuestion, language: str, locale: Locale) -> Cell:
    return str


def _dates(question: CompiledQuestion, language: str, locale: Locale) -> Cell:
    # Its own memory of days, because to compare two locales takes longer than to write a day.
    told = lru_cache(maxsize=4096)(lambda day: _day(date.fromisoformat(day), locale))
    return lambda value: told(str(value))


def _yes_or_no(question: CompiledQuestion, language: str, locale: Locale) -> Cell:
    with translation.override(language):
        words = {True: _("Yes"), False: _("No")}
    return lambda value: words[bool(value)]


def _options(question: CompiledQuestion, language: str, locale: Locale) -> Cell:
    options = getattr(question.definition, "options", ())
    labels = {one.value: in_language(one.label, language) for one in options}

    def told(value: object) -> str:
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(one), str(one)) for one in chosen)

    return told


def _addresses(question: CompiledQuestion, language: str, locale: Locale) -> Cell:
    def told(value: object) -> str:
        return ", ".join(str(part) for part in value.values() if part) if isinstance(value, dict) else ""

    return told


def _contacts(question: CompiledQuestion, language: str, locale: Locale) -> Cell:
    return lambda value: str(value["address"]) if isinstance(value, dict) else ""


_SHORT: Mapping[str, Callable[[CompiledQuestion, str, Locale], Cell]] = {
    "text": _as_it_is,
    "long_text": _as_it_is,
    "name": _as_it_is,
    "email": _as_it_is,
    "phone": _as_it_is,
    "whole_number": _as_it_is,
    "date": _dates,
    "yes_no": _yes_or_no,
    "declaration": _yes_or_no,
    "choice": _options,
    "choices": _options,
    "address": _addresses,
    "contact": _contacts,
}


def _harmless(cell: str) -> str:
    """Excel shows the apostrophe to nobody who types, and reckons nothing that begins with one."""
    return f"'{cell}" if _RECKONED.match(cell) else cell


def _locale(language: str, country: str) -> Locale:
    try:
        return Locale(language, country or None)
    except UnknownLocaleError:
        return Locale.parse(language)


def _day(day: date, locale: Locale) -> str:
    return str(format_skeleton("yMMdd", day, locale=locale))
