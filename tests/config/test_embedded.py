"""The embedded PostgreSQL in the places and accidents a newcomer brings it into."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from loket.config import embedded, reachable
from tests.architecture.house import ROOT

_ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs under another account")


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that every account may enter, and a stand-in for /var/lib/loket in it."""
    folder = Path(tempfile.mkdtemp(prefix="loket-embedded-"))
    folder.chmod(0o755)
    monkeypatch.setattr(reachable, "SHARED", folder / "shared")
    yield folder
    for made in folder.rglob("postmaster.pid"):
        embedded.stop(made.parent.parent)
    shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> embedded.Cluster:
    return embedded.start(folder, durable=False)


def _answers(cluster: embedded.Cluster, database: str = "postgres") -> bool:
    with psycopg.connect(cluster.url(database)) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def _postmaster(cluster: embedded.Cluster) -> int:
    return int((cluster.folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_the_role_is_no_superuser_and_can_make_databases(ground: Path) -> None:
    cluster = _start(ground / "pg")
    embedded.make_database(cluster, "loket")
    embedded.make_database(cluster, "loket")
    with psycopg.connect(cluster.url("loket")) as connection:
        assert connection.execute(
            "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone() == (False, True)


def test_starting_again_gives_the_same_server(ground: Path) -> None:
    assert _start(ground / "pg") == _start(ground / "pg")


def test_a_path_longer_than_a_socket_address(ground: Path) -> None:
    deep = ground.joinpath(*["a-folder-with-a-rather-long-name"] * 6, "and a space")
    assert len(str(deep)) > 200
    assert _answers(_start(deep))


def test_two_checkouts_side_by_side(ground: Path) -> None:
    one, two = _start(ground / "one"), _start(ground / "two")
    assert one.port != two.port
    embedded.stop(ground / "one")
    assert _answers(two)


def test_data_survives_a_killed_postmaster(ground: Path) -> None:
    before = embedded.start(ground / "pg")
    embedded.make_database(before, "kept")
    os.kill(_postmaster(before), signal.SIGKILL)
    after = embedded.start(ground / "pg")
    assert _answers(after, "kept")
    # Whoever was connected finds it again.
    assert after.port == before.port


def test_data_survives_when_everything_is_killed_at_once(ground: Path) -> None:
    before = embedded.start(ground / "pg")
    embedded.make_database(before, "kept")
    os.killpg(os.getpgid(_postmaster(before)), signal.SIGKILL)
    assert _answers(embedded.start(ground / "pg"), "kept")


def test_a_stale_pid_file_whose_number_and_port_belong_to_others(ground: Path) -> None:
    before = _start(ground / "pg")
    file = before.folder / "data" / "postmaster.pid"
    lines = file.read_text().splitlines()
    embedded.stop(ground / "pg")
    stranger = subprocess.Popen(["/bin/sleep", "60"], cwd="/", **reachable.run_as())  # type: ignore[call-overload]
    try:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            lines[0], lines[3] = str(stranger.pid), str(silent.getsockname()[1])
            file.write_text("\n".join(lines) + "\n")
            reachable.hand_over(before.folder)
            assert embedded.start(ground / "pg").port != silent.getsockname()[1]
        embedded.stop(ground / "pg")
        file.write_text("\n".join(lines) + "\n")
        embedded.stop(ground / "pg")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_copied_folder_does_not_mistake_the_original_for_itself(ground: Path) -> None:
    original = _start(ground / "pg")
    shutil.copytree(ground / "pg", ground / "copy")
    reachable.hand_over(ground / "copy")
    copy = _start(ground / "copy")
    assert copy.port != original.port
    embedded.stop(ground / "copy")
    assert _answers(original)


def test_an_interrupted_making_is_begun_again(ground: Path) -> None:
    (ground / "pg" / "making" / "base").mkdir(parents=True)
    assert _answers(_start(ground / "pg"))


def test_two_starts_at_once_share_one_server(ground: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(_start, [ground / "pg"] * 2)
    assert one == two


def test_two_processes_that_start_at_once_share_one_server(ground: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from loket.config import embedded, reachable\n"
        "reachable.SHARED = Path(sys.argv[2]); print(embedded.start(Path(sys.argv[1]), durable=False).port)"
    )
    command = [sys.executable, "-c", program, str(ground / "pg"), str(ground / "shared")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    ports = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0]
    assert len(ports) == 1


def test_a_full_disk_is_told_in_plain_words(ground: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LEAST_FREE", 1 << 62)
    with pytest.raises(embedded.EmbeddedDatabaseError, match="Free some space"):
        _start(ground / "pg")


def test_a_folder_that_is_a_file_is_told_in_plain_words(ground: Path) -> None:
    (ground / "pg").write_text("")
    with pytest.raises(embedded.EmbeddedDatabaseError, match="can't be used"):
        _start(ground / "pg")


def test_stopping_what_never_ran_is_harmless(ground: Path) -> None:
    embedded.stop(ground / "pg")


def test_removing_leaves_nothing(ground: Path) -> None:
    cluster = _start(ground / "pg")
    pid = _postmaster(cluster)
    embedded.remove(ground / "pg")
    assert not (ground / "pg").exists()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


@_ROOT_ONLY
def test_as_root_in_a_folder_that_nobody_may_enter(ground: Path) -> None:
    (ground / "closed").mkdir(mode=0o700)
    cluster = _start(ground / "closed" / "pg")
    assert cluster.folder.parent == ground / "shared"
    assert str(cluster.folder) in (ground / "closed" / "pg" / "WHERE").read_text()
    assert _answers(cluster)
    (ground / "closed").chmod(0o755)
    assert _start(ground / "closed" / "pg") == cluster
    embedded.remove(ground / "closed" / "pg")
    assert not cluster.folder.exists()


@_ROOT_ONLY
def test_as_root_with_programs_that_nobody_may_enter(ground: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in (embedded._PROGRAMS, embedded._LIBRARIES):
        shutil.copytree(embedded._SITE / part, ground / "closed" / part)
    (ground / "closed").chmod(0o700)
    monkeypatch.setattr(embedded, "_SITE", ground / "closed")
    old = os.umask(0o077)
    try:
        assert _answers(_start(ground / "pg"))
    finally:
        os.umask(old)


@_ROOT_ONLY
def test_a_cluster_that_another_account_made_is_refused(ground: Path) -> None:
    (ground / "pg" / "data").mkdir(parents=True)
    with pytest.raises(embedded.EmbeddedDatabaseError, match="under another account"):
        _start(ground / "pg")


@_ROOT_ONLY
def test_a_cluster_that_became_unreachable_is_refused(ground: Path) -> None:
    (ground / "above").mkdir()
    _start(ground / "above" / "pg")
    embedded.stop(ground / "above" / "pg")
    (ground / "above").chmod(0o700)
    with pytest.raises(embedded.EmbeddedDatabaseError, match="chmod o\\+x"):
        _start(ground / "above" / "pg")
