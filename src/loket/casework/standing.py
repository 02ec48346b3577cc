"""How many cases each agency has in its hands, and how many are late: for whoever watches the whole."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from loket.casework.models import Case
from loket.casework.types import Phase
from loket.identity import queries as identity

_IN_HAND = (Phase.OPEN, Phase.WAITING)


@dataclass(frozen=True, slots=True)
class CasesStanding:
    """Cases in an agency's hands, those waiting for somebody else included, and the late ones."""

    open: int
    late: int


def standing(now: datetime) -> Mapping[int, CasesStanding]:
    """By agency id (3 statements). Counted by team from the worklist's index; cases of no team are few."""
    late = Count("id", filter=Q(phase=Phase.OPEN, due_at__lt=now))
    cases = Case.objects.filter(phase__in=_IN_HAND).order_by()
    by_team = list(
        cases.filter(team__isnull=False).values_list("team_id").annotate(all=Count("id"), late=late)
    )
    agencies = identity.agencies_of_teams([team for team, _all, _late in by_team])
    counted: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    of_no_team = cases.filter(team__isnull=True).values_list("agency_id").annotate(all=Count("id"), late=late)
    for agency, all_of_them, late_ones in [
        *((agencies[team], many, few) for team, many, few in by_team),
        *of_no_team,
    ]:
        counted[agency][0] += all_of_them
        counted[agency][1] += late_ones
    return {agency: CasesStanding(*numbers) for agency, numbers in sorted(counted.items())}
