"""What gettext would find in the forms package, and what its translations hold."""

from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

FORMS = Path(__file__).resolve().parents[2] / "src" / "loket" / "forms"
KIND_FOLDERS = tuple(sorted(path.parent for path in (FORMS / "kinds").glob("*/kind.py")))
TRANSLATED = ("id", "sw")


def registered(paths: Iterable[Path]) -> frozenset[str]:
    """The msgids marked in Python modules and templates."""
    found: set[str] = set()
    for path in paths:
        method = babel_extract if path.suffix == ".html" else "python"
        options = {"extensions": "jinja2.ext.i18n"} if path.suffix == ".html" else {}
        keywords = {"_": None, "marked": None}
        entries = extract_from_file(method, str(path), keywords=keywords, options=options)  # type: ignore[arg-type]
        found |= {message for _, message, _, _ in entries if isinstance(message, str)}
    return frozenset(found)


def catalogue(folder: Path, language: str) -> Catalog:
    path = folder / "locale" / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def shared_sources() -> tuple[Path, ...]:
    return (*sorted(FORMS.glob("*.py")), FORMS / "kinds" / "wiring.html")


def own_sources(folder: Path) -> tuple[Path, ...]:
    return (*sorted(folder.glob("*.py")), *sorted(folder.glob("*.html")))
