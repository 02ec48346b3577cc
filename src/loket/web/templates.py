"""The one Jinja environment: layouts and pages of all faces, GOV.UK components, question templates."""

import datetime as dt
from typing import Any

from django.apps import apps
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from jinja2 import (
    BaseLoader,
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
)
from markupsafe import Markup

from loket.web import words
from loket.web.assets import static
from loket.web.maintenance import notice
from loket.web.policy import BOOTSTRAP
from loket.web.questions import question_html
from loket.web.rows import rows_html
from loket.web.shell import fragment


def environment(**options: Any) -> Environment:
    """Called by Django's template engine with its own options.

    `i18n` is the newstyle gettext: `_("Hello %(name)s", name=name)`, with a literal percent sign doubled.
    """
    made = Environment(  # noqa: S701 - it is on, below
        **{
            **options,
            "loader": _loader(),
            "undefined": ChainableUndefined,
            "autoescape": True,
            "trim_blocks": True,
            "lstrip_blocks": True,
            "auto_reload": settings.DEBUG,
            "extensions": ["jinja2.ext.i18n", "jinja2.ext.do"],
        }
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    made.globals.update(
        static=static,
        url=_url,
        t=words.local_text,
        say=words.say,
        fragment=fragment,
        maintenance_notice=notice,
        question_html=question_html,
        rows_html=rows_html,
        bootstrap=Markup(BOOTSTRAP),  # noqa: S704 - our own constant, allowed by its hash
    )
    made.filters.update(
        t=words.local_text,
        say=words.say,
        date=words.long_date,
        short_date=words.short_date,
        time=words.clock_time,
        moment=words.long_moment,
        number=words.number,
        money=words.amount,
        iso=_iso,
    )
    return made


def _loader() -> BaseLoader:
    faces: list[BaseLoader] = [
        FileSystemLoader(f"{app.path}/templates")
        for app in apps.get_app_configs()
        if app.name.startswith("loket.")
    ]
    return ChoiceLoader([*faces, PrefixLoader(_shared())])


def _shared() -> dict[str, BaseLoader]:
    return {
        "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
        "kinds": FileSystemLoader(str(settings.KIND_TEMPLATES)),
    }


def _url(name: str, /, **parameters: object) -> str:
    return reverse(name, kwargs=parameters or None)


def _iso(value: dt.date) -> str:
    """For the `datetime` attribute of `<time>`."""
    return value.isoformat()
