"""The interface's texts: finds them, compiles their translations, checks that none is missing.

Run: python -m tools.texts extract | compile | check

A sentence belongs to the nearest folder above it with a `locale/` (a plug-in brings its own), else to its
package. English sentences are the ids; services' own texts are in their packs and none of this program's
business.
"""

import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).resolve().parent.parent / "src" / "loket"
LANGUAGES = ("id", "sw")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "marked": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_TEMPLATE_OPTIONS = {
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
    "newstyle_gettext": "true",
    "extensions": "jinja2.ext.do",
}
_METHODS = {".py": "python", ".html": "jinja2.ext:babel_extract", ".txt": "jinja2.ext:babel_extract"}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`msgid` is a pair where there is a plural."""

    msgid: str | tuple[str, ...]
    context: str | None
    file: Path
    line: int


def sentences(source: Path = SOURCE) -> Iterator[Sentence]:
    for file in sorted(source.rglob("*")):
        templates = file.suffix != ".py" and ("templates" in file.parts or file.name.endswith(".html"))
        if file.suffix not in _METHODS or not (templates or file.suffix == ".py"):
            continue
        options = {} if file.suffix == ".py" else _TEMPLATE_OPTIONS
        found = extract_from_file(_METHODS[file.suffix], file, keywords=KEYWORDS, options=options)
        for line, msgid, _comments, context in found:
            yield Sentence(msgid, context, file, line)


def owner(file: Path, source: Path = SOURCE) -> Path:
    """The folder whose `locale/` translates the file."""
    package = source / file.relative_to(source).parts[0]
    around = [folder for folder in file.parents if folder.is_relative_to(package)]
    return next((folder for folder in around if (folder / "locale").is_dir()), package)


def catalogue_file(folder: Path, language: str) -> Path:
    return folder / "locale" / language / "LC_MESSAGES" / "django.po"


def read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return Catalog(locale=language, domain="django", charset="utf-8")
    with file.open("rb") as stream:
        return read_po(stream, locale=language, domain="django")


def write(catalogue: Catalog, file: Path) -> None:
    """With the three header lines that programs need, and nobody's name."""
    body = io.BytesIO()
    write_po(body, catalogue, no_location=True, omit_header=True, sort_output=True, width=0)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(header.encode() + body.getvalue())


def extract(source: Path = SOURCE) -> None:
    """Adds new sentences to each owner's catalogues, to be translated, and drops those no longer said."""
    by_owner: dict[Path, list[Sentence]] = defaultdict(list)
    for sentence in sentences(source):
        by_owner[owner(sentence.file, source)].append(sentence)
    for folder, said in by_owner.items():
        for language in LANGUAGES:
            file = catalogue_file(folder, language)
            before = read(file, language)
            after = Catalog(locale=language, domain="django", charset="utf-8", fuzzy=False)
            for sentence in said:
                old = before.get(_plain(sentence.msgid), sentence.context)
                after.add(sentence.msgid, old.string if old else None, context=sentence.context)
            write(after, file)


def compile_all(source: Path = SOURCE) -> int:
    """Writes each `.mo` beside its `.po`; returns how many."""
    files = sorted(source.rglob("django.po"))
    for file in files:
        with file.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, read(file, file.parts[-3]))
    return len(files)


def problems(source: Path = SOURCE) -> Iterator[str]:
    """What keeps a reader of a language from understanding every sentence."""
    said = list(sentences(source))
    for language in LANGUAGES:
        catalogues: Mapping[Path, Catalog] = {
            file: read(file, language)
            for file in sorted(source.rglob("django.po"))
            if file.parts[-3] == language
        }
        for file, catalogue in catalogues.items():
            yield from _faults(catalogue, file.relative_to(source))
        yield from _in_two_ways(language, catalogues.values())
        for sentence in said:
            if not any(_translated(one, sentence) for one in catalogues.values()):
                where = f"{sentence.file.relative_to(source)}:{sentence.line}"
                yield f"{language}: not translated: {_plain(sentence.msgid)!r} ({where})"


def _in_two_ways(language: str, catalogues: Iterable[Catalog]) -> Iterator[str]:
    """Programs know one translation of a sentence: where catalogues differ, one of them wins everywhere."""
    first: dict[tuple[object, object], object] = {}
    for message in (message for catalogue in catalogues for message in catalogue if message.id):
        sentence = (message.context, message.id)
        if message.string and first.setdefault(sentence, message.string) != message.string:
            yield f"{language}: translated in two ways: {message.id!r}"


def _faults(catalogue: Catalog, file: Path) -> Iterator[str]:
    for message in catalogue:
        if not message.id or not message.string:
            continue
        if message.fuzzy:
            yield f"{file}: fuzzy: {message.id!r}"
        ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        wanted = {name for text in ids for name in _PLACEHOLDER.findall(text)}
        for text in strings:
            if set(_PLACEHOLDER.findall(text)) - wanted or wanted - set(_PLACEHOLDER.findall(text)) - {
                "count"
            }:
                yield f"{file}: other placeholders than in English: {text!r}"


def _translated(catalogue: Catalog, sentence: Sentence) -> bool:
    message = catalogue.get(_plain(sentence.msgid), sentence.context)
    if message is None or not message.string:
        return False
    return all(message.string) if isinstance(message.string, list | tuple) else True


def _plain(msgid: str | tuple[str, ...]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def main(arguments: list[str]) -> int:
    if arguments == ["extract"]:
        extract()
        return 0
    if arguments == ["compile"]:
        print(f"{compile_all()} catalogues compiled")
        return 0
    if arguments == ["check"]:
        found = list(problems())
        for line in found:
            print(line)
        print(f"texts: {len(found)} problems" if found else "texts: every sentence is translated")
        return 1 if found else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
