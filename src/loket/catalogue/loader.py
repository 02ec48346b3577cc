"""From a pack's text to a Service, or to findings that say where and how to mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from loket.catalogue import reading
from loket.catalogue.reading import Located, Path, Place, Unreadable
from loket.catalogue.sentences import real_path, sentence
from loket.catalogue.service import Service
from loket.catalogue.types import Finding, Level

PACK_FILE = "service.yaml"
_TOP = Place(1, 1)
_MOST_TEMPLATES = 20
_LARGEST_TEMPLATE = 200_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came out of a file: a service and no findings, or findings and no service.

    `located` is there whenever the text was YAML; lint turns paths into places with `place`.
    """

    file: str
    source: str
    service: Service | None
    findings: tuple[Finding, ...]
    located: Located | None = None
    # Typst texts by file name, from the same folder.
    templates: Mapping[str, str] = field(default_factory=dict)

    def place(self, path: Path, *, of_key: bool = False) -> Place:
        """Where the value (or its key) at `path` stands, or the nearest thing around it that exists."""
        if self.located is None:
            return _TOP
        for length in range(len(path), -1, -1):
            entry = self.located.entries.get(path[:length])
            if entry is not None:
                # Around something that isn't there, its owner's name is where to look.
                return entry.key if of_key or length < len(path) else entry.value
        return _TOP

    def place_within(self, path: Path, line: int, column: int) -> Place:
        """The place of a character inside the text at `path`: its line and column, counted from 1."""
        entry = self.located.entries.get(path) if self.located is not None else None
        if entry is None or self.located is None:
            return self.place(path)
        start = entry.value
        if entry.style in {"'", '"'} and line == 1:
            return Place(start.line, start.column + column)
        if entry.style == "|":
            # The text begins below the mark, indented by its own first line.
            at = start.line + line
            text = self.located.lines[at - 1] if at <= len(self.located.lines) else ""
            return Place(at, len(text) - len(text.lstrip(" ")) + column)
        return Place(start.line, start.column + column - 1) if not entry.style and line == 1 else start

    def finding(self, level: Level, code: str, message: str, place: Place) -> Finding:
        return Finding(self.file, place.line, place.column, level, code, message)


def load(path: FilePath) -> Loaded:
    """The service in a file, or in a folder's `service.yaml`. Never raises for what the file says.

    Raises OSError where there is no such file.
    """
    file = path / PACK_FILE if path.is_dir() else path
    # One byte more than is read anyway shows that there is more, without reading all of it.
    with file.open("rb") as stream:
        content = stream.read(reading.MOST_BYTES + 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = Place(before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        return _unreadable(str(file), "", Unreadable("encoding", "The file is not UTF-8 text.", place))
    return load_text(text, str(file), _templates_beside(file))


def load_text(text: str, file: str = PACK_FILE, templates: Mapping[str, str] | None = None) -> Loaded:
    """The service in `text`; `file` only names it in findings. `templates` are Typst texts by name."""
    return replace(_loaded(text, file), templates=templates or {})


def _templates_beside(file: FilePath) -> Mapping[str, str]:
    """The templates of documents in a pack's folder. Too many or too large ones are left out, and missed."""
    if file.name != PACK_FILE:
        return {}
    found = {}
    for template in sorted(file.parent.glob("*.typ"))[:_MOST_TEMPLATES]:
        if template.is_file() and not template.is_symlink() and template.stat().st_size <= _LARGEST_TEMPLATE:
            found[template.name] = normalised(template.read_text(encoding="utf-8", errors="replace"))
    return found


def _loaded(text: str, file: str) -> Loaded:
    source = normalised(text)
    try:
        located = reading.read(source)
    except Unreadable as problem:
        return _unreadable(file, source, problem)
    blank = Loaded(file, source, None, (), located)
    try:
        service = Service.model_validate(located.data)
    except ValidationError as error:
        found = {_finding(blank, located, detail) for detail in _telling(error)}
        return Loaded(file, source, None, tuple(sorted(found)), located)
    return Loaded(file, source, service, (), located)


def normalised(text: str) -> str:
    """The text with one kind of line end, so that its hash doesn't depend on who saved it."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _telling(error: ValidationError) -> list[ErrorDetails]:
    """Without the complaint that a list is empty when only its items were wrong."""
    details = error.errors(include_url=False)
    locations = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(
            len(loc) > len(detail["loc"]) and loc[: len(detail["loc"])] == detail["loc"] for loc in locations
        )
    ]


def _finding(loaded: Loaded, located: Located, detail: ErrorDetails) -> Finding:
    path = real_path(located.data, detail["loc"])
    about_key = detail["type"] in {"missing", "extra_forbidden", "union_tag_not_found"} or (
        bool(detail["loc"]) and detail["loc"][-1] == "[key]"
    )
    place = loaded.place(path, of_key=about_key)
    return loaded.finding(Level.ERROR, detail["type"].replace("_", "-"), sentence(detail), place)


def _unreadable(file: str, source: str, problem: Unreadable) -> Loaded:
    place = problem.place
    finding = Finding(file, place.line, place.column, Level.ERROR, problem.code, str(problem))
    return Loaded(file, source, None, (finding,))
