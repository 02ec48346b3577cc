"""What reminders say. Stage names, titles and dates are all they give away, as in any letter."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loket.casework import money_letters
from loket.casework.models import Case, Reminder
from loket.casework.types import ReminderKind
from loket.catalogue.compiled import CompiledService
from loket.identity.types import AgencyView
from loket.kernel.text import in_language
from loket.notifications.types import RenderedText
from loket.payments.types import PaymentView


def text_of(case: Case, row: Reminder, service: CompiledService, agency: AgencyView) -> RenderedText:
    """As things stand: who is reminded to pay is told where."""
    payment = money_letters.open_payment(case) if row.kind == ReminderKind.UNPAID else None
    return written(case, row, service, agency, payment)


def written(
    case: Case, row: Reminder, service: CompiledService, agency: AgencyView, payment: PaymentView | None
) -> RenderedText:
    with translation.override(case.language):
        kind = ReminderKind(row.kind)
        ends = in_words(
            row.ends_at, ZoneInfo(agency.timezone), case.language, exactly=kind is not ReminderKind.EXPIRY
        )
        title = in_language(service.title, case.language)
        if kind is ReminderKind.EXPIRY:
            lines = _expiry(row, service, case.language, ends)
        else:
            said = _SAID[kind]() % {"title": title, "reference": case.reference, "ends": ends}
            lines = [said, money_letters.pay_address(payment, case.language) if payment else _track(case)]
        return RenderedText(
            subject=_("Reminder: %(title)s, %(reference)s") % {"title": title, "reference": case.reference},
            body="\n".join([*lines, "", agency.name(case.language)]),
            language=case.language,
        )


def _unpaid() -> str:
    return _(
        "Your application “%(title)s” (%(reference)s) is not paid yet. It lapses on %(ends)s.\n"
        "You can pay it here:"
    )


def _answer_due() -> str:
    return _(
        "We still need your answer about “%(title)s” (%(reference)s), by %(ends)s.\n"
        "Read what we asked, and answer, here:"
    )


def _uncollected() -> str:
    return _(
        "“%(title)s” (%(reference)s) is ready and waits for you. We keep it until %(ends)s.\n"
        "Read where and when you can collect it here:"
    )


_SAID = {
    ReminderKind.UNPAID: _unpaid,
    ReminderKind.ANSWER_DUE: _answer_due,
    ReminderKind.UNCOLLECTED: _uncollected,
}


def _expiry(row: Reminder, service: CompiledService, language: str, ends: str) -> list[str]:
    place, _colon, document = row.about.partition(":")
    wanted = service.service.remind[int(place)]
    named = in_language(service.service.documents[document].title, language)
    lines = [_("Your document “%(document)s” is valid until %(ends)s.") % {"document": named, "ends": ends}]
    if wanted.service:
        lines += [
            _("You can apply for a new one here:"),
            f"{settings.PUBLIC_ADDRESS}/{language}/services/{wanted.service}/",
        ]
    return lines


def in_words(moment: datetime, zone: ZoneInfo, language: str, *, exactly: bool) -> str:
    """31 January 2026, 14:05, where the agency is."""
    pattern = "d MMMM y, HH:mm" if exactly else "d MMMM y"
    return format_datetime(moment.astimezone(zone), pattern, locale=language)


def _track(case: Case) -> str:
    return f"{settings.PUBLIC_ADDRESS}/{case.language}/track/?reference={case.reference}"
