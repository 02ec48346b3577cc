"""How a message's address and text are sealed, each bound to its own message and field."""

import json
from uuid import UUID

from loket.notifications.models import Message
from loket.notifications.types import RenderedText
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey


def sealed_address(address: str, message_id: UUID, key: DataKey) -> bytes:
    return key.encrypt(address.encode("utf-8", "replace"), about=b"message address " + message_id.bytes)


def sealed_text(text: RenderedText, message_id: UUID, key: DataKey) -> bytes:
    packed = json.dumps([text.subject, text.body], ensure_ascii=False).encode("utf-8", "replace")
    return key.encrypt(packed, about=b"message text " + message_id.bytes)


def key_of(row: Message) -> DataKey:
    """Raises privacy's KeyDestroyed where the case's key is gone."""
    if row.wrapped_key is not None:
        return privacy.unwrap(bytes(row.wrapped_key))
    assert row.key_id is not None
    return privacy.open_key(row.key_id)


def address_of(row: Message, key: DataKey) -> str:
    return key.decrypt(bytes(row.sealed_address), about=b"message address " + row.id.bytes).decode()


def text_of(row: Message, key: DataKey) -> RenderedText:
    packed = key.decrypt(bytes(row.sealed_text), about=b"message text " + row.id.bytes)
    subject, body = json.loads(packed)
    return RenderedText(subject=subject, body=body, language=row.language)
