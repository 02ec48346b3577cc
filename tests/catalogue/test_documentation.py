"""Whatever the pages about packs show as an example is an example of the language as it is."""

import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from loket.catalogue.reading import read
from loket.catalogue.service import Service

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("service-language.md", "rules-and-fees.md")
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks() -> list[tuple[str, str]]:
    return [(page, block) for page in PAGES for block in _BLOCK.findall((DOCS / page).read_text("utf-8"))]


def _check(block: str) -> None:
    """Each top-level key as that part of a service."""
    for key, value in read(block).data.items():
        annotation = Service.model_fields[key].rebuild_annotation()
        TypeAdapter(annotation).validate_python(value)


@pytest.mark.parametrize(("page", "block"), _blocks())
def test_every_example_is_one(page: str, block: str) -> None:
    _check(block)


def test_the_pages_have_examples_of_every_part_that_needs_one() -> None:
    shown = {key for _page, block in _blocks() for key in read(block).data}
    assert shown >= {
        "form", "workflow", "tables", "fees", "waivers", "payment", "documents", "remind", "appeal"
    }  # fmt: skip


def test_a_wrong_example_is_found() -> None:
    with pytest.raises(ValidationError):
        _check("tables: {help: {rules: [{gives: {share: '1'}}]}}")


def test_every_key_of_a_service_is_described() -> None:
    page = "".join((DOCS / name).read_text("utf-8") for name in PAGES)
    keys = {info.alias or name for name, info in Service.model_fields.items()}
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
