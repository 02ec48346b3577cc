"""docs/service-language.md says what is so."""

import re
from pathlib import Path

from ruamel.yaml import YAML

from loket.forms.compiled import compile_form
from loket.forms.definition import Check, Form, Page, Question
from loket.forms.registry import KINDS

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "service-language.md").read_text()
PART = DOCUMENT[DOCUMENT.index("## The form") :].split("\n## ")[0]


def test_the_example_compiles() -> None:
    example = re.search(r"```yaml\n(.*?)```", PART, re.DOTALL)
    assert example is not None
    compile_form(Form.model_validate(YAML(typ="safe").load(example[1])["form"]))


def test_every_kind_is_described_with_all_its_keys() -> None:
    rows = {row[1]: row[0] for row in re.finditer(r"^\| `([a-z_]+)` \|.*$", PART, re.MULTILINE)}
    for key, kind in KINDS.all().items():
        assert key in rows, f"{key} is not described"
        for name in set(kind.settings.model_fields) - set(Question.model_fields):
            written = kind.settings.model_fields[name].alias or name
            assert f"`{written}`" in rows[key], f"{key}: {written} is not described"


def test_every_common_key_is_described() -> None:
    for name in {*Question.model_fields, *Page.model_fields, *Check.model_fields}:
        assert f"`{name}`" in PART, f"{name} is not described"
