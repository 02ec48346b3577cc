"""From a letter or a certificate to what a template is given, and to the PDF."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from loket.documents.coverage import BOX, fitted_data, letters_in
from loket.documents.press.client import FONTS, PRESS, TypesettingRefused
from loket.documents.types import Answers, Block, Letter, Row, Rows
from loket.identity.types import AgencyView

_TEMPLATES = Path(__file__).resolve().parent / "templates"
# What Typst says where a font has the letters but not together, such as a mark on a foreign base.
_UNSHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')
_TRIES = 6


def letter(given: Letter) -> bytes:
    data: dict[str, object] = {
        **around(given.agency, given.language),
        "title": given.title,
        "about": given.about,
        "outcome": given.outcome,
        "facts": _rows(given.facts),
        "blocks": [_block(block) for block in given.blocks],
        "words": {"logo": _mark(given.language)},
    }
    fill = partial(PRESS.fill, "letter")
    return _shown(fill, data, drawings(given.agency), given.made_at)


def around(agency: AgencyView, language: str) -> dict[str, object]:
    """What every template is told: whose paper it is, and in which language."""
    contact = agency.contact
    return {
        "language": language,
        "agency": agency.name(language),
        "contact": [line for line in (*contact.address.splitlines(), contact.phone, contact.email) if line],
        "brand": agency.theme.brand_colour,
    }


def drawings(agency: AgencyView) -> dict[str, str]:
    return {"logo": agency.theme.logo_svg} if agency.theme.logo_svg else {}


def typeset(template: str, data: Mapping[str, object], images: Mapping[str, str], at: datetime) -> bytes:
    """The PDF. `images` are SVG texts, set as they are. Refuses TypesettingRefused and its kinds."""
    return _shown(partial(PRESS.typeset, template), data, images, at)


@lru_cache(maxsize=8)
def own_template(name: str) -> str:
    return (_TEMPLATES / f"{name}.typ").read_text(encoding="utf-8")


def _shown(
    press: Callable[[Mapping[str, object], datetime], bytes],
    data: Mapping[str, object],
    images: Mapping[str, str],
    at: datetime,
) -> bytes:
    shown, lost = fitted_data(data, letters_in(FONTS))
    pictures = dict(images)
    for _left in range(_TRIES):
        shown |= {"note": _note(str(data["language"])) if lost else "", "images": pictures}
        try:
            return press(shown, at)
        except TypesettingRefused as refused:
            unshown = _UNSHOWN.search(refused.words)
            if unshown is not None:
                shown, lost = _boxed(shown, unshown.group(1)), True
            elif "logo" in pictures and type(refused) is TypesettingRefused:
                # A logo that can't be drawn must not keep people from their papers.
                del pictures["logo"]
            else:
                raise
    raise TypesettingRefused("its letters can't be shown with our fonts")


def _note(language: str) -> str:
    with translation.override(language):
        return _("The sign %(box)s stands for a letter that this document can’t show.") % {"box": BOX}


def _mark(language: str) -> str:
    with translation.override(language):
        return _("Mark of the agency")


def _boxed(data: Mapping[str, object], letters: str) -> dict[str, object]:
    return fitted_data(data, letters_in(FONTS) - {ord(letter) for letter in letters})[0]


def _block(block: Block) -> dict[str, object]:
    told = {"kind": type(block).__name__.lower()} | {
        one.name: getattr(block, one.name) for one in fields(block)
    }
    if isinstance(block, Answers | Rows):
        told["rows"] = _rows(block.rows)
    return told


def _rows(rows: Iterable[Row]) -> list[dict[str, object]]:
    # Not `asdict`, which copies every text it comes upon.
    return [{"label": row.label, "lines": row.lines} for row in rows]
