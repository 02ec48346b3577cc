"""JSON as it is stored under a seal: compact, UTF-8, nothing but JSON's own types."""

import json

from pydantic import JsonValue


def dump(value: JsonValue) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def load(data: bytes) -> JsonValue:
    loaded: JsonValue = json.loads(data)
    return loaded
