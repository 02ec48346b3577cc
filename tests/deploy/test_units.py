"""Units, Compose and container files: they parse, they lock in what they start, and their commands exist."""

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from loket.config.command import COMMANDS
from tests.deploy.test_reference import ROOT

DEPLOY = ROOT / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
_HARD = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "CapabilityBoundingSet": "",
    "SystemCallArchitectures": "native",
    "SystemCallFilter": "@system-service",
    "DynamicUser": "yes",
    "User": "loket",
    "StateDirectory": "loket",
    "UMask": "0077",
}


def unit(path: Path) -> ConfigParser:
    found = ConfigParser(interpolation=None, strict=False)
    found.optionxform = str  # type: ignore[method-assign,assignment]
    found.read_string(path.read_text())
    return found


def takes(words: list[str]) -> None:
    """The command and every option of it exist."""
    command: click.Command = COMMANDS[words[0]].load()
    rest = words[1:]
    while isinstance(command, click.Group):
        command, rest = command.commands[rest[0]], rest[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known, words


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_unit_is_hardened_and_starts_what_exists(path: Path) -> None:
    service = unit(path)["Service"]
    assert {name: service.get(name) for name in _HARD} == _HARD
    program, *words = shlex.split(service["ExecStart"])
    assert program == "/opt/loket/.venv/bin/loket"
    takes(words)
    assert "master-key" in service["LoadCredential"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("path", sorted((DEPLOY / "systemd").iterdir()), ids=lambda path: path.name)
def test_systemd_understands_it(path: Path, tmp_path: Path) -> None:
    assert complaints(path) == []
    if path.suffix == ".service":
        spoilt = tmp_path / path.name
        spoilt.write_text(path.read_text().replace("NoNewPrivileges=yes", "NoNewPrivilege=yes"))
        assert complaints(spoilt), "a misspelt line is found"


def complaints(path: Path) -> list[str]:
    """Without that the program is not installed in this place."""
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True, check=False
    )
    return [line for line in done.stderr.splitlines() if "is not executable" not in line]


def test_every_timer_has_its_service() -> None:
    timers = sorted((DEPLOY / "systemd").glob("*.timer"))
    assert timers
    assert {path.stem for path in timers} <= {path.stem for path in SERVICES}


def test_compose_gives_loket_no_rights_and_starts_what_exists() -> None:
    compose = YAML(typ="safe").load(DEPLOY / "compose.yaml")
    ours = {name: one for name, one in compose["services"].items() if one["image"] == "loket"}
    assert {"migrate", "web", "worker", "backup"} <= ours.keys()
    for one in ours.values():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert set(one["secrets"]) <= compose["secrets"].keys()
        takes([str(word) for word in one["command"]])
    assert compose["networks"]["inside"]["internal"] is True
    for one in compose["services"].values():
        for volume in one.get("volumes", []):
            source = volume.partition(":")[0]
            assert source.startswith(("$", "./")) or source in compose["volumes"], source
            if source.startswith("./") and "backups" not in source:
                assert (DEPLOY / source).exists()
    assert "ports" not in compose["services"]["database"]


def test_the_container_file_ends_without_rights() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    steps = [line for line in text.splitlines() if re.match(r"[A-Z]+ ", line)]
    last = text.rindex("FROM ")
    assert "USER 10001" in text[last:]
    assert "HEALTHCHECK" in text[last:]
    assert not re.search(r"(?i)password|secret_key|master_key=", text)
    images = [line.split()[1] for line in steps if line.startswith("FROM ")]
    assert images == ["${BASE}", "${BASE}"]
    # An ordinary name: no host before it.
    assert re.search(r"ARG BASE=([\w.:-]+)\n", text)
    entry = re.search(r'ENTRYPOINT \["/opt/loket/\.venv/bin/loket"\]\nCMD \[(.*)\]', text)
    assert entry
    takes([word.strip().strip('"') for word in entry[1].split(",")])


def test_the_example_names_no_real_secret() -> None:
    for line in (DEPLOY / "environment.example").read_text().splitlines():
        assert not re.search(r"=[0-9a-f]{32,}", line)
