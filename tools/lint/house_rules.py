"""House rules that neither ruff nor import-linter can express for one package and not another.

Run: python -m tools.lint.house_rules [folder]    (the folder that holds pyproject.toml; by default this one)
"""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HTTP = ("django.http", "django.shortcuts", "django.views", "django.urls", "django.template.response")
_PRESENT = frozenset(
    {
        "loket.kernel.clock.now",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "datetime.date.today",
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
        "django.utils.timezone.now",
        "django.utils.timezone.localtime",
        "django.utils.timezone.localdate",
    }
)
# Names that say nothing: whatever lands there has a better home.
_EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"})


@dataclass(frozen=True, slots=True)
class Rules:
    """`[tool.loket.house]` of pyproject.toml."""

    data_only: frozenset[str]
    faces: frozenset[str]
    clocks: frozenset[str]
    longest_module: int
    longest_docstring: int

    @classmethod
    def of(cls, root: Path) -> "Rules":
        house = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["loket"]["house"]
        return cls(
            frozenset(house["data_only"]),
            frozenset(house["faces"]),
            frozenset(house["clocks"]),
            house["longest_module"],
            house["longest_docstring"],
        )


def violations(root: Path, rules: Rules) -> Iterator[str]:
    """What breaks a rule under `root`/src/loket, as `path:line: sentence`."""
    base = root / "src" / "loket"
    for path in sorted(base.rglob("*.py")):
        inner = path.relative_to(base)
        if "migrations" in inner.parts or len(inner.parts) == 1:
            continue
        shown = path.relative_to(root)
        source = path.read_text(encoding="utf-8")
        yield from (f"{shown}:{line}: {words}" for line, words in _in_module(inner, source, rules))


def _in_module(inner: Path, source: str, rules: Rules) -> Iterator[tuple[int, str]]:
    package, tree = inner.parts[0], ast.parse(source)
    if package in rules.data_only:
        yield 1, f"{package} holds data only; a rule belongs to the context that reads it"
    if (length := source.count("\n")) > rules.longest_module:
        yield length, f"{length} lines; at {rules.longest_module} a module is split"
    for name in (part.removesuffix(".py") for part in inner.parts):
        if name in _EMPTY_NAMES:
            yield 1, f"`{name}` says nothing; name what it holds"
    if inner.name == "__init__.py" and len(inner.parts) == 2:
        yield from _about_docstring(tree, rules)
    names = dict(_imported_names(tree))
    if package not in rules.faces:
        yield from _http(tree)
    if package not in rules.clocks and not _is_job(inner):
        yield from _clocks(tree, names)


def _is_job(inner: Path) -> bool:
    return "jobs" in (part.removesuffix(".py") for part in inner.parts[1:])


def _about_docstring(tree: ast.Module, rules: Rules) -> Iterator[tuple[int, str]]:
    words = ast.get_docstring(tree)
    if not words:
        yield 1, "a context opens by saying what it owns and what it refuses"
    elif len(words.splitlines()) > rules.longest_docstring:
        yield 1, f"what a context owns and refuses fits in {rules.longest_docstring} lines"


def _http(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        for name in _modules_named(node):
            if name in _HTTP or name.startswith(tuple(f"{module}." for module in _HTTP)):
                yield node.lineno, f"only a face speaks HTTP; {name} has no place here"  # type: ignore[attr-defined]


def _modules_named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        if node.module in _HTTP:
            return [node.module]
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _clocks(tree: ast.Module, names: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name):
            continue
        if (full := _full_name(node, names)) in _PRESENT:
            yield node.lineno, f"a context is given `now`; it does not ask {full}"


def _imported_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each name that an import binds, with the dotted name of what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _full_name(node: Any, names: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        inner = _full_name(node.value, names)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def main(arguments: list[str]) -> int:
    root = Path(arguments[0] if arguments else ".").resolve()
    found = list(violations(root, Rules.of(root)))
    print("\n".join(found) if found else "House rules: kept.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
