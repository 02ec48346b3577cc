"""What docs/webhooks.md tells receivers to write works."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

from loket.kernel import clock
from loket.webhooks import signing

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


def test_the_guide_s_own_code_tells_genuine_from_false() -> None:
    (code,) = re.findall(r"```python\n(.+?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    written: dict[str, Any] = {}
    exec(code, written)
    genuine, secret, body = written["is_from_loket"], signing.new_secret(), b'{"type":"case.paid"}'
    headers = dict(signing.headers(uuid4(), body, [signing.new_secret(), secret], clock.now()))
    assert genuine(secret, headers, body)
    assert not genuine(signing.new_secret(), headers, body)
    assert not genuine(secret, headers, body + b" ")
    assert not genuine(secret, {**headers, "webhook-id": "evt_other"}, body)
    assert not genuine(
        secret, {**headers, "webhook-timestamp": str(int(clock.now().timestamp()) - 400)}, body
    )
