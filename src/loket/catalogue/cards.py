"""What lists of services need of a pack, kept beside the version."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict

from loket.catalogue.service import Service


class Card(BaseModel):
    """Parsed back from the version's row; unknown keys of newer cards are ignored."""

    model_config = ConfigDict(frozen=True)

    title: Mapping[str, str]
    summary: Mapping[str, str]
    keywords: Mapping[str, tuple[str, ...]]
    life_events: tuple[str, ...]
    languages: tuple[str, ...]
    takes_minutes: int

    @classmethod
    def of(cls, service: Service) -> Self:
        return cls(
            title=service.title,
            summary=service.summary,
            keywords=service.keywords,
            life_events=service.life_events,
            languages=service.languages,
            takes_minutes=service.takes_minutes,
        )
