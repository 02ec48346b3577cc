"""All the texts of a pack, wherever they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from loket.catalogue.reading import Path
from loket.catalogue.service import Service

# An effect's argument may look like a text: {tell: police}; so may the outputs of a rule: {share: "1"}.
_FOR_MACHINES = frozenset({"effects", "gives"})


@dataclass(frozen=True, slots=True)
class Text:
    """A text in its languages and where it stands."""

    path: Path
    words: Mapping[str, str]

    @property
    def name(self) -> str:
        return str(next((part for part in reversed(self.path) if isinstance(part, str)), ""))


def texts(service: Service) -> Iterator[Text]:
    """Every text people read: a mapping whose values are all strings is one."""
    yield from _below(service, ())


def _below(value: object, path: Path) -> Iterator[Text]:
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            if name in _FOR_MACHINES:
                continue
            yield from _below(getattr(value, name), (*path, info.alias or name))
    elif isinstance(value, Mapping):
        if value and all(isinstance(words, str) for words in value.values()):
            yield Text(path, dict(value))
        else:
            for key, item in value.items():
                yield from _below(item, (*path, str(key)))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _below(item, (*path, index))
