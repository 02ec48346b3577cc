"""Where a thing is that its person picks up, in words."""

from dataclasses import dataclass
from datetime import datetime

from loket.casework.types import CaseStatus
from loket.identity.types import AgencyView
from loket.web.centres import CentreWords, told_now


@dataclass(frozen=True, slots=True)
class PickupWords:
    """`state` as in Pickup. `pin` only after a code; `paper_pin`: the PIN on their paper serves."""

    state: str
    centre: CentreWords | None
    since: datetime
    until: datetime | None
    pin: str
    paper_pin: bool


def in_words(status: CaseStatus, agency: AgencyView, now: datetime) -> PickupWords | None:
    told = status.collection
    if told is None:
        return None
    centre = agency.centre(told.centre)
    return PickupWords(
        state=told.state.value,
        centre=told_now(centre, agency, now) if centre else None,
        since=told.since,
        until=told.until,
        pin=told.pin,
        paper_pin=told.paper_pin,
    )
