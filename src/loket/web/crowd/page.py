"""What whoever waits sees: a tiny page, kept as bytes for each language and length of wait.

Its style is inside it, allowed by its hash: nobody who waits should cost another request. It comes again by
itself through a header, and by a button that needs no script.
"""

import base64
import hashlib
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from html import escape

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from loket.kernel.text import in_language
from loket.web.policy import HEADERS
from loket.web.words import direction

_STYLE = (
    "body{margin:0;font:19px/1.5 system-ui,sans-serif;color:#0b0c0c;background:#fff}"
    "header{background:#134e4a;color:#fff;font-weight:600}"
    "header p,main{max-width:34em;margin:0 auto;padding:12px 16px}"
    "main{padding-block:24px}"
    "h1{font-size:28px;line-height:1.2;margin:0 0 16px}"
    "main p{margin:0 0 16px}"
    "button,a.again{font:inherit;font-weight:600;display:inline-block;color:#fff;background:#0b5351;border:0;"
    "border-radius:4px;padding:10px 20px;min-height:44px;box-sizing:border-box;"
    "text-decoration:none;cursor:pointer}"
    "button:focus,a.again:focus{outline:3px solid #0b0c0c;outline-offset:3px}"
)
_POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = tuple((HEADERS | {"Content-Security-Policy": _POLICY}).items())
_FIELDS = b"<!--fields-->"


class Why(Enum):
    """`PLACE`: a newcomer in the queue. `BUSY`: somebody in the middle of something. `SENT`: what they sent
    waits in the page. `LOST`: it was too large for that, or held files alone."""

    PLACE = "place"
    BUSY = "busy"
    SENT = "sent"
    LOST = "lost"


def waiting(
    language: str, why: Why, seconds: float, fields: Sequence[tuple[str, str]] = (), *, files: bool = False
) -> bytes:
    """The page. `fields` are carried on in its form; `files` says that those must be chosen again."""
    return _carrying(_page(language, why, _minutes(seconds), files), fields)


def told(language: str, title: str, paragraphs: Sequence[str], fields: Sequence[tuple[str, str]]) -> bytes:
    """A page of the same kind that says something else, in a language that is switched on."""
    return _carrying(_written(language, title, paragraphs, _sending() if fields else ""), fields)


def _carrying(page: bytes, fields: Sequence[tuple[str, str]]) -> bytes:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields
    )
    return page.replace(_FIELDS, hidden.encode(), 1)


def _minutes(seconds: float) -> int:
    """Rounded up, ever more roughly: few pages are kept, and nobody is promised what can't be known."""
    minutes = int(seconds // 60) + 1 if seconds >= 45 else 0
    steps = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60)
    return next((step for step in steps if minutes <= step), 61)


@lru_cache(maxsize=512)
def _page(language: str, why: Why, minutes: int, files: bool) -> bytes:
    with override(language):
        title, paragraphs = _words(why, minutes, files)
        # Whoever lost something goes back to it: to look here again would be to give it up.
        return _written(
            language, title, paragraphs, {Why.SENT: _sending(), Why.LOST: ""}.get(why, _looking())
        )


def _looking() -> str:
    return f'<p><a class="again" href="">{escape(_("Look again now"))}</a></p>'


def _sending() -> str:
    return f'<form method="post">{_FIELDS.decode()}<button>{escape(_("Send again"))}</button></form>'


def _written(language: str, title: str, paragraphs: Sequence[str], again: str) -> bytes:
    said = "".join(f"<p>{escape(words)}</p>" for words in paragraphs)
    place = in_language(settings.PLACE_NAME, language)
    whose = escape(" · ".join(part for part in (settings.SITE_NAME, place) if part))
    return (
        f'<!DOCTYPE html><html lang="{language}" dir="{direction(language)}"><head><meta charset="utf-8">'
        f"<title>{escape(title)} – {escape(settings.SITE_NAME)}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><style>{_STYLE}</style></head>'
        f"<body><header><p>{whose}</p></header><main><h1>{escape(title)}</h1>{said}{again}</main></body></html>"
    ).encode()


def _words(why: Why, minutes: int, files: bool) -> tuple[str, list[str]]:
    if why is Why.PLACE:
        return _("You have a place in the queue"), [
            _("Very many people are here at the moment. You come in as soon as there is room, in the order "
              "in which people came."),
            _how_long(minutes),
            _("Keep this page open: it looks again by itself and you keep your place. Nobody has to hurry."),
        ]  # fmt: skip
    if why is Why.BUSY:
        return _("One moment, please"), [
            _("Very many people are here at the moment, and this page has to wait a few seconds."),
            _("Nothing you saved or sent is lost. This page looks again by itself."),
        ]
    if why is Why.SENT:
        said = [
            _("Very many people are here at the moment, so we could not take in what you sent just now."),
            _("Nothing you typed is lost: it is kept in this page. Please wait a few seconds, then send it "
              "again."),
        ]  # fmt: skip
        if files:
            said.append(_("Only the files have to be chosen again, on the page that comes then."))
        return _("Please send it again"), said
    return _("Please send it again"), [
        _("Very many people are here at the moment, so we could not take in what you sent just now."),
        _("It was too large to keep in this page. Wait a few seconds, go back in your browser and send it "
          "once more. What you saved before is safe."),
    ]  # fmt: skip


def _how_long(minutes: int) -> str:
    if minutes == 0:
        return _("It will probably be your turn in less than a minute.")
    if minutes > 60:
        return _("It will probably take more than an hour. You may also come another day.")
    return ngettext(
        "It will probably be your turn in about %(minutes)d minute.",
        "It will probably be your turn in about %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}
