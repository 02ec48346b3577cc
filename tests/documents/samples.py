"""An agency, a letter and a certificate to set."""

from dataclasses import replace
from datetime import UTC, date, datetime

from loket.documents.types import (
    Answers,
    Bullets,
    CertificateOrder,
    CertifiedFact,
    Heading,
    Letter,
    Paragraph,
    Row,
    Rows,
    Sums,
)
from loket.identity.types import AgencyContact, AgencyView, Theme
from loket.kernel.calendars import WorkingCalendar

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
    '<circle cx="4" cy="4" r="4" fill="#0b5351"/></svg>'
)
AGENCY = AgencyView(
    id=1,
    key="police-service",
    names={"en": "Pwani County Police Service", "sw": "Huduma ya Polisi ya Pwani"},
    short_names={},
    theme=Theme("#0b5351", "#ffffff", LOGO),
    contact=AgencyContact("help@police.example.org", "+254 20 1234567", "Harbour Road 4\nBandarini"),
    timezone="Africa/Nairobi",
    calendar=WorkingCalendar("KE"),
)
NAME = "Fāṭima فاطمة الزهراء Otieno"


def a_letter(language: str = "en", answer: str = NAME) -> Letter:
    return Letter(
        agency=AGENCY,
        language=language,
        title="Your application",
        about="Certificate of good conduct",
        facts=(Row("Reference", ("7K3P-2M9X",)), Row("Sent", ("22 November 2026",))),
        blocks=(
            Heading("Your answers"),
            Answers(
                (Row("What is your full name?", (answer, "a second line")), Row("Why?", ('a "b" \\ c',)))
            ),
            Rows(("Rule", "What was found"), (Row("Low income", ("Applies",)),)),
            Bullets(("One reason", "Another reason")),
            Paragraph("In the officer’s\nown words", quoted=True),
            Sums(("Line", "Amount"), (("Fee", "KES 1,050.00"),), ("Total", "KES 1,050.00")),
        ),
        made_at=NOW,
        outcome="Granted",
    )


def an_order(language: str = "en", template: str = "", holder: str = NAME) -> CertificateOrder:
    return CertificateOrder(
        agency=AGENCY,
        language=language,
        key="good_conduct",
        title={"en": "Certificate of good conduct", "sw": "Cheti cha tabia njema"},
        says="No conviction was on record on the day of issue.",
        holder=holder,
        facts=(
            CertifiedFact(
                "born", {"en": "Date of birth", "sw": "Tarehe ya kuzaliwa"}, "1990-01-01", signed=True
            ),
            CertifiedFact("purpose", {"en": "Purpose", "sw": "Kusudi"}, "Employment"),
        ),
        issued_on=date(2026, 11, 22),
        expires_on=date(2027, 5, 22),
        reference="7K3P-2M9X",
        template=template,
    )


def at_home(agency: AgencyView) -> CertificateOrder:
    """The order as an agency in the database gives it."""
    return replace(an_order(), agency=agency)
