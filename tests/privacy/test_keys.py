"""Data keys in the key store."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from loket.audit.models import Entry
from loket.kernel.actors import SYSTEM
from loket.privacy import actions, roots
from loket.privacy.keystore.models import RootSecret, StoredKey
from loket.privacy.wrapping import MasterKeyMissing, key_ring

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SUBJECT = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def _fresh_roots() -> Iterator[None]:
    roots.forget()
    yield
    roots.forget()


def test_created_key_opens_again_in_one_statement() -> None:
    with CaptureQueriesContext(connections["keys"]) as made:
        key_id, key = actions.create_key(SUBJECT)
    sealed = key.encrypt(b"answers", about=b"case 1")
    with CaptureQueriesContext(connections["keys"]) as opened:
        again = actions.open_key(key_id)
    assert again.decrypt(sealed, about=b"case 1") == b"answers"
    assert len([q for q in made if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]) == 1
    assert len(opened) == 1


def test_many_keys_open_in_one_statement() -> None:
    made = dict(actions.create_key(SUBJECT) for _ in range(3))
    with CaptureQueriesContext(connections["keys"]) as opened:
        found = actions.open_keys(tuple(made))
    assert len(opened) == 1
    assert all(found[one].reveal() == key.reveal() for one, key in made.items())


def test_destroyed_key_is_gone_and_recorded() -> None:
    key_id, _ = actions.create_key(SUBJECT)
    actions.destroy_key(key_id, by=SYSTEM, now=NOW)
    actions.destroy_key(key_id, by=SYSTEM, now=NOW)
    with pytest.raises(actions.KeyDestroyed):
        actions.open_key(key_id)
    stored = StoredKey.objects.get(pk=key_id)
    assert (stored.wrapped, stored.destroyed_at) == (None, NOW)
    assert Entry.objects.filter(action="privacy.key_destroyed", about_id=str(key_id)).count() == 2


def test_keys_of_one_subject_go_and_those_of_others_stay() -> None:
    mine, _ = actions.create_key(SUBJECT)
    other, _ = actions.create_key(uuid.UUID(int=8))
    assert actions.destroy_keys_of(SUBJECT, by=SYSTEM, now=NOW) == 1
    with pytest.raises(actions.KeyDestroyed):
        actions.open_keys([other, mine])
    actions.open_key(other)


def test_key_that_never_was_is_a_fault_and_no_refusal() -> None:
    with pytest.raises(actions.KeyUnknown):
        actions.open_key(uuid.UUID(int=1))


@pytest.mark.parametrize("change", ["wrapped = NULL", "destroyed_at = now()"])
def test_half_destroyed_key_is_refused_by_the_database(change: str) -> None:
    actions.create_key(SUBJECT)
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(using="keys"),
        connections["keys"].cursor() as cursor,
    ):
        cursor.execute(f"UPDATE keystore_storedkey SET {change}")


def test_wrapped_key_swapped_between_rows_does_not_open() -> None:
    one, _ = actions.create_key(SUBJECT)
    other, _ = actions.create_key(SUBJECT)
    StoredKey.objects.filter(pk=one).update(wrapped=StoredKey.objects.get(pk=other).wrapped)
    with pytest.raises(actions.SealBroken):
        actions.open_key(one)


def test_key_in_a_row_of_its_own() -> None:
    key, wrapped = actions.new_wrapped_key()
    sealed = key.encrypt(b"draft", about=b"")
    assert actions.unwrap(wrapped).decrypt(sealed, about=b"") == b"draft"


def test_rotation_rewraps_every_key_and_leaves_data_and_digests(settings: Settings) -> None:
    key_id, key = actions.create_key(SUBJECT)
    gone, _ = actions.create_key(SUBJECT)
    actions.destroy_key(gone, by=SYSTEM, now=NOW)
    _, loose = actions.new_wrapped_key()
    before = actions.digest("pin", "12345678")
    old, new = settings.MASTER_KEYS[0], b"n" * 32
    settings.MASTER_KEYS = (new, old)
    assert actions.rotate_master(by=SYSTEM, now=NOW) == 2
    assert actions.rotate_master(by=SYSTEM, now=NOW) == 0
    moved = actions.rewrap(loose)
    assert moved is not None
    settings.MASTER_KEYS = (new,)
    roots.forget()
    assert actions.open_key(key_id).reveal() == key.reveal()
    assert actions.digest("pin", "12345678") == before
    actions.unwrap(moved)
    assert actions.rewrap(moved) is None
    assert StoredKey.objects.get(pk=gone).wrapped is None
    with pytest.raises(MasterKeyMissing):
        actions.unwrap(loose)


def test_rotation_moves_more_than_one_batch(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loket.privacy.actions.keys._ROTATED_AT_ONCE", 2)
    for _ in range(5):
        actions.create_key(SUBJECT)
    settings.MASTER_KEYS = (b"n" * 32, *settings.MASTER_KEYS)
    assert actions.rotate_master(by=SYSTEM, now=NOW) == 5
    ids = set(map(bytes, StoredKey.objects.values_list("master_id", flat=True)))
    assert ids == {key_ring().current_id}


def test_digests_differ_by_purpose_agency_and_field_and_need_no_statement() -> None:
    actions.digest("warm", "")
    with CaptureQueriesContext(connections["keys"]) as queries:
        found = {
            actions.digest("pin", "1"),
            actions.digest("code", "1"),
            actions.blind_index(1, "name", "1"),
            actions.blind_index(2, "name", "1"),
            actions.blind_index(1, "phone", "1"),
        }
    assert len(found) == 5
    assert len(queries) == 0
    assert RootSecret.objects.count() == 1


@pytest.mark.parametrize("typed", ["siti  AMINAH", " Siti Aminah ", "Ｓｉｔｉ Aminah", "SITI\tAMINAH"])
def test_blind_index_meets_other_spellings(typed: str) -> None:
    assert actions.blind_index(1, "name", typed) == actions.blind_index(1, "name", "Siti Aminah")


def test_blind_index_tells_different_values_apart() -> None:
    assert actions.blind_index(1, "name", "Siti Amina") != actions.blind_index(1, "name", "Siti Aminah")


def test_no_secret_lies_in_the_key_store_in_the_clear() -> None:
    _, key = actions.create_key(SUBJECT)
    stored = StoredKey.objects.get()
    assert stored.wrapped is not None
    assert key.reveal() not in bytes(stored.wrapped)


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_key_outlives_a_case_that_was_rolled_back_and_comes_first() -> None:
    made: list[uuid.UUID] = []
    with transaction.atomic():
        made.append(actions.create_key(SUBJECT)[0])
        transaction.set_rollback(True)
    actions.open_key(made[0])


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_key_is_never_made_inside_an_open_transaction_of_the_key_store() -> None:
    with pytest.raises(RuntimeError), transaction.atomic(using="keys"):
        actions.create_key(SUBJECT)
    assert not StoredKey.objects.exists()


def test_key_store_keeps_its_tables_to_itself() -> None:
    assert "keystore_storedkey" in connections["keys"].introspection.table_names()
    assert "keystore_storedkey" not in connections["default"].introspection.table_names()
    assert "audit_entry" not in connections["keys"].introspection.table_names()
