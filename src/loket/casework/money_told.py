"""Money as the timeline of a case tells of it."""

from dataclasses import dataclass

from loket.kernel.money import Money


@dataclass(frozen=True, slots=True)
class MoneyTold:
    """Money in an event: what came, went back or is asked for. `receipt` is a receipt's number; `why` why it
    went back; `what` what an officer asks it for, in the applicant's language."""

    amount: Money
    receipt: str = ""
    why: str = ""
    what: str = ""
