"""How a message's address and text are sealed, each bound to its own message and field."""

import json
from collections.abc import Collection, Mapping
from uuid import UUID

from loket.notifications.models import Message
from loket.notifications.types import RenderedText
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey


def sealed_address(address: str, message_id: UUID, key: DataKey) -> bytes:
    return key.encrypt(address.encode("utf-8", "replace"), about=about_address(message_id))


def sealed_text(text: RenderedText, message_id: UUID, key: DataKey) -> bytes:
    return key.encrypt(packed(text), about=about_text(message_id))


def packed(text: RenderedText) -> bytes:
    return json.dumps([text.subject, text.body], ensure_ascii=False).encode("utf-8", "replace")


def about_address(message_id: UUID) -> bytes:
    """What an address is bound to."""
    return b"message address " + message_id.bytes


def about_text(message_id: UUID) -> bytes:
    """What a text is bound to."""
    return b"message text " + message_id.bytes


def key_of(row: Message) -> DataKey:
    """Raises privacy's KeyDestroyed where the case's key is gone."""
    if row.wrapped_key is not None:
        return privacy.unwrap(bytes(row.wrapped_key))
    assert row.key_id is not None
    return privacy.open_key(row.key_id)


def keys_of(rows: Collection[Message]) -> Mapping[UUID, DataKey]:
    """By message; those are left out whose case's key is gone. 1 statement, none where each has its own."""
    of_cases = {row.id: row.key_id for row in rows if row.wrapped_key is None and row.key_id is not None}
    left = privacy.keys_left(frozenset(of_cases.values())) if of_cases else {}
    own = {row.id: privacy.unwrap(bytes(row.wrapped_key)) for row in rows if row.wrapped_key is not None}
    return own | {message: left[key_id] for message, key_id in of_cases.items() if key_id in left}


def address_of(row: Message, key: DataKey) -> str:
    return key.decrypt(bytes(row.sealed_address), about=about_address(row.id)).decode()


def text_of(row: Message, key: DataKey) -> RenderedText:
    subject, body = json.loads(key.decrypt(bytes(row.sealed_text), about=about_text(row.id)))
    return RenderedText(subject=subject, body=body, language=row.language)
