"""No room on the disk: for uploads, and for the database itself. Needs the right to mount."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.crash.stories import CONDUCT, LICENCE
from benchmarks.crash.trials.trial import Trial
from benchmarks.crash.trials.weather import Weather, counted, troubles
from loket.config.embedded import EmbeddedDatabaseError

_FILES_MB = 32
_LOG_MB = 24
_MB = 2**20
_FULL = 6.0
# Until somebody has come to the page that asks for a file.
_PATIENCE = 30.0


def may_mount() -> bool:
    return os.geteuid() == 0 and shutil.which("mount") is not None


def files_full(weather: Weather) -> Trial:
    """Uploads, and sending what holds some, wait for room; forms without files go on."""
    before = len(weather.book.mishaps)
    files = Path(weather.loket.environment["LOKET_DATA"]) / "files"
    with small_disk(files, _FILES_MB, weather), weather.crowd(services=(CONDUCT, LICENCE)) as crowd:
        filler = files / "filler"
        fill(filler)
        sent = sum(story.sent for story in weather.book.stories)
        end = time.monotonic() + _PATIENCE
        weather.watch(_FULL)
        while not crowd.refused and time.monotonic() < end:
            weather.watch(0.5)
        went_on = sum(story.sent for story in weather.book.stories) - sent
        filler.unlink()
        back = weather.back()
        weather.watch(3.0)
    mishaps = weather.book.mishaps[before:]
    return Trial(
        "Disk full, of uploads",
        "a sentence at the question, or a waiting page for what holds a file; nothing lost",
        f"{crowd.refused} uploads refused in words, {went_on} sent meanwhile, {counted(mishaps)}; back after "
        f"{back:.1f} s",
        troubles(crowd, mishaps) + ([] if crowd.refused else ["no upload was refused: it was not full"]),
    )


def database_full(weather: Weather) -> Trial:
    """The disk of the database's log fills up while people apply; then there is room again."""
    before = len(weather.book.mishaps)
    database = weather.loket.database
    assert database.cluster is not None
    log = database.cluster.folder / "data" / "pg_wal"
    weather.loket.web.stop()
    weather.loket.worker.stop()
    database.stop()
    with mounted(log, _LOG_MB):
        database.start()
        weather.put_up()
        with weather.crowd() as crowd:
            filler = log / "filler"
            fill(filler)
            down = _use_up(weather, log)
            weather.watch_without_database(_FULL)
            filler.unlink()
            begun = time.monotonic()
            _start(weather)
            weather.back()
            back = time.monotonic() - begun
            weather.watch(2.0)
        weather.loket.web.stop()
        weather.loket.worker.stop()
        database.stop()
    database.start()
    weather.put_up()
    mishaps = weather.book.mishaps[before:]
    return Trial(
        "Disk full, of the database",
        "no room for its log while people apply: waiting pages, then nothing that was acknowledged is lost",
        f"{'it stopped' if down else 'it went on'}; {counted(mishaps)}; back {back:.1f} s with room",
        troubles(crowd, mishaps) + ([] if down else ["the log never filled"]),
    )


def _use_up(weather: Weather, log: Path) -> bool:
    """Has the database write log until its disk is full; whether it gave up, as PostgreSQL does."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with suppress(Exception), weather.loket.database.as_superuser() as admin:
            for _ in range(20):
                admin.execute("SELECT pg_logical_emit_message(false, 'filling', repeat('x', 1000000))")
            admin.execute("SELECT pg_switch_wal()")
        if not weather.probe():
            return True
    return False


def _start(weather: Weather) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            weather.loket.database.start()
        except EmbeddedDatabaseError:
            if time.monotonic() > end:
                raise
        else:
            return


@contextmanager
def small_disk(folder: Path, megabytes: int, weather: Weather) -> Iterator[None]:
    """Web and worker are away for a moment while the folder moves to a small disk, and back."""
    for program in (weather.loket.web, weather.loket.worker):
        program.stop()
    with mounted(folder, megabytes):
        weather.put_up()
        yield
        for program in (weather.loket.web, weather.loket.worker):
            program.stop()
    weather.put_up()


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[None]:
    """`folder` on a disk of its own with what was in it and so much room; moved back afterwards."""
    aside = folder.with_name(f"{folder.name}-aside")
    held = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) // _MB
    folder.rename(aside)
    folder.mkdir()
    try:
        size = f"size={megabytes + held + held // 10}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
        _copy(aside, folder)
        yield
        shutil.rmtree(aside)
        aside.mkdir()
        _copy(folder, aside)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        folder.rmdir()
        aside.rename(folder)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)


def fill(file: Path) -> None:
    """Until nothing more fits."""
    with suppress(OSError), file.open("wb") as out:
        while True:
            out.write(bytes(64 * 1024))
            out.flush()
