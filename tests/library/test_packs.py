"""Every ready-made service, read by the catalogue and once more by a walk of our own over its texts."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import loket
from loket.catalogue.lint import errors, lint
from loket.catalogue.loader import load
from loket.catalogue.types import Level
from loket.forms.compiled import compile_form
from loket.kernel.text import LANGUAGES

LIBRARY = Path(loket.__file__).parent / "library"
PACKS = sorted(LIBRARY.iterdir())
every_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)

# Judged by a person: the registry works by name, so its list has to show it.
ACCEPTED = {("change-of-address", "personal-display")}


def complaints(pack: Path) -> list[str]:
    """What is wrong with a pack: errors, warnings nobody accepted, another key, untranslated texts."""
    loaded = load(pack)
    found = lint(loaded)
    said = [str(finding) for finding in errors(found)]
    said += [
        str(finding)
        for finding in found
        if finding.level is Level.WARNING and (pack.name, finding.code) not in ACCEPTED
    ]
    if loaded.service is not None and loaded.service.key != pack.name:
        said.append(f"the key {loaded.service.key} is not the folder's name")
    return said + [f"{path} is not in every language" for path in _untranslated(_data(pack))]


def _data(pack: Path) -> object:
    return YAML(typ="safe").load(pack / "service.yaml")


def _untranslated(data: object, path: str = "") -> Iterator[str]:
    """Whatever has an English text must have the same in each other language, and nothing else beside."""
    if isinstance(data, Mapping):
        if "en" in data and (set(data) != set(LANGUAGES) or not all(data.values())):
            yield path
        for key, value in data.items():
            yield from _untranslated(value, f"{path}.{key}")
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _untranslated(value, f"{path}[{index}]")


def test_a_folder_of_the_library_holds_a_service_only() -> None:
    assert PACKS
    assert all((pack / "service.yaml").is_file() for pack in PACKS)
    assert not list(LIBRARY.rglob("*.py"))


@every_pack
def test_a_pack_is_sound(pack: Path) -> None:
    assert complaints(pack) == []


@every_pack
def test_a_pack_is_offered_in_every_language_of_the_interface(pack: Path) -> None:
    service = load(pack).service
    assert service is not None
    assert tuple(service.languages) == LANGUAGES
    assert set(service.keywords) == set(LANGUAGES)
    assert service.needs


@every_pack
def test_a_pack_asks_where_updates_go_and_whether_all_is_true(pack: Path) -> None:
    service = load(pack).service
    assert service is not None
    kinds = [question.kind.key for question in compile_form(service.form).questions.values()]
    assert "contact" in kinds
    assert kinds[-1] == "declaration"


@every_pack
def test_every_end_says_what_happens_next(pack: Path) -> None:
    service = load(pack).service
    assert service is not None
    ends = [stage for stage in service.workflow.stages.values() if stage.kind == "final"]
    assert ends
    assert all(stage.says for stage in ends)


@pytest.mark.parametrize(
    ("pack", "was", "becomes"),
    [
        ("change-of-address", "who_is_moving == ", "who_moves == "),
        ("change-of-address", "add_days(today(), 90)", 'add_days("today", 90)'),
        ("change-of-address", "sw: Nani anahama?", ""),
        ("change-of-address", "key: change-of-address", "key: another-address"),
        ("change-of-address", "kind: yes_no", "kind: yes_or_no"),
        ("change-of-address", "to: changed", "to: changd"),
        ("change-of-address", "life_events: [moving-house]", "life_events: [moving-hose]"),
        ("freedom-of-information-request", "returns_to: sort", "returns_to: sorted"),
        ("freedom-of-information-request", "urgent == true, to", "urgent == 1, to"),
        ("freedom-of-information-request", "on_timeout: {to: lapsed}", "on_timeout: {to: granted}"),
    ],
)  # fmt: skip
def test_a_spoiled_copy_is_caught(tmp_path: Path, pack: str, was: str, becomes: str) -> None:
    copy = tmp_path / pack
    shutil.copytree(LIBRARY / pack, copy)
    file = copy / "service.yaml"
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    assert complaints(copy)
