"""What this context writes to people."""

from datetime import datetime

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from loket.catalogue.compiled import CompiledService
from loket.kernel.text import in_language
from loket.notifications.types import RenderedText


def saved_link(service: CompiledService, link: str, expires_at: datetime, language: str) -> RenderedText:
    with translation.override(language):
        title = in_language(service.title, language)
        return RenderedText(
            subject=_("Your saved application: %(title)s") % {"title": title},
            body=_(
                "Go on with “%(title)s” where you stopped:\n%(link)s\n\n"
                "We keep your answers until %(date)s. Anyone with this link can open them, "
                "so please don’t pass it on."
            )
            % {"title": title, "link": link, "date": date_format(expires_at, "DATE_FORMAT")},
            language=language,
        )
