"""Trying a pack's own template before anybody gets a document of it."""

from datetime import UTC, date, datetime

from loket.documents import certifying
from loket.documents.definition import DocumentSpec
from loket.documents.press.client import TypesettingRefused
from loket.documents.types import CertificateOrder, CertifiedFact
from loket.identity.types import AgencyContact, AgencyView, Theme
from loket.kernel.calendars import WorkingCalendar
from loket.kernel.text import in_language

_SAMPLE = AgencyView(
    id=0,
    key="sample",
    names={"en": "Sample agency"},
    short_names={},
    theme=Theme("#1d4e89", "#ffffff"),
    contact=AgencyContact("office@example.org", "+1 555 0100", "1 Sample Street"),
    timezone="UTC",
    calendar=WorkingCalendar(),
)
_HOLDER = "Amina Wanjirũ van der Özdemir"
_PAYLOAD = "A2" * 180
_DAY, _AT = date(2026, 1, 31), datetime(2026, 1, 31, tzinfo=UTC)


def problem(key: str, spec: DocumentSpec, template: str, language: str) -> str:
    """Why the template can't be set with data like that of a case, in words; empty where it can."""
    order = CertificateOrder(
        agency=_SAMPLE,
        language=language,
        key=key,
        title=spec.title,
        says=in_language(spec.says, language),
        holder=_HOLDER,
        facts=tuple(
            CertifiedFact(name, fact.label, "31 January 2026", fact.signed)
            for name, fact in spec.facts.items()
        ),
        issued_on=_DAY,
        expires_on=_DAY if spec.valid else None,
        reference="7K3P-2M9X",
        template=template,
    )
    try:
        certifying.pdf(order, "7K3P-2M9X-QR5T", _PAYLOAD, _AT)
    except TypesettingRefused as refused:
        return refused.words
    return ""
