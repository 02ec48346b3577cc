"""What can be said about documents, reminders and endings: what is named is there."""

from collections.abc import Iterator, Mapping

from loket.catalogue.cells import cell, one_of, types_of
from loket.catalogue.marks import Mark, error, warning
from loket.catalogue.reading import Path
from loket.catalogue.sentences import suggestion
from loket.catalogue.service import Service
from loket.documents import trying
from loket.documents.definition import Validity
from loket.expressions import TEXT, Kind
from loket.workflow.definition import RESERVED_STAGES, Automatic, Final, Outcome

_ISSUE = "issue"
_NOT_ALL_GRANTED = frozenset({Outcome.REFUSED, Outcome.PARTLY_GRANTED})
_WHOLE = frozenset({Kind.INTEGER})
_WORDED = frozenset(Kind) - {Kind.RECORD, Kind.LIST}


def documents(service: Service) -> Iterator[Mark]:
    """Whose name is on it, what stands in it, how long it is valid; and that something issues it."""
    types = types_of(service)
    issued = {str(argument) for _, argument in _issues(service)}
    for key, spec in service.documents.items():
        path: Path = ("documents", key)
        yield from cell(spec.holder, types, (*path, "holder"), expected=TEXT)
        for name, fact in spec.facts.items():
            yield from one_of(fact.value, types, (*path, "facts", name, "value"), _WORDED, "a single value")
        if spec.valid is not None:
            unit = _unit(spec.valid)
            term = getattr(spec.valid, unit)
            if isinstance(term, str):
                yield from one_of(term, types, (*path, "valid", unit), _WHOLE, "a whole number")
        if key not in issued:
            yield warning("document-unissued", f"No stage issues “{key}”.", path, of_key=True)


def templates(service: Service, given: Mapping[str, str]) -> Iterator[Mark]:
    """Each template is there and can be set, tried with data made up for it in every language."""
    used = set()
    for key, spec in service.documents.items():
        if spec.template is None:
            continue
        path: Path = ("documents", key, "template")
        used.add(spec.template)
        if spec.template not in given:
            yield error("template-missing", f"There is no “{spec.template}” beside the service.", path)
            continue
        for language in service.languages:
            wrong = trying.problem(key, spec, given[spec.template], language)
            if wrong:
                yield error("template-unsettable", f"“{spec.template}” can’t be set: {wrong}", path)
                break
    for name in sorted(set(given) - used):
        yield warning("template-unused", f"No document uses “{name}”.", ("key",), of_key=True)


def issuing(service: Service) -> Iterator[Mark]:
    for path, argument in _issues(service):
        if not isinstance(argument, str) or argument not in service.documents:
            hint = suggestion(str(argument), service.documents)
            yield error("document-unknown", f"There is no document “{argument}”.{hint}", path)


def reminders(service: Service) -> Iterator[Mark]:
    for index, reminder in enumerate(service.remind):
        path: Path = ("remind", index, "of")
        spec = service.documents.get(reminder.of)
        if spec is None:
            hint = suggestion(reminder.of, service.documents)
            yield error("document-unknown", f"There is no document “{reminder.of}”.{hint}", path)
        elif spec.valid is None:
            yield error("never-expires", f"“{reminder.of}” is valid for ever: nothing to remind of.", path)


def reserved_stages(service: Service) -> Iterator[Mark]:
    for key in service.workflow.stages:
        if key in RESERVED_STAGES:
            message = f"“{key}” is a stage that every service with fees has; choose another name."
            yield error("stage-reserved", message, ("workflow", "stages", key), of_key=True)


def appealing(service: Service) -> Iterator[Mark]:
    """Whoever is refused something is told what they can do about it."""
    if service.appeal is not None:
        return
    for key, stage in service.workflow.stages.items():
        if isinstance(stage, Final) and stage.outcome in _NOT_ALL_GRANTED:
            yield warning(
                "appeal-missing",
                f"Whose case ends in “{key}” isn't told how to appeal: write “appeal”.",
                ("workflow", "stages", key),
                of_key=True,
            )
            return


def _issues(service: Service) -> Iterator[tuple[Path, object]]:
    for key, stage in service.workflow.stages.items():
        if isinstance(stage, Automatic | Final):
            for index, spec in enumerate(stage.effects):
                if _ISSUE in spec:
                    yield ("workflow", "stages", key, "effects", index, _ISSUE), spec[_ISSUE]


def _unit(valid: Validity) -> str:
    return next(unit for unit in ("years", "months", "days") if getattr(valid, unit) is not None)
