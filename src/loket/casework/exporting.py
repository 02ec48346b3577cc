"""Cases as the rows of a table that Excel opens, from what is stored to what is read, one case at a time."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from io import StringIO
from zoneinfo import ZoneInfo

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
        zone: ZoneInfo,
        outcomes: Mapping[str, str],
    ) -> None:
        self._language, self._zone, self._outcomes = language, zone, outcomes
        self._locale = _locale(language, country)
        self._between = ";" if get_decimal_symbol(self._locale) == "," else ","
        self._questions: dict[str, CompiledQuestion] = {}
        # The newest version's wording and order come first.
        for service in sorted(versions, key=lambda one: -one.version_id):
            for name, question in service.form.questions.items():
                if question.kind.asks:
                    self._questions.setdefault(name, question)
        self._cells = {
            service.version_id: {name: self._cell(one) for name, one in service.form.questions.items()}
            for service in versions
        }
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
        opened_at: datetime,
        due_at: datetime,
        closed_at: datetime | None,
        language: str,
        answers: Mapping[str, object],
    ) -> tuple[str, ...]:
        """`answers` as they are stored."""
        cells = self._cells[version_id]
        told = []
        for name in self._questions:
            value = answers.get(name)
            told.append("" if value is None or name not in cells else cells[name](value))
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
        writer.writerows([[_harmless(cell) for cell in row] for row in rows])
        return to.getvalue().encode()

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self._zone)
        return f"{_day(local.date(), self._locale)} {_time(local.hour, local.minute, self._locale)}"

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
    return lambda value: _day(date.fromisoformat(str(value)), locale)


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
    return f"'{cell}" if cell and _RECKONED.match(cell) else cell


def _locale(language: str, country: str) -> Locale:
    try:
        return Locale(language, country or None)
    except UnknownLocaleError:
        return Locale.parse(language)


@lru_cache(maxsize=4096)
def _day(day: date, locale: Locale) -> str:
    return str(format_skeleton("yMMdd", day, locale=locale))


@lru_cache(maxsize=1440)
def _time(hour: int, minute: int, locale: Locale) -> str:
    return f"{hour:02d}:{minute:02d}"
