"""The tree against RFC 6962: its definition, known roots, proofs."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.audit.merkle import Frontier, inclusion_proof, leaf_hash, node_hash, proves

_LOG = [bytes.fromhex(leaf) for leaf in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
# From the test data of Certificate Transparency's own implementations.
_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def _defined_root(leaves: Sequence[bytes]) -> bytes:
    """The RFC's recursive definition, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(_defined_root(leaves[:split]), _defined_root(leaves[split:]))


@pytest.mark.parametrize(("size", "root"), _ROOTS.items())
def test_known_roots(size: int, root: str) -> None:
    assert Frontier().grown(map(leaf_hash, _LOG[:size])).root.hex() == root


@given(st.lists(st.binary(max_size=3), max_size=70), st.integers(0, 70))
def test_grown_in_two_steps_is_the_defined_tree(log: list[bytes], cut: int) -> None:
    leaves = [leaf_hash(data) for data in log]
    grown = Frontier().grown(leaves[:cut]).grown(leaves[cut:])
    assert grown.root == _defined_root(leaves)
    assert grown.size == len(leaves)
    assert len(grown.peaks) == len(leaves).bit_count()


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=70), st.data())
def test_proof_proves_its_leaf_and_no_other(log: list[bytes], data: st.DataObject) -> None:
    leaves = [leaf_hash(entry) for entry in log]
    root = _defined_root(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    assert proves(leaves[index], index, len(leaves), proof, root)
    assert not proves(leaf_hash(b"planted"), index, len(leaves), proof, root)
    assert not proves(leaves[index], len(leaves), len(leaves), proof, root)
    assert not proves(leaves[index], index, len(leaves), (*proof, root), root)
    if proof:
        assert not proves(leaves[index], index, len(leaves), proof[:-1], root)


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=40), st.data())
def test_any_altered_leaf_alters_the_root(log: list[bytes], data: st.DataObject) -> None:
    leaves = [leaf_hash(entry) for entry in log]
    place = data.draw(st.integers(0, len(leaves) - 1))
    altered = [*leaves[:place], leaf_hash(b"planted"), *leaves[place + 1 :]]
    assert Frontier().grown(altered).root != Frontier().grown(leaves).root


def test_node_can_not_pass_for_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)
