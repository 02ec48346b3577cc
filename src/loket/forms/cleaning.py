"""What people type, made safe to keep: the one place where that is decided.

Kept as typed: every script, emoji, combining letters, joiners, and the marks that name a direction.
Taken away: control characters, byte-order marks, and the embeddings and overrides that make text read
differently from what it is. Refused: what isn't text at all.
"""

import unicodedata
from collections.abc import Iterable

import re2

from loket.forms.types import Problem, Raw
from loket.kernel.text import Message, marked

UNREADABLE = Message(
    marked("Some of the letters you entered can’t be read. Delete them and type your answer again")
)
TOO_LONG = Message(marked("Your answer must be %(limit)s characters or fewer. You entered %(count)s"))

_LINE_ENDS = re2.compile("\r\n|[\r\u0085\u2028\u2029\v\f]")
_TAKEN_AWAY = re2.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\x{202A}-\x{202E}\x{2066}-\x{2069}\x{FEFF}\x{FFF9}-\x{FFFB}]"
)
# Unicode's own limit for text that can be handled in a stream (UAX 15) is 30 marks on one letter.
_PILED_MARKS = re2.compile(r"\pM{31}")
_SPACES = re2.compile(r"[\s\x{A0}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}]+")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_BLANK_CATEGORIES = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
# NFC makes text at most this many times shorter, so anything longer is too long before the costly step.
_NFC_SHRINKS = 4


def clean(typed: str, *, limit: int, lines: bool = False) -> str | Problem:
    """The text to keep, at most `limit` characters, in NFC; "" where nothing visible was typed.

    With `lines`, line breaks stay (as `\\n`); otherwise any run of white space is one space.
    """
    if not is_text(typed):
        return Problem(UNREADABLE)
    if len(typed) > limit * _NFC_SHRINKS + 1_000:
        return _too_long(len(typed), limit)
    # Most of what is typed; nothing has to be taken away from it.
    plain = typed.isascii() and (typed.replace("\n", "") if lines else typed).isprintable()
    text = typed if plain else _TAKEN_AWAY.sub("", _LINE_ENDS.sub("\n", typed))
    if not text.isascii():
        if _PILED_MARKS.search(text):
            return Problem(UNREADABLE)
        text = unicodedata.normalize("NFC", text)
        # Some letters come apart into several marks, so what was below the limit may be above it now.
        if _PILED_MARKS.search(text):
            return Problem(UNREADABLE)
    text = _tidy_lines(text) if lines else _one_line(text)
    if _looks_blank(text):
        return ""
    return text if len(text) <= limit else _too_long(len(text), limit)


def is_text(typed: str) -> bool:
    """Whether the string can be stored as text at all: half of a surrogate pair can't."""
    try:
        typed.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def first(raw: Raw, part: str = "") -> str:
    """What was submitted for a part, the first where it came twice, "" where it didn't come."""
    values = raw.get(part, ())
    return values[0] if values else ""


def is_clean(text: str, *, limit: int, lines: bool = False) -> bool:
    """Whether `text` is what `clean` would give: what stored answers must be."""
    return clean(text, limit=limit, lines=lines) == text != ""


def ascii_digits(text: str) -> str:
    """The same with every decimal digit of any script as 0-9: ٢٠٢٦ is 2026."""
    return text if text.isascii() else "".join(_digit(letter) for letter in text)


def all_blank(raw: Raw, parts: Iterable[str]) -> bool:
    return all(_looks_blank(first(raw, part)) for part in parts)


def _digit(letter: str) -> str:
    number = unicodedata.decimal(letter, None)
    return letter if number is None else str(number)


def _one_line(text: str) -> str:
    # Python's own splitting knows the same spaces among ASCII characters.
    return " ".join(text.split()) if text.isascii() else _SPACES.sub(" ", text).strip()


def _tidy_lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _looks_blank(text: str) -> bool:
    return not text or all(
        letter in _BLANK or unicodedata.category(letter) in _BLANK_CATEGORIES for letter in text
    )


def _too_long(count: int, limit: int) -> Problem:
    return Problem(TOO_LONG.with_params(limit=limit, count=count))
