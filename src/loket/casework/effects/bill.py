"""`bill`: what becomes of the bill that the application looked up.

bill: contested      nobody need pay until it is decided
bill: cancelled      it need not be paid at all
bill: reinstated     it was contested, and counts again with a new term
"""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from loket.applications.queries import bill_in
from loket.casework.registry import Occasion
from loket.identity import queries as identity
from loket.kernel.actors import SYSTEM
from loket.payments import bills

_WORDS = ("contested", "cancelled", "reinstated")


class BillEffect:
    """Changes the bill. One that was paid meanwhile stays paid."""

    def problems(self, argument: JsonValue, questions: Collection[str]) -> tuple[str, ...]:
        if argument in _WORDS:
            return ()
        return (f"Write one of {', '.join(_WORDS)}.",)

    def perform(self, occasion: Occasion, argument: JsonValue) -> None:
        bill_id, now = bill_in(occasion.answers), occasion.now
        if bill_id is None:
            return
        if argument == "contested":
            bills.contest(bill_id=bill_id, by=SYSTEM, now=now)
        elif argument == "cancelled":
            bills.cancel(bill_id=bill_id, by=SYSTEM, now=now)
        elif argument == "reinstated":
            zone = ZoneInfo(identity.agency_known(occasion.case.agency_id).timezone)
            bills.reinstate(bill_id=bill_id, today=now.astimezone(zone).date(), by=SYSTEM, now=now)


effect = BillEffect()
