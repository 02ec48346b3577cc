"""What a service's `documents:` says, worked out for one case."""

from calendar import monthrange
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from loket import expressions
from loket.casework.paper_texts import About
from loket.documents.definition import DocumentSpec, Validity
from loket.documents.types import CertificateOrder, CertifiedFact
from loket.expressions import Value
from loket.kernel.refusals import Refusal
from loket.kernel.text import in_language
from loket.kernel.words import say, shown


class CannotCertify(Refusal):
    """The holder or the end of a document can't be worked out from the answers; `part` says which."""

    code = "cannot_certify"


def order(about: About, key: str) -> CertificateOrder:
    """Refuses CannotCertify. Raises KeyError for a document that the service has not."""
    spec = about.service.service.documents[key]
    with about.in_its_words():
        issued_on = about.now.astimezone(ZoneInfo(about.agency.timezone)).date()
        holder = _value(about, spec.holder)
        if not isinstance(holder, str) or not holder.strip():
            raise CannotCertify(part=f"documents.{key}.holder")
        return CertificateOrder(
            agency=about.agency,
            language=about.case.language,
            key=key,
            title=spec.title,
            says=in_language(spec.says, about.case.language),
            holder=holder.strip(),
            facts=_facts(about, spec),
            issued_on=issued_on,
            expires_on=_expires(about, spec.valid, issued_on, key) if spec.valid else None,
            reference=about.case.reference,
            template=about.service.templates.get(spec.template or "", ""),
        )


def _facts(about: About, spec: DocumentSpec) -> tuple[CertifiedFact, ...]:
    """Those without a value are left out: the person was not asked."""
    found = (
        CertifiedFact(key, fact.label, _words(about, fact.value), fact.signed)
        for key, fact in spec.facts.items()
    )
    return tuple(fact for fact in found if fact.value)


def _words(about: About, source: str) -> str:
    """An answer as its question says it, such as a choice by its label; anything else by its value."""
    for row in about.journey.rows:
        if row.question.id == source.strip():
            return "\n".join(say(line) for line in row.lines)
    value = _value(about, source)
    return "" if value is None else shown(value)


def _value(about: About, source: str) -> Value:
    facts = about.service.facts(about.journey, about.context)
    result = expressions.evaluate(expressions.parse(source), facts, about.context.evaluating())
    return None if result.error else result.value


def _expires(about: About, valid: Validity, first: date, key: str) -> date:
    """The last day: a year from 22 November is 22 November."""
    terms = {"years": valid.years, "months": valid.months, "days": valid.days}
    unit, term = next((unit, term) for unit, term in terms.items() if term is not None)
    count = _value(about, term) if isinstance(term, str) else term
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise CannotCertify(part=f"documents.{key}.valid")
    if unit == "days":
        return first + timedelta(days=count)
    year, month = divmod(first.year * 12 + first.month - 1 + count * (12 if unit == "years" else 1), 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
