"""After a restore: erases again what was erased, and says what does not agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.conf import settings

from loket.audit import queries as audit
from loket.audit.types import Verdict
from loket.casework import actions as casework_actions
from loket.casework import queries as casework
from loket.config.backup import pool
from loket.files import queries as files
from loket.kernel.actors import SYSTEM
from loket.kernel.refusals import Refusal
from loket.privacy import actions as privacy_actions
from loket.privacy import queries as privacy

_AT_ONCE = 500
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Account:
    """What was found and done. `erased`: references of cases that were erased again.

    `destroyed`: keys that a restored key store still had of what the record says was erased. `unopenable`:
    cases whose key the key store never had, since it is older than the data. `lacking`: blobs not on disk.
    `refused`: cases that could not be erased again, though they stay dark.
    """

    erased: tuple[str, ...]
    refused: tuple[str, ...]
    destroyed: int
    unopenable: tuple[str, ...]
    lacking: tuple[str, ...]
    verdict: Verdict

    @property
    def well(self) -> bool:
        return not self.unopenable and not self.lacking and not self.refused


def reconcile(now: datetime) -> Account:
    """May be run again. Erasing goes by the keys: what has none any more was erased."""
    destroyed = _destroy_again(now)
    erased: list[str] = []
    refused: list[str] = []
    unopenable: list[str] = []
    for batch in _batches(casework.keys_of_cases()):
        state = privacy.state_of_keys([key_id for _case, _reference, key_id in batch])
        for case_id, reference, key_id in batch:
            if key_id not in state:
                unopenable.append(reference)
            elif state[key_id]:
                (erased if _erased_again(case_id, now) else refused).append(reference)
    lacking = [blob.hex for blob in files.blobs_known() if not pool.path_of(settings.FILES, blob).exists()]
    return Account(
        tuple(erased), tuple(refused), destroyed, tuple(unopenable), tuple(lacking), audit.verify()
    )


def _erased_again(case_id: UUID, now: datetime) -> bool:
    try:
        return casework_actions.erase_again(case_id=case_id, by=SYSTEM, now=now)
    except Refusal:
        return False


def _destroy_again(now: datetime) -> int:
    """Where the data is newer than the keys: its record tells what had been erased by then."""
    count = 0
    for batch in _batches(audit.subjects_of("privacy.keys_destroyed")):
        for subject in privacy.subjects_with_keys([UUID(one) for one in batch]):
            count += privacy_actions.destroy_keys_of(subject, by=SYSTEM, now=now)
    return count


def _batches(things: Iterator[Thing]) -> Iterator[list[Thing]]:
    while batch := list(islice(things, _AT_ONCE)):
        yield batch
