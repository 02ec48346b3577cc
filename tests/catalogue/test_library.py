"""Every service that comes with Loket is sound, and fits the schema that editors use."""

from pathlib import Path

import jsonschema
import pytest

import loket
from loket.catalogue.lint import errors, lint
from loket.catalogue.loader import load
from loket.catalogue.schema import json_schema

PACKS = sorted((Path(loket.__file__).parent / "library").glob("*/service.yaml"))


def test_there_are_packs() -> None:
    assert PACKS


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.parent.name)
def test_a_pack_of_the_library_has_no_errors(pack: Path) -> None:
    loaded = load(pack)
    assert [str(found) for found in errors(lint(loaded))] == []
    assert loaded.service is not None
    assert loaded.service.key == pack.parent.name
    assert set(loaded.service.languages) >= {"en", "id", "sw"}


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.parent.name)
def test_a_pack_of_the_library_fits_the_schema(pack: Path) -> None:
    located = load(pack).located
    assert located is not None
    validator = jsonschema.Draft202012Validator(json_schema())
    assert [error.message for error in validator.iter_errors(located.data)] == []
