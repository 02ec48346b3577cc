"""Which letters the fonts have. A letter that none has would stop the whole document.

Such a letter is shown as �, and the document says so: nothing people wrote is lost in silence.
"""

import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont

BOX = "\N{REPLACEMENT CHARACTER}"
# Tabs and line ends are space; other control characters say nothing. Of the invisible ones, joiners and marks
# of direction shape words; overrides and embeddings could make a text read as another.
_SPACES = frozenset("\t\n\r\v\f\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}")
_KEPT_FORMATS = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\u200e\u200f")
_UNSAID = frozenset({"Cc", "Cf", "Cs"})
# Each has a shape in every font that Typst could be given, or none.
_ALWAYS = frozenset(" \n" + BOX)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text that can be set; `lost` where a letter of it had to give way to �."""

    text: str
    lost: bool


def fitted(text: str, letters: frozenset[int]) -> Fitted:
    """Normalised (NFC), without control characters, and with that sign for what is not among `letters`."""
    whole = unicodedata.normalize("NFC", text)
    if _plain(letters).issuperset(whole):
        # Nearly every text there is; looking letter by letter was a fifth of making a document.
        return Fitted(whole, lost=False)
    shown, lost = [], False
    for letter in whole:
        if letter in _SPACES:
            shown.append("\n" if letter == "\n" else " ")
        elif unicodedata.category(letter) in _UNSAID and letter not in _KEPT_FORMATS:
            continue
        elif letter in _ALWAYS or ord(letter) in letters:
            shown.append(letter)
        elif letter not in _KEPT_FORMATS:
            shown.append(BOX)
            lost = True
    return Fitted("".join(shown), lost)


@functools.lru_cache(maxsize=4)
def _plain(letters: frozenset[int]) -> frozenset[str]:
    """What stays as it is in any text."""
    said = frozenset(chr(letter) for letter in letters)
    unsaid = {letter for letter in said if unicodedata.category(letter) in _UNSAID} - _KEPT_FORMATS
    return (said - unsaid - _SPACES) | _ALWAYS


def fitted_data(data: Mapping[str, object], letters: frozenset[int]) -> tuple[dict[str, object], bool]:
    """The same for every text in a document's data, at any depth; whether any letter was lost."""
    lost = False

    def walk(value: object) -> object:
        nonlocal lost
        if isinstance(value, str):
            found = fitted(value, letters)
            lost = lost or found.lost
            return found.text
        if isinstance(value, Mapping):
            return {str(name): walk(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [walk(part) for part in value]
        return value

    return {name: walk(part) for name, part in data.items()}, lost


@functools.lru_cache(maxsize=2)
def letters_in(folder: Path) -> frozenset[int]:
    """The letters that the upright fonts there have; the others of a family have the same or give way."""
    found: set[int] = set()
    for file in sorted(folder.glob("*_400Regular.ttf")):
        with TTFont(file, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)
