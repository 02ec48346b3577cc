"""Answering single pages, as a browser would."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from loket.applications import actions
from loket.applications.types import Answered, Upload
from loket.forms.types import Raw
from loket.kernel.actors import APPLICANT
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW


def answered(
    token: str | None,
    page: str,
    *,
    now: datetime = NOW,
    files: Mapping[str, Sequence[Upload]] | None = None,
    removed: Mapping[str, Sequence[str]] | None = None,
    **fields: str | Raw,
) -> Answered:
    raw: dict[str, Raw] = {
        name: {"": (value,)} if isinstance(value, str) else value for name, value in fields.items()
    }
    return actions.answer(
        token=token, service=county.service(stall.KEY), page_id=page, raw=raw, files=files or {},
        removed=removed or {}, language="en", by=APPLICANT, now=now,
    )  # fmt: skip


def begun(now: datetime = NOW) -> str:
    token = answered(None, "you", full_name="Wanjiru Kamau", phone="0712 345 678", now=now).token
    assert token is not None
    return token
