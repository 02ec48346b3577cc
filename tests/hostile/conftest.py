"""The county, and in it a service that asks one question of every kind on one page."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from ruamel.yaml import YAML

from loket.catalogue import actions as catalogue
from loket.catalogue import queries
from loket.forms.registry import KINDS
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from tests import county
from tests.catalogue.samples import PACK
from tests.forms import contract
from tests.hostile.fuzzing.shares import Say
from tests.portal.visitor import Visitor

AGENCY, KEY = "information-commission", "everything"
BASE = f"/en/apply/{AGENCY}/{KEY}/"


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str]) -> Say:
    """Tells whoever waits how far it is, past what pytest keeps back."""

    def tell(line: str) -> None:
        with capfd.disabled():
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    return tell


@pytest.fixture
def visitor(db: None) -> Iterator[Visitor]:
    """Somebody at a browser, before the open county."""
    county.county(clock.now())
    yield Visitor(Client())
    queries.forget_live()


@pytest.fixture
def everything(db: None, tmp_path: Path) -> Iterator[str]:
    """Publishes the service; the address of its page."""
    county.county(clock.now())
    yaml = YAML(typ="safe", pure=True)
    pack = yaml.load(PACK)
    three = {"en": "One of each?", "id": "Satu-satu?", "sw": "Moja moja?"}
    questions = [
        {**contract.examples(kind)["settings"], "id": kind.key, "kind": kind.key, "label": three}
        | ({} if kind.key in {"note", "declaration"} else {"required": False})
        for kind in KINDS.all().values()
    ]
    for question in questions:
        # So that the text takes whatever comes.
        for narrower in ("pattern", "max_length"):
            question.pop(narrower, None)
    end = {"kind": "final", "outcome": "granted", "label": three}
    pack |= {
        "key": KEY,
        "agency": AGENCY,
        "languages": ["en"],
        "form": {"pages": [{"id": "all", "title": three, "questions": questions}]},
        "workflow": {"start": "granted", "stages": {"granted": end}},
    }
    folder = tmp_path / KEY
    folder.mkdir()
    with (folder / "service.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(pack, file)
    catalogue.import_folder(folder=folder, by=SYSTEM, now=clock.now())
    queries.forget_live()
    yield f"{BASE}all/"
    queries.forget_live()
