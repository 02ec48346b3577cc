"""An agency's colours as a style sheet of custom properties. Pure.

An agency gives one colour and what is written on it; the rest follows from it, each checked to be legible
(WCAG 2.2: 4.5 to 1). The address of the sheet holds the colours and a hash of the outcome, so that any
process can serve it, browsers keep it for ever, and a new way of deriving gives a new address.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

LEGIBLE = 4.5
PAPER = "#fffdf9"
SAND = "#f2ebdf"
INK = "#1c2422"
WHITE = "#ffffff"
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class ColourProblem(ValueError):
    """A colour is not `#rrggbb` in lower case."""


@dataclass(frozen=True, slots=True)
class Palette:
    """An agency's colours, each `#rrggbb`. `on_brand` is legible on `brand` and `strong`, `link` on paper."""

    brand: str
    on_brand: str
    strong: str
    link: str
    tint: str


@lru_cache(maxsize=256)
def palette(brand: str, on_brand: str = WHITE) -> Palette:
    """Derives the palette. A wish that can't be read is mended: the colour is darkened (or lightened)
    until it can.

    Raises ColourProblem.
    """
    channels(on_brand)
    tint = _mixed(brand, PAPER, 0.09)
    if contrast(brand, on_brand) < LEGIBLE:
        on_brand = max((WHITE, INK), key=lambda colour: contrast(brand, colour))
    # Away from what is written on it, so that hovering only makes it clearer.
    away = "#000000" if _luminance(on_brand) > _luminance(brand) else WHITE
    base = _until_legible(brand, on_brand, away)
    strong = _mixed(base, away, 0.72)
    link = brand
    for paper in (SAND, tint, PAPER, WHITE):
        link = _until_legible(link, paper, "#000000")
    return Palette(base, on_brand, strong, link, tint)


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio, from 1 to 21. Raises ColourProblem."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def sheet(colours: Palette) -> str:
    return (
        f":root{{--loket-brand:{colours.brand};--loket-on-brand:{colours.on_brand};"
        f"--loket-brand-strong:{colours.strong};--loket-link:{colours.link};--loket-tint:{colours.tint}}}"
    )


def sheet_name(brand: str, on_brand: str) -> str:
    """The last part of the sheet's address, without `.css`. Raises ColourProblem."""
    return f"{brand[1:]}-{on_brand[1:]}-{short_hash(sheet(palette(brand, on_brand)))}"


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue from 0 to 255. Raises ColourProblem."""
    if not _COLOUR.fullmatch(colour):
        raise ColourProblem(colour)
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(channel) for channel in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: str, other: str, share: float) -> str:
    """`share` of `colour`, the rest of `other`."""
    mixed = (
        round(one * share + two * (1 - share))
        for one, two in zip(channels(colour), channels(other), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _until_legible(colour: str, on: str, towards: str) -> str:
    while contrast(colour, on) < LEGIBLE and colour != towards:
        nearer = _mixed(colour, towards, 0.92)
        # Rounding can stand still just short of the end.
        colour = towards if nearer == colour else nearer
    return colour
