"""A published version as programs need it: what is asked, when, and what an answer looks like."""

from collections.abc import Mapping

from loket.catalogue.compiled import CompiledService
from loket.forms.compiled import CompiledCheck, CompiledPage, CompiledQuestion
from loket.forms.question import Question
from loket.identity.types import AgencyView
from loket.web.words import language, local_text
from loket.workflow.definition import Term

# How an office finds and counts answers is its own business.
_NOT_TOLD = frozenset(Question.model_fields) | {"indexed", "display", "searchable", "measure", "sensitive"}
_LANGUAGE_LETTERS = (2, 3)


def of(compiled: CompiledService, agency: AgencyView) -> Mapping[str, object]:
    """In the active language."""
    service = compiled.service
    return {
        "agency": agency.key,
        "agency_name": agency.name(language()),
        "key": service.key,
        "version": compiled.content_hash,
        "language": language(),
        "languages": list(service.languages),
        "title": local_text(service.title),
        "summary": local_text(service.summary),
        "purpose": local_text(service.purpose),
        "takes_minutes": service.takes_minutes,
        "needs": [local_text(need) for need in service.needs],
        "promise": _term(service.promise),
        "pages": [_page(page, agency) for page in compiled.form.pages],
        "calculated": [
            {"id": one.id, "value": one.value, "label": local_text(one.label) or None}
            for one in service.form.calculated
        ],
        "fees": [
            {
                "id": fee.id,
                "label": local_text(fee.label),
                "currency": fee.currency,
                "amount": fee.amount,
                "when": fee.when,
            }
            for fee in service.fees
        ],
    }


def _page(page: CompiledPage, agency: AgencyView) -> Mapping[str, object]:
    return {
        "id": page.id,
        "title": local_text(page.definition.title) or None,
        "when": page.definition.when,
        "questions": [_question(question, agency) for question in page.questions],
        "checks": [_check(check) for check in page.checks],
    }


def _check(check: CompiledCheck) -> Mapping[str, object]:
    definition = check.definition
    return {"check": definition.check, "message": local_text(definition.message), "at": definition.at}


def _question(question: CompiledQuestion, agency: AgencyView) -> Mapping[str, object]:
    asked = question.definition
    kept = asked.model_dump(mode="json", by_alias=True)
    settings = {name: value for name, value in kept.items() if name not in _NOT_TOLD and value is not None}
    told = {name: _spoken(value) for name, value in settings.items()}
    if asked.kind == "centre":
        told["options"] = [
            {"value": centre.key, "label": local_text(centre.names), "address": centre.address}
            for centre in agency.open_centres
        ]
    return {
        "id": asked.id,
        "kind": asked.kind,
        "label": local_text(asked.label),
        "hint": local_text(asked.hint) or None,
        "required": asked.required,
        "when": asked.when,
        "schema": dict(question.kind.sent_schema(asked)) if question.kind.asks else None,
        "settings": told,
    }


def _spoken(value: object) -> object:
    """Texts in the active language, wherever they are among a kind's settings."""
    if isinstance(value, dict):
        if value and all(_is_tag(key) and isinstance(text, str) for key, text in value.items()):
            return local_text(value)
        return {key: _spoken(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_spoken(one) for one in value]
    return value


def _is_tag(key: str) -> bool:
    return len(key.partition("-")[0]) in _LANGUAGE_LETTERS


def _term(term: Term) -> Mapping[str, int]:
    return {unit: count for unit, count in term.model_dump().items() if count is not None}
