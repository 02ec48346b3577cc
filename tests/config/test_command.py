"""The `loket` command: help everywhere, exit codes, and plain sentences instead of tracebacks."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from loket.config import command
from tests.architecture.house import ROOT

_GOOD_KEYS = {"LOKET_SECRET_KEY": "s" * 50, "LOKET_MASTER_KEY": "0123456789abcdef" * 4}


def _loket(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own, without the keys and marks of this one."""
    kept = {name: value for name, value in os.environ.items() if name not in {*_GOOD_KEYS, "LOKET_DEMO"}}
    return subprocess.run(
        [sys.executable, "-m", "loket.config.command", *arguments],
        env={**kept, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _all_commands() -> Iterator[tuple[str, ...]]:
    for name, entry in command.COMMANDS.items():
        loaded = entry.load()
        yield (name,)
        if isinstance(loaded, click.Group):
            yield from ((name, inner) for inner in loaded.commands)


def test_every_command_explains_itself() -> None:
    for words in _all_commands():
        said = CliRunner().invoke(command.main, [*words, "--help"])
        assert said.exit_code == 0, said.output
        assert len(said.output.splitlines()) > 3, words


def test_the_overview_names_every_command_in_one_line() -> None:
    said = CliRunner().invoke(command.main, ["--help"])
    assert said.exit_code == 0
    for name, entry in command.COMMANDS.items():
        assert any(name in line and entry.summary in line for line in said.output.splitlines()), name


def test_nonsense_on_the_command_line_is_code_2() -> None:
    assert CliRunner().invoke(command.main, ["no-such-thing"]).exit_code == 2
    assert CliRunner().invoke(command.main, ["demo", "--port", "eighty"]).exit_code == 2


@pytest.mark.parametrize("words", [("serve",), ("worker",)])
def test_nothing_is_served_on_keys_from_the_source(words: tuple[str, ...]) -> None:
    ended = _loket(*words)
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: LOKET_SECRET_KEY is not set")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"LOKET_SECRET_KEY": "short"}, "LOKET_SECRET_KEY is shorter"),
        ({"LOKET_MASTER_KEY": ""}, "LOKET_MASTER_KEY is not set"),
        ({"LOKET_MASTER_KEY": "00" * 32}, "LOKET_MASTER_KEY is a test key"),
        ({"LOKET_MASTER_KEY": "xyz"}, "LOKET_MASTER_KEY must hold"),
        ({"LOKET_KEYS_URL": "{LOKET_DATABASE_URL}"}, "LOKET_KEYS_URL names the same database"),
        ({"LOKET_DATABASE_URL": "mysql://somewhere"}, "LOKET_DATABASE_URL must look like"),
        ({"LOKET_DEMO": "perhaps"}, "write 1 or 0"),
    ],
)
def test_unsafe_settings_are_refused_in_a_sentence(changed: dict[str, str], sentence: str) -> None:
    filled = {name: value.format(**os.environ) for name, value in changed.items()}
    ended = _loket("worker", **{**_GOOD_KEYS, **filled})
    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_web_application_refuses_too() -> None:
    program = "import loket.config.wsgi"
    kept = {name: value for name, value in os.environ.items() if name not in {*_GOOD_KEYS, "LOKET_DEMO"}}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**kept, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "LOKET_SECRET_KEY is not set" in ended.stderr


def test_acting_on_a_demo_that_does_not_run_says_so(tmp_path: Path) -> None:
    ended = _loket("--demo", "doctor", LOKET_DATA=str(tmp_path))
    assert ended.returncode == 1
    assert "No demo runs" in ended.stderr


def test_a_database_that_is_away_is_told_in_a_sentence() -> None:
    away = {"LOKET_DATABASE_URL": "postgresql://loket@127.0.0.1:1/loket"}
    ended = _loket("maintenance", "status", **_GOOD_KEYS, **away)
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: The database didn't do it")
    assert "Traceback" not in ended.stderr


def test_lint_gives_places_and_code_1(tmp_path: Path) -> None:
    pack = tmp_path / "broken" / "service.yaml"
    pack.parent.mkdir()
    pack.write_text("schema: 1\nkey: broken\nnonsense: 1\n")
    said = CliRunner().invoke(command.main, ["lint", str(tmp_path)])
    assert said.exit_code == 1
    assert f"{pack}:3:" in said.output


def test_lint_without_a_pack_says_so(tmp_path: Path) -> None:
    said = CliRunner().invoke(command.main, ["lint", str(tmp_path)])
    assert said.exit_code == 1
    assert "holds no service.yaml" in said.output


def test_the_schema_is_json() -> None:
    said = CliRunner().invoke(command.main, ["service", "schema"])
    assert said.exit_code == 0
    assert '"$schema"' in said.output


@pytest.mark.django_db(databases=["default", "keys"])
def test_an_unknown_service_is_not_exported() -> None:
    said = CliRunner().invoke(command.main, ["service", "export", "nobody", "nothing"])
    assert said.exit_code == 1
    assert "has no live service" in said.output


@pytest.mark.django_db(databases=["default", "keys"])
def test_an_empty_record_is_intact() -> None:
    said = CliRunner().invoke(command.main, ["audit", "verify"])
    assert said.exit_code == 0, said.output
    assert "0 entries sealed" in said.output


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_refused_pack_tells_its_findings(tmp_path: Path) -> None:
    (tmp_path / "service.yaml").write_text("schema: 1\nnonsense: 1\n")
    said = CliRunner().invoke(command.main, ["service", "publish", str(tmp_path)])
    assert said.exit_code == 1
    assert "service.yaml:2:" in said.output
