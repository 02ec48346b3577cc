"""README.md and docs/architecture.md speak of what is there."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
FLOORS = ARCHITECTURE.split("\n## Floors\n")[1].split("\n## ")[0]
DEPENDENCIES = ARCHITECTURE.split("\n## Dependencies\n")[1]


def named(text: str) -> set[str]:
    """What stands in back quotes."""
    return set(re.findall(r"`([^`]+)`", text))


def asked_for(file: str) -> set[str]:
    lines = (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines()
    return {re.split(r"[\[<>=!~ ]", line)[0] for line in lines if line and not line.startswith(("-", "#"))}


def contexts() -> set[str]:
    return {folder.name for folder in (ROOT / "src" / "loket").iterdir() if any(folder.glob("*.py"))}


def floors() -> list[set[str]]:
    """The contexts of each row of the table of floors, from the top."""
    rows = [row.split("|")[2] for row in FLOORS.splitlines() if row.startswith("| ")]
    return [found for found in map(named, rows) if found]


def test_every_context_has_a_floor_and_a_place_in_the_readme() -> None:
    on_floors = [name for row in floors() for name in row]
    assert len(on_floors) == len(set(on_floors))
    assert contexts() - set(on_floors) == set()
    assert contexts() - set(re.findall(r"`(?:src/loket/)?(\w+)/`", README)) == set()


def test_the_floors_are_those_that_are_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "floors")
    checked = [set(re.findall(r"\w+", layer)) for layer in layers]
    # Every row is part of one floor that is checked, and the rows come in that order.
    positions = [[at for at, layer in enumerate(checked) if row <= layer] for row in floors()]
    assert positions
    assert all(len(found) == 1 for found in positions)
    assert [found[0] for found in positions] == sorted(found[0] for found in positions)


@pytest.mark.parametrize("file", ["build.in", "runtime.in", "dev.in", "node.in"])
def test_every_dependency_has_a_reason(file: str) -> None:
    assert asked_for(file) - named(DEPENDENCIES) == set()


def test_every_package_of_the_front_end_has_a_reason() -> None:
    package = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    assert {*package["dependencies"], *package["devDependencies"]} - named(DEPENDENCIES) == set()


def test_no_reason_is_given_for_what_is_gone() -> None:
    reasons = {row.split("`")[1] for row in DEPENDENCIES.splitlines() if row.startswith("| `")}
    assert reasons - asked_for("runtime.in") == set()


@pytest.mark.parametrize(
    "document", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name
)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []
