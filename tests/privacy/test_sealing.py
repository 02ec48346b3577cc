"""Sealing bytes and wrapping keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.privacy.sealing import DataKey, SealBroken, new_data_key
from loket.privacy.wrapping import KeyRing, LocalMaster, MasterKeyMissing, master_id

_KEY = DataKey(b"k" * 32)


@given(st.binary(max_size=2000), st.binary(max_size=40))
def test_sealed_bytes_open_again(plain: bytes, about: bytes) -> None:
    sealed = _KEY.encrypt(plain, about=about)
    assert _KEY.decrypt(sealed, about=about) == plain
    assert len(sealed) == len(plain) + 29


@given(st.binary(max_size=60), st.data())
def test_any_changed_bit_is_noticed(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(_KEY.encrypt(plain, about=b"row 1"))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << (place % 8)
    with pytest.raises(SealBroken):
        _KEY.decrypt(bytes(sealed), about=b"row 1")


@given(st.binary(max_size=60), st.integers(0, 88))
def test_anything_cut_off_is_noticed(plain: bytes, kept: int) -> None:
    sealed = _KEY.encrypt(plain, about=b"")
    with pytest.raises(SealBroken):
        _KEY.decrypt(sealed[: min(kept, len(sealed) - 1)], about=b"")


def test_value_moved_to_another_row_is_noticed() -> None:
    with pytest.raises(SealBroken):
        _KEY.decrypt(_KEY.encrypt(b"x", about=b"row 1"), about=b"row 2")


def test_another_key_does_not_open() -> None:
    with pytest.raises(SealBroken):
        new_data_key().decrypt(_KEY.encrypt(b"x", about=b""), about=b"")


def test_same_value_never_looks_the_same() -> None:
    assert _KEY.encrypt(b"x", about=b"") != _KEY.encrypt(b"x", about=b"")


def test_key_does_not_print_itself() -> None:
    assert "6b" not in repr(_KEY)
    assert "kkk" not in repr(_KEY)


def test_key_of_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        DataKey(b"short")


_OLD, _NEW = LocalMaster(b"1" * 32), LocalMaster(b"2" * 32)


def test_wrapped_key_opens_under_the_master_it_names() -> None:
    key, wrapped = KeyRing((_OLD,)).new_key(b"a")
    both = KeyRing((_NEW, _OLD))
    assert master_id(wrapped) == _OLD.id != both.current_id
    assert both.unwrap(wrapped, b"a").reveal() == key.reveal()
    assert key.reveal() not in wrapped


def test_wrapped_key_without_its_master_says_which_is_missing() -> None:
    _, wrapped = KeyRing((_OLD,)).new_key(b"a")
    with pytest.raises(MasterKeyMissing, match=_OLD.id.hex()):
        KeyRing((_NEW,)).unwrap(wrapped, b"a")


@given(st.integers(0, 69 * 8 - 1))
def test_wrapped_key_with_a_changed_bit_never_opens(bit: int) -> None:
    _, wrapped = KeyRing((_OLD,)).new_key(b"a")
    changed = bytearray(wrapped)
    changed[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises((SealBroken, MasterKeyMissing)):
        KeyRing((_OLD,)).unwrap(bytes(changed), b"a")


def test_wrapped_key_of_another_row_never_opens() -> None:
    _, wrapped = KeyRing((_OLD,)).new_key(b"a")
    with pytest.raises(SealBroken):
        KeyRing((_OLD,)).unwrap(wrapped, b"b")


def test_no_master_at_all_is_said() -> None:
    with pytest.raises(MasterKeyMissing, match="LOKET_MASTER_KEY"):
        KeyRing(())
