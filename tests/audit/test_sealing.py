"""Sealing, witnessing, and finding what somebody with the whole database in hand has changed."""

import http.server
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from pytest_django import Settings

from loket.audit import actions, jobs, queries, sealing
from loket.audit.models import Checkpoint, Entry, Leaf
from loket.audit.registry import UnknownWitness
from loket.audit.types import Fault, SignedNote
from loket.kernel.actors import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def _write(count: int = 1) -> None:
    for n in range(count):
        actions.record("case.opened", by=SYSTEM, about=f"case:{n}", now=NOW, n=n)


def _log(*batches: int) -> None:
    for count in batches:
        _write(count)
        assert actions.seal(now=NOW) == count


def _forge(statement: str) -> None:
    """What the tables' owner can do: switch the triggers off first."""
    tables = ("audit_entry", "audit_leaf", "audit_checkpoint")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _faults() -> set[Fault]:
    return {finding.fault for finding in queries.verify().findings}


@pytest.fixture
def witness(settings: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "kept.jsonl"
    settings.AUDIT_WITNESS = f"file:{path}"
    return path


def test_untouched_log_is_intact(witness: Path) -> None:
    _log(3, 1, 7)
    _write()
    verdict = queries.verify()
    assert verdict.intact
    assert (verdict.sealed, verdict.unsealed, verdict.checkpoints, verdict.witnessed) == (11, 1, 3, 3)


def test_sealing_nothing_makes_no_checkpoint() -> None:
    assert actions.seal(now=NOW) == 0
    assert not Checkpoint.objects.exists()
    assert queries.verify().intact


def test_more_than_one_batch_makes_a_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_AT_ONCE", 2)
    _log(5)
    assert list(Checkpoint.objects.order_by("number").values_list("number", "size")) == [
        (1, 2),
        (2, 4),
        (3, 5),
    ]
    assert queries.verify().intact


def test_the_minute_job_seals() -> None:
    _write()
    jobs.seal(0)
    assert Leaf.objects.count() == 1


def test_entry_of_an_older_transaction_that_commits_later_is_waited_for() -> None:
    """The older one takes its id first; sealing what came after it must wait until it ends."""
    begun, go_on = threading.Event(), threading.Event()

    def linger() -> None:
        with transaction.atomic():
            _write()
            begun.set()
            assert go_on.wait(10)
        connections.close_all()

    slow = threading.Thread(target=linger)
    slow.start()
    assert begun.wait(10)
    _write(2)
    sealed_meanwhile = actions.seal(now=NOW)
    go_on.set()
    slow.join()
    assert sealed_meanwhile == 0
    assert actions.seal(now=NOW) == 3
    assert list(Leaf.objects.order_by("position").values_list("entry_id", flat=True)) == list(
        Entry.objects.order_by("id").values_list("id", flat=True)
    )


def test_entry_rolled_back_holds_nothing_up() -> None:
    with transaction.atomic():
        _write()
        transaction.set_rollback(True)
    _log(1)
    assert queries.verify().intact


def test_entries_restored_into_a_younger_cluster_are_sealed() -> None:
    _write()
    _forge("UPDATE audit_entry SET tx = '99999999999'")
    assert actions.seal(now=NOW) == 1


def test_second_sealing_at_once_steps_aside() -> None:
    _write()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealing._LOCK])
        outcome: list[int] = []

        def other() -> None:
            outcome.append(actions.seal(now=NOW))
            connections.close_all()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert outcome == [0]
    assert actions.seal(now=NOW) == 1


FORGERIES = {
    "altered entry": ("UPDATE audit_entry SET action = 'other' WHERE id = {second}", Fault.ENTRY_ALTERED),
    "altered fact": ("UPDATE audit_entry SET facts = '{{}}' WHERE id = {second}", Fault.ENTRY_ALTERED),
    "altered time": ("UPDATE audit_entry SET at = at + '1 us' WHERE id = {second}", Fault.ENTRY_ALTERED),
    "removed entry": ("DELETE FROM audit_entry WHERE id = {second}", Fault.ENTRY_MISSING),
    "removed leaf": ("DELETE FROM audit_leaf WHERE position = 1", Fault.LEAF_MISSING),
    "altered leaf": ("UPDATE audit_leaf SET hash = sha256('x') WHERE position = 1", Fault.TREE_ALTERED),
    "swapped leaves": ("UPDATE audit_leaf SET entry_id = -entry_id WHERE position = 1", Fault.ENTRY_MISSING),
    "planted entry": (
        "INSERT INTO audit_entry (at, actor_kind, actor_id, action, about_kind, about_id, facts, seal)"
        " VALUES (now(), 'staff', '', 'x', 'case', '1', '{{}}', 1)",
        Fault.ENTRY_UNLISTED,
    ),
    "planted leaf": ("INSERT INTO audit_leaf VALUES (99, 99, sha256('x'))", Fault.LEAF_UNSIGNED),
    "altered root": ("UPDATE audit_checkpoint SET root = 'x' WHERE number = 1", Fault.CHECKPOINT_FORGED),
    "altered date": ("UPDATE audit_checkpoint SET at = at - '1 d'::interval", Fault.CHECKPOINT_FORGED),
    "altered edge": ("UPDATE audit_checkpoint SET peaks = '{{}}' WHERE number = 1", None),
    "removed checkpoint": ("DELETE FROM audit_checkpoint WHERE number = 1", Fault.CHECKPOINT_MISSING),
    "unknown key": ("UPDATE audit_checkpoint SET key_id = 'x'", Fault.CHECKPOINT_FORGED),
    "endless size": ("UPDATE audit_checkpoint SET size = 1::bigint << 60", Fault.LEAF_MISSING),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_forgery_is_found(name: str) -> None:
    _log(3, 2)
    statement, fault = FORGERIES[name]
    _forge(statement.format(second=Entry.objects.order_by("id")[1].pk))
    found = _faults()
    assert found == set() if fault is None else fault in found


def test_spoilt_edge_of_the_tree_does_not_spoil_the_next_sealing() -> None:
    _log(3, 2)
    _forge("UPDATE audit_checkpoint SET peaks = '{}'")
    _log(2)
    assert queries.verify().intact


def test_verdict_names_the_altered_entry_and_no_other() -> None:
    _log(3, 2)
    second = Entry.objects.order_by("id")[1].pk
    _forge(f"UPDATE audit_entry SET actor_id = 'x' WHERE id = {second}")
    (finding,) = queries.verify().findings
    assert (finding.fault, finding.entry, finding.checkpoint) == (Fault.ENTRY_ALTERED, second, 1)
    assert str(second) in str(finding)


def test_altered_leaf_accuses_its_checkpoint_and_not_the_later_ones() -> None:
    _log(3, 2, 2)
    _forge("UPDATE audit_leaf SET hash = sha256('x') WHERE position = 3")
    findings = queries.verify().findings
    assert {finding.checkpoint for finding in findings} == {2}


def test_end_cut_off_is_invisible_here_and_seen_by_the_witness(witness: Path, settings: Settings) -> None:
    _log(3, 2)
    _forge(
        "DELETE FROM audit_entry WHERE seal = 2; DELETE FROM audit_leaf WHERE position >= 3;"
        "DELETE FROM audit_checkpoint WHERE number = 2"
    )
    assert _faults() == {Fault.TAIL_GONE}
    settings.AUDIT_WITNESS = ""
    assert _faults() == set()


def test_log_rewritten_with_the_real_key_is_seen_by_the_witness(witness: Path) -> None:
    _log(3)
    _forge("DELETE FROM audit_entry; DELETE FROM audit_leaf; DELETE FROM audit_checkpoint")
    kept = witness.read_text()
    _log(3)
    witness.write_text(kept)
    assert _faults() == {Fault.WITNESS_DISAGREES}


def test_witness_that_lost_or_spoilt_lines_is_told_apart(witness: Path) -> None:
    _log(1, 1)
    first, second = witness.read_text().splitlines()
    witness.write_text(second + "\n")
    assert _faults() == {Fault.WITNESS_LACKS}
    witness.write_text(f"{first}\n{second}\nnonsense\n")
    assert _faults() == {Fault.WITNESS_SPOILT}
    forged = second.replace('"number":2', '"number":3')
    witness.write_text(f"{first}\n{second}\n{forged}\n")
    assert _faults() == {Fault.WITNESS_SPOILT}


def test_failing_witness_blocks_nothing_and_gets_everything_later(witness: Path, settings: Settings) -> None:
    good = settings.AUDIT_WITNESS
    settings.AUDIT_WITNESS = f"file:{witness.parent / 'absent' / 'kept'}"
    _log(1, 1)
    verdict = queries.verify()
    assert (verdict.intact, verdict.witnessed) == (True, None)
    assert verdict.witness_problem
    settings.AUDIT_WITNESS = good
    actions.seal(now=NOW)
    numbers = [SignedNote.from_line(line).note.number for line in witness.read_text().splitlines()]
    assert numbers == [1, 2]
    assert queries.verify().witnessed == 2


def test_line_left_twice_after_a_crash_is_kept_once(witness: Path) -> None:
    _log(1)
    Checkpoint.objects.update(witnessed_at=None)
    actions.seal(now=NOW)
    assert len(witness.read_text().splitlines()) == 1


def test_line_cut_short_by_a_crash_does_not_swallow_the_next(witness: Path) -> None:
    witness.write_text('{"number":')
    _log(1)
    assert SignedNote.from_line(witness.read_text().splitlines()[1]).note.number == 1


def test_unknown_witness_is_said(settings: Settings) -> None:
    settings.AUDIT_WITNESS = "pigeon:coop"
    with pytest.raises(UnknownWitness, match="file"):
        queries.verify()


def test_changed_master_key_keeps_old_checkpoints_trusted(settings: Settings) -> None:
    _log(1)
    old, new = settings.MASTER_KEYS[0], b"n" * 32
    public = queries.public_keys()[0]
    settings.MASTER_KEYS = (new, old)
    _log(1)
    assert queries.verify().intact
    settings.MASTER_KEYS = (new,)
    assert _faults() == {Fault.CHECKPOINT_FORGED}
    settings.AUDIT_KEYS = (bytes.fromhex(public),)
    assert queries.verify().intact


def test_git_witness_commits_each_checkpoint(settings: Settings, tmp_path: Path) -> None:
    def git(*words: str) -> str:
        return subprocess.run(("git", *words), check=True, capture_output=True, text=True).stdout

    outside, folder = tmp_path / "outside", tmp_path / "kept"
    git("init", "--quiet", "--bare", str(outside))
    git("init", "--quiet", str(folder))
    git("-C", str(folder), "remote", "add", "origin", str(outside))
    settings.AUDIT_WITNESS = f"git:{folder}"
    _log(1, 1)
    assert git("-C", str(outside), "log", "--all", "--format=%s").split() == ["Checkpoint", "Checkpoint"]
    assert queries.verify().witnessed == 2
    assert queries.verify().intact


def test_git_witness_without_a_repository_is_tried_again(settings: Settings, tmp_path: Path) -> None:
    settings.AUDIT_WITNESS = f"git:{tmp_path}"
    _log(1)
    subprocess.run(("git", "init", "--quiet", str(tmp_path)), check=True)
    actions.seal(now=NOW)
    assert queries.verify().witnessed == 1


@pytest.fixture
def served() -> Iterator[Callable[[], str]]:
    """An outside witness over HTTP; the address, as a function."""
    kept: list[bytes] = []

    class Keeper(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.append(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(b"")

        def do_GET(self) -> None:
            self._answer(b"".join(kept))

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keeper)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield lambda: f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_http_witness_takes_and_gives_lines(settings: Settings, served: Callable[[], str]) -> None:
    settings.AUDIT_WITNESS = served()
    _log(1, 1)
    verdict = queries.verify()
    assert (verdict.intact, verdict.witnessed) == (True, 2)


def test_http_witness_out_of_reach_is_no_fault(settings: Settings) -> None:
    settings.AUDIT_WITNESS = "http://127.0.0.1:1/"
    _log(1)
    verdict = queries.verify()
    assert (verdict.intact, verdict.witnessed) == (True, None)
