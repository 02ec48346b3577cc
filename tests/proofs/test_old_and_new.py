"""A release while people are at it: old and new code on one database, with its migrations in between.

Old is the code of before the newest migration (or, where there are releases, of the newest one), new the code
as it is. People begin with one and go on with the other; neither fails a request nor loses an answer.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from loket.config import demo
from tests.weather.filling import INFORMATION_BASE, WITHOUT_FILE
from tests.weather.load import Load, until
from tests.weather.server import Browser, databases, free_port, server_environment

pytestmark = pytest.mark.prove
NEW = Path(__file__).resolve().parents[2]
Recording = Callable[[str, object], None]
_MIGRATE = "from loket.config.command import main; main(['migrate'])"
_OPEN = """
from loket.config.command import start_django
start_django()
from loket.config.sample.place import open_place
from loket.kernel import clock
open_place(clock.now())
"""


@dataclass(frozen=True, slots=True)
class Code:
    """A tree of the project, and what its processes are started with."""

    tree: Path
    environment: Mapping[str, str]

    def run(self, program: str) -> None:
        subprocess.run([sys.executable, "-c", program], cwd=self.tree, env=self.environment, check=True)

    @contextmanager
    def process(self, command: list[str], said: Path) -> Iterator[None]:
        with said.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=self.tree, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)

    @contextmanager
    def serving(self, said: Path) -> Iterator[int]:
        port = free_port()
        with self.process(demo.web_command("127.0.0.1", port, 2), said):
            until(lambda: demo.answers("127.0.0.1", port), 120)
            yield port

    def working(self, said: Path) -> "ExitStack":
        stack = ExitStack()
        stack.enter_context(self.process([sys.executable, "-m", "loket.config.command", "worker"], said))
        return stack


def test_people_pass_between_old_and_new_code(tmp_path: Path, record_property: Recording) -> None:
    commit = _former()
    if not commit:
        pytest.skip("a copy without its history has no former code")
    tree = _tree_of(commit, tmp_path / "old")
    with databases() as found, ExitStack() as going_on:
        environment = server_environment(found.cluster, found.main, found.keys, found.folder, found.secrets)
        old = Code(tree, {**environment, "PYTHONPATH": str(tree / "src")})
        new = Code(NEW, environment)
        old.run(_MIGRATE)
        old.run(_OPEN)
        before = _migrations(found.url)
        said = tmp_path / "said"
        old_port = going_on.enter_context(old.serving(said))
        going_on.enter_context(old.working(said))
        begun_in_old = [_begun(old_port) for _ in range(3)]
        load = Load(old_port, f"{INFORMATION_BASE}request/")
        with load.going_on():
            new.run(_MIGRATE)
        assert load.failed == []
        added = _migrations(found.url) - before
        assert added, "the former code has the same tables, so that this shows nothing"
        new_port = going_on.enter_context(new.serving(said))
        going_on.enter_context(new.working(said))
        begun_in_new = [_begun(new_port) for _ in range(3)]
        sent = [_ended(one, new_port) for one in begun_in_old] + [
            _ended(one, old_port) for one in begun_in_new
        ]
        assert len(set(sent)) == 6
        for reference in sent:
            for port in (old_port, new_port):
                assert _is_found(port, reference)
        until(lambda: _jobs(found.url, "todo", "doing") == 0, 120)
        assert _jobs(found.url, "failed") == 0
        assert '"level": "error"' not in said.read_text()
        # Planted: what old code can't live with shows in the same steps.
        with psycopg.connect(found.url) as connection:
            connection.execute("ALTER TABLE casework_case RENAME COLUMN stage TO step")
        assert not _is_found(old_port, sent[0])
    record_property("old code", commit[:12])
    record_property("migrations between", len(added))
    record_property("requests to old code meanwhile", load.answered)


def _former() -> str:
    """The commit of the newest release, or the one before the newest migration; empty where none is known."""
    released = _git("tag", "--list", "v*", "--sort=-version:refname").splitlines()
    if released:
        return _git("rev-list", "-n", "1", released[0])
    changed = _git("log", "--no-merges", "-1", "--format=%H", "--", "src/loket/*/migrations/*.py")
    return _git("rev-parse", "--verify", "--quiet", f"{changed}~1") if changed else ""


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=NEW, capture_output=True, text=True, check=False
    ).stdout.strip()


def _tree_of(commit: str, folder: Path) -> Path:
    """That code, with what a build adds to it (style sheets, compiled texts) as it is today."""
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=NEW, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
    for name in _git("ls-files", "--others", "--ignored", "--exclude-standard", "src").splitlines():
        target = folder / name
        if "__pycache__" not in name and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(NEW / name, target)
    return folder


def _begun(port: int) -> Browser:
    """Somebody who has answered all but the last page."""
    browser = Browser(port)
    pages = {name: fields for name, fields in WITHOUT_FILE.items() if name != "declaration"}
    assert browser.fill_in(INFORMATION_BASE, pages).endswith("/declaration/")
    return browser


def _ended(browser: Browser, port: int) -> str:
    """The rest, and sending, on another server; the reference."""
    browser.port = port
    check = browser.fill_in(f"{INFORMATION_BASE}declaration/", WITHOUT_FILE)
    assert check.endswith("/check/")
    shown = browser.get(check)
    assert "Cost of the market road" in shown.text
    assert browser.post(check).status == 302
    reference = re.search(
        r'loket-reference">([0-9A-Z]{4}-[0-9A-Z]{4})<', browser.get(f"{INFORMATION_BASE}done/").text
    )
    assert reference
    return reference[1]


def _is_found(port: int, reference: str) -> bool:
    browser = Browser(port)
    browser.get("/en/track/")
    answer = browser.post("/en/track/", {"reference": reference, "proof": "odhiambo@example.com"})
    assert answer.status == 302, answer.text[:2000]
    return reference in browser.get(answer.headers["Location"]).text


def _migrations(url: str) -> set[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return set(connection.execute("SELECT app, name FROM django_migrations"))  # type: ignore[arg-type]


def _jobs(url: str, *states: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status::text = ANY(%s) AND scheduled_at IS NULL",
            [list(states)],
        ).fetchone()
    assert row
    return int(row[0])
