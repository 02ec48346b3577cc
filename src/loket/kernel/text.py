"""Texts: what packs say in several languages, and what the interface says through gettext."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

Language = NewType("Language", str)
LANGUAGES: tuple[Language, ...] = (Language("en"), Language("id"), Language("sw"))
FALLBACK = Language("en")


def in_language(text: Mapping[str, str], language: str) -> str:
    """The text in `language`; failing that in English, then in whatever language there is, else empty."""
    return text.get(language) or text.get(FALLBACK) or next(iter(text.values()), "")


@dataclass(frozen=True, slots=True)
class Message:
    """An interface sentence still to be translated: a gettext id with %-style named parameters.

    Pure code returns these; faces translate. `with_params` fills a template without touching it.
    """

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def with_params(self, **params: object) -> "Message":
        return Message(self.msgid, {**self.params, **params})


def marked(msgid: str) -> str:
    """Marks a sentence for extraction by gettext and returns it untouched."""
    return msgid
