"""Every sentence of the language is said in every interface language, with the same parameters."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import loket.expressions

PACKAGE = Path(loket.expressions.__file__).parent


def _sentences() -> set[str]:
    found = set()
    for module in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "marked":
                found.add(ast.literal_eval(node.args[0]))
    return found


@pytest.mark.parametrize("language", ["id", "sw"])
def test_every_sentence_is_translated_with_its_parameters(language: str) -> None:
    with (PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        texts = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert texts.keys() == _sentences()
    for sentence, text in texts.items():
        assert sorted(re.findall(r"%\(\w+\)s", text)) == sorted(re.findall(r"%\(\w+\)s", sentence))
