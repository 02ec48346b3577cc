"""What privacy does: one module per thing it is done to."""

from loket.privacy.actions.access import (
    ReasonMissing,
    record_access,
    record_bulk_access,
    record_export,
    record_listing,
)
from loket.privacy.actions.keys import (
    KeyDestroyed,
    KeyUnknown,
    create_key,
    destroy_key,
    destroy_keys_of,
    keys_left,
    new_wrapped_key,
    open_key,
    open_keys,
    rewrap,
    rotate_master,
    unwrap,
)
from loket.privacy.actions.subjects import copy_of, erase_subject, expire
from loket.privacy.roots import blind_index, digest
from loket.privacy.sealing import DataKey, SealBroken

__all__ = [
    "DataKey",
    "KeyDestroyed",
    "KeyUnknown",
    "ReasonMissing",
    "SealBroken",
    "blind_index",
    "copy_of",
    "create_key",
    "destroy_key",
    "destroy_keys_of",
    "digest",
    "erase_subject",
    "expire",
    "keys_left",
    "new_wrapped_key",
    "open_key",
    "open_keys",
    "record_access",
    "record_bulk_access",
    "record_export",
    "record_listing",
    "rewrap",
    "rotate_master",
    "unwrap",
]
