"""JSON as it is stored under a seal: compact, UTF-8, nothing but JSON's own types."""

import json
from collections.abc import Mapping


def dump(value: object) -> bytes:
    """Raises TypeError on anything that is not JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def load(data: bytes) -> object:
    # As text, because the parser would guess at the encoding of bytes, each time.
    loaded: object = json.loads(str(data, "utf-8"))
    return loaded


def load_record(data: bytes) -> Mapping[str, object]:
    """Raises ValueError where the data is not a JSON object."""
    loaded = load(data)
    if not isinstance(loaded, dict):
        raise ValueError("expected a JSON object")
    return loaded
