"""docs/operations.md names every setting, command and figure that there is, and none that there is not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from django.test import override_settings
from ruamel.yaml import YAML

from loket.config import environment
from loket.config.command import COMMANDS
from loket.web import figures
from loket.web.standing import Standing

ROOT = Path(__file__).resolve().parents[2]
_CONFIG = ROOT / "src" / "loket" / "config"
# Named to be written by hand, read by no code of ours.
_OF_OTHERS = frozenset({"LOKET_ROLE", "LOKET_NAME"})
_READERS = frozenset(
    name
    for name, found in vars(environment).items()
    if callable(found)
    and getattr(found, "__module__", "") == environment.__name__
    and not name.startswith("_")
)
_WITH_FILE = frozenset({"secret", "keys"})
_DOCUMENTS = (
    ROOT / "docs" / "operations.md",
    *sorted((ROOT / "deploy").rglob("*.*")),
    ROOT / "docs" / "payments.md",
    ROOT / "docs" / "webhooks.md",
)


def read_by_code() -> frozenset[str]:
    """What settings and the composition root ask the environment for; with `_FILE` where a file will do."""
    return frozenset(name for path in _CONFIG.rglob("*.py") for name in _asked(ast.parse(path.read_text())))


def _asked(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        name, called = node.args[0].value, node.func
        reader = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if isinstance(name, str) and reader in _READERS and re.fullmatch(r"[A-Z][A-Z_]+", name):
            yield f"LOKET_{name}"
            if reader in _WITH_FILE:
                yield f"LOKET_{name}_FILE"
        elif isinstance(name, str) and name.startswith("LOKET_") and reader in {"get", "getenv", "pop"}:
            yield name


def named_in(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"LOKET_[A-Z][A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))


def test_every_setting_is_in_the_reference() -> None:
    told = named_in(ROOT / "docs" / "operations.md")
    # `…_FILE` of ways to pay is said once for all of them.
    lacking = {
        name
        for name in read_by_code() - told
        if not (name.endswith("_FILE") and name.startswith(("LOKET_STRIPE_", "LOKET_MPESA_")))
    }
    assert not lacking, f"{sorted(lacking)}: say in docs/operations.md what they do"


@pytest.mark.parametrize("path", _DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_setting_that_nobody_reads(path: Path) -> None:
    assert not named_in(path) - read_by_code() - _OF_OTHERS


def test_a_made_up_setting_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Set LOKET_MADE_UP_SETTING to 1.")
    assert named_in(page) - read_by_code() == {"LOKET_MADE_UP_SETTING"}
    assert "LOKET_DATABASE_URL" in read_by_code()
    assert "LOKET_MASTER_KEY_FILE" in read_by_code()


def test_every_command_named_exists() -> None:
    wrong = []
    for path in _DOCUMENTS:
        for words in re.findall(
            r"(?:\.venv/bin/|`|\s)loket((?: [a-z][a-z-]+)+)", path.read_text(encoding="utf-8")
        ):
            first, *rest = words.split()
            if first not in COMMANDS:
                continue
            command = COMMANDS[first].load()
            if rest and isinstance(command, click.Group) and rest[0] not in command.commands:
                wrong.append(f"{path.name}: loket {first} {rest[0]}")
    assert not wrong
    assert CliRunner().invoke(COMMANDS["backup"].load(), ["create", "--help"]).exit_code == 0


def known_figures() -> frozenset[str]:
    standing = {family.name for family in Standing().collect()}
    counted = {
        f"{metric._name}{ending}"
        for metric in (
            figures._instruments().requests,
            figures._instruments().statements,
            figures._instruments().seconds,
        )
        for ending in ("_total", "_bucket", "_sum", "_count", "")
    }
    return frozenset(standing | counted)


@pytest.mark.django_db(databases=["default", "keys"])
def test_every_figure_named_in_alerts_and_documents_exists_and_the_other_way() -> None:
    known = known_figures()
    rules = YAML(typ="safe").load(ROOT / "deploy" / "monitoring" / "loket-rules.yaml")
    asked = {
        name for rule in rules["groups"][0]["rules"] for name in re.findall(r"loket_[a-z_]+", rule["expr"])
    }
    told = set(re.findall(r"loket_[a-z_]+", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")))
    told -= {"loket_keys", "loket_rules"}
    assert asked
    assert not asked - known
    assert not told - known
    assert not {family.name for family in Standing().collect()} - told
    for rule in rules["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_made_up_figure_would_be_found() -> None:
    assert "loket_made_up_total" not in known_figures()


def test_a_missing_package_for_traces_is_said_kindly() -> None:
    safety = __import__("loket.config.safety", fromlist=["refuse_unsafe"])
    with (
        override_settings(OTEL_ENDPOINT="http://localhost:4318"),
        pytest.raises(environment.EnvironmentProblem, match=r"requirements/telemetry\.txt"),
    ):
        safety.refuse_unsafe()
