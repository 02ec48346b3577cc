"""The letter with the way to a new password."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from loket.identity import queries as identity
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.notifications import actions as notifications
from loket.notifications.types import Medium, Outgoing, RenderedText, SubjectKind


def send_way_to_new_password(email: str, address: str, now: datetime) -> None:
    """To staff only, in their language; nothing for anybody else."""
    person = identity.person_by_email(email)
    staff = identity.staff_member(person.id) if person else None
    if person is None or staff is None:
        return
    with override(person.language):
        text = RenderedText(
            subject=_("Choose a new password"),
            body=_(
                "Hello %(name)s,\n\nsomebody, probably you, asked for a new password for your staff account. "
                "Choose it here:\n%(address)s\n\nThe link works once and for three days. If it was not you, "
                "do nothing: your password stays as it is."
            )
            % {"name": person.full_name or person.email, "address": address},
            language=person.language,
        )
    notifications.send(
        message=Outgoing(
            agency_id=staff.posts[0].agency_id,
            subject_kind=SubjectKind.PERSON,
            subject_id=person.id,
            medium=Medium.EMAIL,
            address=person.email,
            text=text,
            purpose="new_password",
            idempotency_key=f"new-password:{new_id()}",
            urgent=True,
        ),
        by=SYSTEM,
        now=now,
    )
