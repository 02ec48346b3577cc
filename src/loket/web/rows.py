"""The rows of *check your answers* and of a case's answers, as HTML.

Written here and not in a template: a form of forty questions has forty of them on one page, and so each costs
a fifth.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from loket.web.forms import CheckRow

_ROW = (
    '<div class="govuk-summary-list__row%s">\n<dt class="govuk-summary-list__key">%s</dt>\n'
    '<dd class="govuk-summary-list__value" dir="auto">%s</dd>\n%s</div>\n'
)
_CHANGE = (
    '<dd class="govuk-summary-list__actions"><a class="govuk-link" href="%s">%s'
    '<span class="govuk-visually-hidden"> %s</span></a></dd>\n'
)


def rows_html(rows: Iterable[CheckRow]) -> Markup:
    """A summary list; `change` leads to where an answer is changed."""
    change = escape(_("Change"))
    found = []
    for row in rows:
        label = escape(row.label)
        lines = "<br>".join(map(escape, row.lines))
        actions = _CHANGE % (escape(row.change), change, label) if row.change else ""
        found.append(
            _ROW % ("" if row.change else " govuk-summary-list__row--no-actions", label, lines, actions)
        )
    return Markup('<dl class="govuk-summary-list">\n' + "".join(found) + "</dl>")  # noqa: S704 - escaped above
