"""A letter to an agency's administrators: one of their systems is told nothing any more."""

from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loket.identity import queries as identity
from loket.identity.policies import has_role
from loket.identity.types import PersonView, Role
from loket.kernel.actors import SYSTEM
from loket.notifications import actions as notifications
from loket.notifications.types import Medium, Outgoing, RenderedText, SubjectKind
from loket.webhooks.events import EndpointDisabled
from loket.webhooks.types import Off


def tell_of_disabled(disabled: EndpointDisabled) -> None:
    """In the transaction that switches the endpoint off: one message for each administrator."""
    for member in identity.staff_of(disabled.agency_id):
        person = identity.person(member.person_id)
        if person is None or not has_role(member, Role.ADMINISTRATOR, disabled.agency_id):
            continue
        notifications.send(
            message=Outgoing(
                agency_id=disabled.agency_id,
                subject_kind=SubjectKind.PERSON,
                subject_id=person.id,
                medium=Medium.EMAIL,
                address=person.email,
                text=_letter(disabled, person),
                purpose="webhook_disabled",
                idempotency_key=f"webhook:{disabled.endpoint_id}:{disabled.at.isoformat()}:{person.id}",
                urgent=True,
            ),
            by=SYSTEM,
            now=disabled.at,
        )


def _letter(disabled: EndpointDisabled, person: PersonView) -> RenderedText:
    language = person.language or settings.LANGUAGE_CODE
    zone = ZoneInfo(identity.agency_known(disabled.agency_id).timezone)
    since = format_datetime(disabled.since.astimezone(zone), "long", locale=language)
    with translation.override(language):
        gone = _("%(host)s answered that it is gone, so we tell it nothing any more.")
        failing = _("%(host)s has taken nothing since %(since)s, so we have stopped trying.")
        lines = [
            (gone if disabled.why is Off.GONE else failing) % {"host": disabled.host, "since": since},
            _("What it missed is kept for 30 days. Switch it on and send it again here:"),
            f"{settings.PUBLIC_ADDRESS}/{language}/desk/webhooks/{disabled.endpoint_id}/",
        ]
        return RenderedText(_("A system is told nothing any more"), "\n".join(lines), language)
