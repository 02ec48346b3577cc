from hypothesis import given
from hypothesis import strategies as st

from loket.kernel import ids


def test_a_reference_is_recognised_however_it_is_typed() -> None:
    reference = ids.new_reference()
    assert ids.normalised_reference(f" {reference.lower().replace('-', ' ')} ") == reference


@given(st.text())
def test_nonsense_is_never_a_reference(typed: str) -> None:
    found = ids.normalised_reference(typed)
    assert found is None or ids.normalised_reference(found) == found


def test_ids_are_ordered_by_time() -> None:
    first, later = ids.new_id(), ids.new_id()
    assert first.version == 7
    assert first.int >> 80 <= later.int >> 80
