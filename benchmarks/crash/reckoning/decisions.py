"""Decisions of officers: each that was confirmed happened, once, and every look at a case is recorded."""

from collections import Counter
from pathlib import Path

from benchmarks.crash.findings import Check
from loket.casework.models import CaseEvent
from loket.casework.types import Happened
from loket.kernel.actors import ActorKind
from loket.privacy.models import AccessRow


def checks(notes: Path) -> list[Check]:
    lines = notes.read_text(encoding="ascii").splitlines() if notes.exists() else []
    begun = Counter(line.partition(" ")[2] for line in lines if line.startswith("deciding "))
    confirmed = Counter(line.partition(" ")[2] for line in lines if line.startswith("decided "))
    moved = CaseEvent.objects.filter(
        happened=Happened.MOVED, actor_kind=ActorKind.STAFF, undone_at=None
    ).exclude(action="")
    found = Counter(f"{case} {action}" for case, action in moved.values_list("case__reference", "action"))
    wrong = [f"{one} was confirmed {count} times and happened {found[one]} times"
             for one, count in confirmed.items() if found[one] != count]  # fmt: skip
    wrong += [f"{one} happened {count} times and was begun {begun[one]} times"
              for one, count in found.items() if count > 1 or not begun[one]]  # fmt: skip
    seen = {str(case) for row in AccessRow.objects.values_list("case_ids", flat=True) for case in row}
    unseen = [
        f"case {reference} was decided, and nobody is recorded to have opened it"
        for reference, case_id in moved.values_list("case__reference", "case_id")
        if str(case_id) not in seen
    ]
    return [
        Check(
            "decision",
            "Every confirmed decision of an officer happened, once",
            sum(confirmed.values()),
            wrong,
        ),
        Check("access", "Every case that was decided has the record of who opened it", len(seen), unseen),
    ]
