"""What privacy does: one module per thing it is done to."""

from loket.privacy.actions.keys import (
    KeyDestroyed,
    KeyUnknown,
    create_key,
    destroy_key,
    destroy_keys_of,
    new_wrapped_key,
    open_key,
    open_keys,
    rewrap,
    rotate_master,
    unwrap,
)
from loket.privacy.roots import blind_index, digest
from loket.privacy.sealing import DataKey, SealBroken

__all__ = [
    "DataKey",
    "KeyDestroyed",
    "KeyUnknown",
    "SealBroken",
    "blind_index",
    "create_key",
    "destroy_key",
    "destroy_keys_of",
    "digest",
    "new_wrapped_key",
    "open_key",
    "open_keys",
    "rewrap",
    "rotate_master",
    "unwrap",
]
