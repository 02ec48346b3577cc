"""Why something was decided by rules, kept with the event in every language as it was true then."""

import logging
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from loket.casework import sealing
from loket.casework.explained import Explained, RuleTold, Why
from loket.casework.models import Case
from loket.catalogue import explaining
from loket.catalogue.compiled import CompiledService
from loket.catalogue.explaining import Explanation
from loket.decisions.types import Assessment, Facts
from loket.forms.types import JourneyContext
from loket.kernel.text import FALLBACK, Message
from loket.privacy.actions import DataKey
from loket.workflow.engine import Move

NOTHING = Explained()
_log = logging.getLogger(__name__)


def sealed(
    key: DataKey,
    case: Case,
    service: CompiledService,
    facts: Facts,
    context: JourneyContext,
    *,
    move: Move | None = None,
    assessment: Assessment | None = None,
) -> bytes | None:
    """What rules decided in this move or asked for as a fee; None where they decided nothing.

    It is in the languages of the service, with the questions' words of its version.
    """
    evaluating = context.evaluating()
    decided: dict[str, tuple[Explanation, ...]] = {}
    charged: dict[str, tuple[Explanation, ...]] = {}
    for language in _languages(service):
        if move is not None and move.branches:
            decided[language] = explaining.of_move(service, facts, move, evaluating, language)
        if assessment is not None and assessment.lines:
            charged[language] = explaining.of_fee(service, facts, assessment, evaluating, language)
    faults = [f"{fault.stage}: {fault.code} ({fault.source})" for fault in (move.faults if move else ())]
    if move is not None and move.branches:
        faults += [str(fault) for fault in facts.faults]
    if faults:
        _log.error("rules_not_worked_out case=%s faults=%s", case.id, "; ".join(faults))
    told = {"decided": _merged(decided), "charged": _merged(charged), "faults": faults}
    return sealing.seal(key, case, "trace", told) if any(told.values()) else None


def opened(
    key: DataKey | None, case: Case, service: CompiledService, kept: bytes | memoryview | None
) -> Explained:
    if key is None or kept is None:
        return NOTHING
    told = sealing.as_record(sealing.unseal(key, case, "trace", kept))
    faults = told.get("faults")
    return Explained(
        decided=tuple(_whys(service, told.get("decided"))),
        charged=tuple(_whys(service, told.get("charged"))),
        faults=tuple(str(fault) for fault in faults) if isinstance(faults, list) else (),
    )


def in_languages(service: CompiledService, found: Mapping[str, Iterable[Explanation]]) -> tuple[Why, ...]:
    """The same explanations in several languages, as they are shown."""
    return tuple(_whys(service, _merged(found)))


def _languages(service: CompiledService) -> tuple[str, ...]:
    ours = {code for code, _name in settings.LANGUAGES}
    return tuple(code for code in service.service.languages if code in ours) or (FALLBACK,)


def _merged(found: Mapping[str, Iterable[Explanation]]) -> list[dict[str, object]]:
    """One entry for each part: what was seen is said in each language, the rest is the same in all."""
    merged: dict[str, dict[str, object]] = {}
    seen: dict[tuple[str, int], dict[str, list[str]]] = {}
    for language, parts in found.items():
        for part in parts:
            for rule in part.rules:
                said = seen.setdefault((part.part, rule.number), {})
                said[language] = [_said(message, language) for message in rule.seen]
            rules = [
                {"number": rule.number, "fits": rule.fits, "seen": seen[part.part, rule.number]}
                for rule in part.rules
            ]
            merged.setdefault(part.part, {"part": part.part, "rules": rules})
    return list(merged.values())


def _said(message: Message, language: str) -> str:
    with translation.override(language):
        return gettext(message.msgid) % message.params


def _whys(service: CompiledService, kept: object) -> Iterable[Why]:
    for entry in kept if isinstance(kept, list) else ():
        part = str(entry["part"])
        yield Why(
            part,
            tuple(
                RuleTold(
                    because=explaining.because(service, part, int(rule["number"])),
                    fits=bool(rule["fits"]),
                    seen={language: tuple(said) for language, said in rule["seen"].items()},
                )
                for rule in entry["rules"]
            ),
        )
