"""Reads what mail servers send back: delivery status notifications (RFC 3464)."""

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from uuid import UUID

from loket.notifications.registry import Fate, Report

# Ours are `<id of the message@domain>`.
_OURS = re.compile(r"<?([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})@[^>\s]+>?")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# What 5.x.x says of the mailbox, not of the address: full, or a policy of the day.
_MAY_PASS = frozenset({"5.2.2", "5.2.1", "5.7.0", "5.7.1"})
_FATES = {"failed": Fate.BOUNCED, "delivered": Fate.DELIVERED, "relayed": Fate.DELIVERED}


def reports(mail: bytes, now: datetime) -> tuple[Report, ...]:
    """What a report says about one of our messages; nothing for other mail. Raises ValueError for no mail.

    The message is known by the Message-ID that it was sent with, which the report repeats.
    """
    parsed = message_from_bytes(mail, policy=policy.default)
    if not isinstance(parsed, EmailMessage) or not parsed.keys():
        raise ValueError("not a mail")
    if parsed.get_content_type() != "multipart/report":
        return ()
    message_id = _original(parsed)
    if message_id is None:
        return ()
    found = [_report(block, message_id, now) for block in _recipients(parsed)]
    # We write to one person each time; a worse report wins over a better one.
    told = sorted((report for report in found if report), key=lambda report: report.fate is not Fate.BOUNCED)
    return tuple(told[:1])


def _original(mail: EmailMessage) -> UUID | None:
    for part in mail.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"}:
            inner = part.get_payload()
            first = inner[0] if isinstance(inner, list) and inner else inner
            text = first.as_string() if isinstance(first, Message) else str(first)
            named = re.search(r"(?im)^message-id:\s*(\S+)", text)
            if named and (ours := _OURS.fullmatch(named.group(1))):
                return UUID(ours.group(1))
    return None


def _recipients(mail: EmailMessage) -> Iterator[Message]:
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            if isinstance(blocks, list):
                yield from (block for block in blocks if isinstance(block, Message) and block.get("Action"))


def _report(block: Message, message_id: UUID, now: datetime) -> Report | None:
    fate = _FATES.get(str(block.get("Action", "")).strip().lower())
    if fate is None:
        return None
    status = _STATUS.search(str(block.get("Status", "")))
    code = status.group(0) if status else "5.0.0"
    if fate is Fate.DELIVERED:
        return Report(message_id, fate, now)
    return Report(
        message_id,
        fate,
        now,
        code=f"bounce_{code.replace('.', '_')}",
        for_good=code.startswith("5") and code not in _MAY_PASS,
    )
