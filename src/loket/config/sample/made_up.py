"""Whether a made-up population may be put here: never among real cases."""

from datetime import datetime

from django.conf import settings

from loket.audit import actions as audit
from loket.audit import loading as record
from loket.casework import queries as cases
from loket.kernel.actors import SYSTEM
from loket.kernel.refusals import Refusal

_KIND = "sample"


class RealCases(Refusal):
    """There are cases here that no sample made."""

    code = "real_cases"

    def __str__(self) -> str:
        return (
            "There are cases here that no sample made. A made-up population would mix with them for good; "
            "use a database of its own."
        )


class LoadedBefore(Refusal):
    """This very population is here already."""

    code = "loaded_before"

    def __str__(self) -> str:
        return f"The population with seed {self.details['seed']} is here already; give another --seed."


def make_sure(seed: int) -> None:
    """Refuses RealCases, LoadedBefore. In a demo nothing is real."""
    if record.any_entry_about(_KIND, str(seed)):
        raise LoadedBefore(seed=seed)
    if cases.any_case() and not settings.DEMO and not record.any_entry_about(_KIND):
        raise RealCases()


def mark(seed: int, *, count: int, now: datetime) -> None:
    """Remembers that this installation holds made-up cases."""
    audit.record("sample.loaded", by=SYSTEM, about=f"{_KIND}:{seed}", now=now, cases=count)
