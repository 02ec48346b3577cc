"""What a case says to its own applicant: what must be the same before and after."""

import json
from collections.abc import Mapping

from loket.casework import tracking
from loket.casework.models import Case


def opened_cases() -> Mapping[str, object]:
    """Every case with all its answers in the clear."""
    return {str(case.id): told_of(case) for case in Case.objects.order_by("id")}


def told_of(case: Case) -> object:
    if case.erased_at is not None:
        return {"erased": True}
    seen = tracking.whole_case(case, case.opened_at)
    told = {"answers": repr(seen.rows), "files": repr(seen.files), "stage": case.stage}
    return json.loads(json.dumps(told))
