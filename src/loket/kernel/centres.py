"""Places where people are served at a counter."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loket.kernel.opening import OpeningHours
from loket.kernel.text import in_language


@dataclass(frozen=True, slots=True)
class Centre:
    """A counter that people can go to. `key` stays for ever, also of one that has closed (not `active`).

    `region` groups centres where there are many; `address` is fit to print, its parts after commas.
    """

    key: str
    names: Mapping[str, str]
    address: str
    phone: str = ""
    region: Mapping[str, str] = field(default_factory=dict)
    hours: OpeningHours = field(default_factory=OpeningHours)
    active: bool = True

    def name(self, language: str) -> str:
        return in_language(self.names, language)


def centre_of(key: str, centres: tuple[Centre, ...]) -> Centre | None:
    return next((centre for centre in centres if centre.key == key), None)
