"""Back to a moment: the server copied, what it wrote kept, all lost, and restored to before a mistake."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from loket.config import embedded, reachable

_ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.prove


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="loket-tests-"))
    (made / "owner").write_text(str(os.getpid()))
    try:
        yield made
    finally:
        for name in ("main", "keys", "new"):
            if (made / name).exists():
                embedded.remove(made / name)
        shutil.rmtree(made, ignore_errors=True)


def test_all_comes_back_as_it_was_at_a_moment_but_what_was_erased_since(folder: Path) -> None:
    data, keys = folder / "backups", folder / "backups-of-keys"
    main, store = embedded.start(folder / "main"), embedded.start(folder / "keys")
    embedded.make_database(main, "loket")
    embedded.make_database(store, "loket_keys")
    environment = settings_for(folder, main, store)
    kept, erased = (act(environment, what).strip() for what in ("begin", "more"))
    assert "same server" in loket(
        {**environment, "LOKET_KEYS_URL": main.url("loket")}, "backup", "base", "--to", str(data), code=1
    )
    stream = subprocess.Popen(
        [sys.executable, "-m", "loket.config.command", "backup", "stream", "--to", str(data)],
        env=environment,
        cwd=_ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        loket(environment, "backup", "base", "--to", str(data))
        after_base = act(environment, "more").strip()
        then = json.loads(act(environment, "tell"))
        time.sleep(1.5)
        moment = datetime.now(UTC)
        time.sleep(1.5)
        act(environment, "erase", erased)
        too_late = act(environment, "more").strip()
        loket(environment, "backup", "keys", "--keys-to", str(keys))
        loket(environment, "backup", "files", "--to", str(data))
        wait_for_stream(main, folder)
    finally:
        stream.send_signal(signal.SIGINT)
        stream.wait(20)
    passwords = {name: (main.folder / name).read_text() for name in ("password", "superuser")}
    embedded.remove(folder / "main")
    shutil.rmtree(folder / "files")
    # A new server where the copy goes on until the moment; the keys are those of today.
    place = reachable.place_for(folder / "new")
    spoilt = folder / "spoilt"
    shutil.copytree(data, spoilt)
    copy = next(spoilt.glob("*/base.tar.gz"))
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    point = ["restore", "point", "--until", moment.isoformat(timespec="seconds").replace("+00:00", "+0000")]
    assert "damaged" in loket(environment, *point, "--from", str(spoilt), str(place / "data"), code=1)
    loket(environment, *point, "--from", str(data), str(place / "data"))
    assert "not empty" in loket(environment, *point, "--from", str(data), str(place / "data"), code=1)
    for name, content_of in passwords.items():
        (place / name).touch(mode=0o600)
        (place / name).write_text(content_of)
    reachable.hand_over(place)
    new = embedded.start(folder / "new")
    back = {**environment, "LOKET_DATABASE_URL": new.url("loket"), "LOKET_REPLICATION_URL": ""}
    told = loket(back, "restore", "finish", "--from", str(data), "--keys-from", str(keys))
    assert f"1 cases that were erased since stay erased: {erased}." in told
    now = json.loads(act(back, "tell"))
    references = {row[0]: str(row[1]) for row in ask(new, "SELECT reference, id FROM casework_case")}
    assert references.keys() == {kept, erased, after_base}
    assert too_late not in references
    assert now.pop(references[erased]) == {"erased": True}
    then.pop(references[erased])
    assert now == then


def settings_for(folder: Path, main: embedded.Cluster, store: embedded.Cluster) -> dict[str, str]:
    superuser = (main.folder / "superuser").read_text().strip()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOKET_", "PYTEST"))}
    return {
        **kept,
        "PYTHONPATH": "src:.",
        "DJANGO_SETTINGS_MODULE": "loket.config.settings",
        "LOKET_DATABASE_URL": main.url("loket"),
        "LOKET_KEYS_URL": store.url("loket_keys"),
        "LOKET_REPLICATION_URL": f"postgresql://postgres:{superuser}@127.0.0.1:{main.port}/postgres",
        "LOKET_SECRET_KEY": secrets.token_urlsafe(48),
        "LOKET_MASTER_KEY": secrets.token_hex(32),
        "LOKET_FILES": str(folder / "files"),
        "LOKET_DATA": str(folder / "var"),
        "LOKET_BACKUP_PASSPHRASE": "four words of a kind",
        "LOKET_BACKUP_KEYS_PASSPHRASE": "four other words instead",
        "LOKET_LOG_LEVEL": "ERROR",
    }


def act(environment: Mapping[str, str], *words: str) -> str:
    return run([sys.executable, "-m", "tests.backup.acting", *words], environment, 0).stdout


def loket(environment: Mapping[str, str], *words: str, code: int = 0) -> str:
    done = run([sys.executable, "-m", "loket.config.command", *words], environment, code)
    return done.stdout + done.stderr


def run(command: list[str], environment: Mapping[str, str], code: int) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, env=dict(environment), cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, (command[3:], done.stdout, done.stderr[-3000:])
    return done


def ask(cluster: embedded.Cluster, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(cluster.url("loket")) as connection:
        return connection.execute(question).fetchall()


def wait_for_stream(cluster: embedded.Cluster, folder: Path) -> None:
    """Until the stream has what the server wrote."""
    superuser = (cluster.folder / "superuser").read_text().strip()
    address = f"postgresql://postgres:{superuser}@127.0.0.1:{cluster.port}/postgres"
    question = "SELECT flush_lsn >= pg_current_wal_flush_lsn() FROM pg_stat_replication"
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with psycopg.connect(address, autocommit=True) as connection:
            row = connection.execute(question).fetchone()
        if row and row[0]:
            return
        time.sleep(0.3)
    raise AssertionError(f"nothing was streamed into {folder}")
