"""One of the agency's centres, where something is brought to or picked up."""

import re
from collections.abc import Mapping
from typing import Literal

from loket.forms.cleaning import first
from loket.forms.plain import StringKind
from loket.forms.question import Question
from loket.forms.types import JsonValue, ParseContext, Problem, Raw
from loket.kernel.centres import Centre, centre_of
from loket.kernel.text import Message, in_language, marked

UNKNOWN = Message(marked("Choose one of the places shown"))
CLOSED = Message(marked("%(centre)s has closed. Choose another place."))

_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 60


class CentreQuestion(Question):
    kind: Literal["centre"]


class CentreKind(StringKind[CentreQuestion]):
    """The answer is the centre's key; its name and address are read when they are shown, for they change."""

    key = "centre"
    settings = CentreQuestion
    missing = Message(marked("Choose a place for “%(question)s”"))

    def parse(self, question: CentreQuestion, raw: Raw, context: ParseContext) -> str | Problem | None:
        chosen = first(raw)
        if not chosen:
            return None
        centre = centre_of(chosen, context.centres)
        if centre is None:
            return Problem(UNKNOWN)
        return chosen if centre.active else _closed(centre, context.language)

    def summary_among(
        self, question: CentreQuestion, value: str, language: str, centres: tuple[Centre, ...]
    ) -> tuple[str | Message, ...]:
        centre = centre_of(value, centres)
        return (value,) if centre is None else (in_language(centre.names, language), centre.address)

    def lapsed(
        self, question: CentreQuestion, value: str, language: str, centres: tuple[Centre, ...]
    ) -> Problem | None:
        centre = centre_of(value, centres)
        if centre is None:
            return Problem(UNKNOWN)
        return None if centre.active else _closed(centre, language)

    def allows(self, question: CentreQuestion, text: str) -> bool:
        return len(text) <= _LONGEST and _KEY.fullmatch(text) is not None

    def json_schema(self, question: CentreQuestion) -> Mapping[str, JsonValue]:
        return {"type": "string", "pattern": f"^{_KEY.pattern}$", "maxLength": _LONGEST}


def _closed(centre: Centre, language: str) -> Problem:
    return Problem(CLOSED.with_params(centre=in_language(centre.names, language)))


kind = CentreKind()
