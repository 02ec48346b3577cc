"""An installation of its own, thrown away afterwards: what an operator runs, on one machine, by number.

    with installed() as loket:
        …                       # requests to loket.address
        loket.web.kill()        # SIGKILL, its workers included; as loket.worker, loket.database, loket.mail
        loket.web.start()       # waits until it answers

An embedded PostgreSQL that keeps what it confirmed (fsync and synchronous_commit on), both databases
migrated, a sample county's offices with the library published, `loket serve` with two workers, `loket
worker`, and a mail server that writes down what it took. Addresses stay the same over restarts.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from benchmarks.programs import Program, ProgramEnded, cpu_seconds, family, kill_all, started_with
from loket.config import demo, embedded

ROOT = Path(__file__).resolve().parent.parent
_PREFIX = "loket-bench-"
_OWNER = "owner"
_HOST = "127.0.0.1"
_GONE_SECONDS = 20.0


class Database:
    """The embedded PostgreSQL of an installation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.cluster: embedded.Cluster | None = None

    @property
    def pid(self) -> int:
        """The postmaster's. Raises ProgramEnded where none was started."""
        if self.cluster is None:
            raise ProgramEnded("the database was never started")
        try:
            written = (self.cluster.folder / "data" / "postmaster.pid").read_text()
        except FileNotFoundError as problem:
            raise ProgramEnded("the database does not run") from problem
        return int(written.splitlines()[0])

    @property
    def running(self) -> bool:
        return self.cluster is not None and embedded.running(self._folder) is not None

    def pids(self) -> tuple[int, ...]:
        """The postmaster first, then its children."""
        return tuple(family(self.pid))

    def start(self) -> None:
        self.cluster = embedded.start(self._folder)
        for name in ("loket", "loket_keys"):
            embedded.make_database(self.cluster, name)

    def stop(self) -> None:
        """Ends it as an operator would; what is under way in it is rolled back."""
        embedded.stop(self._folder)

    def kill(self) -> None:
        """SIGKILL to the postmaster and every process of it at once, as when the power goes."""
        pids = self.pids()
        kill_all(pids)
        end = time.monotonic() + _GONE_SECONDS
        while any(Path(f"/proc/{pid}").exists() and not _is_dead(pid) for pid in pids):
            if time.monotonic() > end:
                raise ProgramEnded("the database outlived SIGKILL")
            time.sleep(0.02)

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        embedded.remove(self._folder)

    def url(self, name: str = "loket") -> str:
        if self.cluster is None:
            raise ProgramEnded("the database was never started")
        return self.cluster.url(name)

    def as_superuser(self, name: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """For what only the server's owner may do: its settings, its logs, its statistics."""
        if self.cluster is None:
            raise ProgramEnded("the database was never started")
        password = (self.cluster.folder / "superuser").read_text().strip()
        return psycopg.connect(
            host=_HOST,
            port=self.cluster.port,
            user="postgres",
            password=password,
            dbname=name,
            autocommit=True,
            connect_timeout=5,
        )


class Installation:
    """`environment` is what each of its programs runs with; `folder` holds logs, files and the database."""

    def __init__(
        self, folder: Path, *, workers: int = 2, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder, self.port = folder, free_port()
        self._mail_port = free_port()
        self.database = Database(folder / "postgres")
        # Nothing of whoever runs this changes what is measured.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOKET_", "PG"))}
        self.environment: dict[str, str] = {**kept, **self._settings(), **(environment or {})}
        self.book = folder / "taken"
        self.book.touch()
        command = [sys.executable, "-m", "loket.config.command"]
        self.web = self._program(
            "web server",
            [*command, "serve", "--host", _HOST, "--port", str(self.port), "--workers", str(workers)],
            ready=self.answers,
        )
        self.worker = self._program("background worker", [*command, "worker"])
        self.mail = self._program(
            "mail server",
            [sys.executable, "-m", "benchmarks.mail_server", str(self._mail_port), str(self.book)],
            ready=lambda: listens(self._mail_port),
        )

    @property
    def address(self) -> str:
        return f"http://{_HOST}:{self.port}"

    def make(self, packs: Sequence[Path] = ()) -> None:
        """Starts the database, makes its tables, opens the sample's offices and publishes their services."""
        self.database.start()
        self.environment |= self._addresses()
        self.run_module("benchmarks.furnishing", *map(str, packs))

    def start(self) -> None:
        """Starts whatever does not run; waits until all of it is ready. Raises ProgramEnded."""
        if not self.database.running:
            self.database.start()
        for program in (self.mail, self.web, self.worker):
            program.environment = self._environment_of(program)
            program.start()

    def stop(self) -> None:
        for program in (self.web, self.worker, self.mail):
            program.stop()
        if self.database.cluster is not None:
            self.database.stop()

    def remove(self) -> None:
        """Ends all of it, whatever state it is in, and leaves nothing."""
        for program in (self.web, self.worker, self.mail):
            program.kill()
        self.database.remove()

    def run(self, command: Sequence[str], *, timeout: float = 1800) -> str:
        """What a command of the installation's operator says. Raises ProgramEnded where it failed."""
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if ended.returncode != 0:
            raise ProgramEnded(f"{' '.join(command)} failed ({ended.returncode}):\n{ended.stderr[-3000:]}")
        return ended.stdout

    def run_module(self, module: str, *arguments: str, timeout: float = 1800) -> str:
        return self.run([sys.executable, "-m", module, *arguments], timeout=timeout)

    def loket(self, *arguments: str, timeout: float = 1800) -> str:
        """`loket …` on this installation."""
        return self.run_module("loket.config.command", *arguments, timeout=timeout)

    def answers(self) -> bool:
        return demo.answers(_HOST, self.port)

    def mail_taken(self) -> list[str]:
        """The Message-ID of each mail that the mail server took, as often as it took it."""
        return self.book.read_text(encoding="ascii").split()

    def cpu_seconds(self) -> dict[str, float]:
        """What each part has cost so far: web, worker, database. The mail server is no part of Loket."""
        return {
            "web": cpu_seconds(self.web.pid) if self.web.running else 0.0,
            "worker": cpu_seconds(self.worker.pid) if self.worker.running else 0.0,
            "database": cpu_seconds(self.database.pid),
        }

    def web_workers(self) -> tuple[int, ...]:
        """The processes that answer requests."""
        return self.web.pids()[1:]

    def _program(self, name: str, command: Sequence[str], **more: object) -> Program:
        log = self.folder / f"{name.replace(' ', '-')}.log"
        return Program(name, command, self.environment, ROOT, log, **more)  # type: ignore[arg-type]

    def _environment_of(self, program: Program) -> Mapping[str, str]:
        # So that the database's log tells whose statements are whose.
        return {**self.environment, "PGAPPNAME": f"loket {program.name}"}

    def _addresses(self) -> dict[str, str]:
        return {
            "LOKET_DATABASE_URL": self.database.url("loket"),
            "LOKET_KEYS_URL": self.database.url("loket_keys"),
        }

    def _settings(self) -> dict[str, str]:
        """As operations.md tells an operator behind a proxy that ends TLS."""
        return {
            "DJANGO_SETTINGS_MODULE": "loket.config.settings",
            "LOKET_MASTER_KEY": os.urandom(32).hex(),
            "LOKET_SECRET_KEY": os.urandom(32).hex(),
            "LOKET_DATA": str(self.folder / "var"),
            "LOKET_DEMO": "0",
            "LOKET_BEHIND_TLS_PROXY": "1",
            "LOKET_HOSTS": f"{_HOST},localhost",
            "LOKET_PUBLIC_ADDRESS": "https://services.example",
            "LOKET_BANK_ACCOUNT": "Bank of Tumaini, 000 000 0001",
            "LOKET_EMAIL_CHANNEL": "smtp",
            "LOKET_EMAIL_URL": f"smtp://{_HOST}:{self._mail_port}",
            "LOKET_EMAIL_FROM": "no-reply@services.example",
            "LOKET_LOG_LEVEL": "WARNING",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }


@contextmanager
def installed(
    *,
    start: bool = True,
    packs: Sequence[Path] = (),
    workers: int = 2,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Installation]:
    """An installation, made and (unless told otherwise) started; gone at the end, whatever happened.

    `packs` are published beside the library; `environment` is added to the operator's, such as
    `LOKET_DEMO=1` for what only sandboxes can do.
    """
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / _OWNER).write_text(str(os.getpid()))
    installation = Installation(folder, workers=workers, environment=environment)
    try:
        installation.make(packs)
        if start:
            installation.start()
        yield installation
    finally:
        installation.remove()
        with suppress(OSError):
            shutil.rmtree(folder)


def sweep() -> None:
    """Ends and removes installations whose owner was killed before it could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, ValueError):
            if not Path(f"/proc/{int((folder / _OWNER).read_text())}").exists():
                kill_all(started_with(f"LOKET_DATA={folder / 'var'}".encode()))
                embedded.remove(folder / "postgres")
                shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    try:
        socket.create_connection((_HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _is_dead(pid: int) -> bool:
    """Gone, or only waiting for its parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
