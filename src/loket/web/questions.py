"""Rendering one question, by its kind's template."""

from collections import OrderedDict
from threading import Lock

from django.template import engines
from markupsafe import Markup

from loket.forms.question import Question
from loket.notifications.queries import offered_media
from loket.web.centres import told
from loket.web.forms import Asked
from loket.web.words import language

# A question not answered yet looks the same for everybody. Of the real forms seen, all questions of some
# forty fit; 1 kB each.
_REMEMBERED = 4096


class _Blank:
    """Rendered questions without answer or problem, so nobody's data is in them.

    Found by the question object itself: a published version is compiled once a process. Holding the object
    keeps its id from being given to another.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: OrderedDict[tuple[int, str, str, bool], tuple[Question, Markup]] = OrderedDict()

    def html(self, asked: Asked, spoken: str) -> Markup:
        key = (id(asked.question), asked.field, spoken, asked.heading)
        with self._lock:
            known = self._found.get(key)
            if known is not None:
                self._found.move_to_end(key)
                return known[1]
        made = _rendered(asked, spoken)
        with self._lock:
            self._found[key] = (asked.question, made)
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        return made


_blank = _Blank()


def question_html(asked: Asked) -> Markup:
    """The question with its label, hint, error and fields, in the page's language."""
    spoken = language()
    # Centres change without the question changing.
    if asked.blank:
        return _blank.html(asked, spoken)
    return _rendered(asked, spoken)


def _rendered(asked: Asked, spoken: str) -> Markup:
    template = engines["jinja2"].get_template(f"kinds/{asked.question.kind}/question.html")
    context = {
        "question": asked.question,
        "field": asked.field,
        "raw": asked.raw,
        "problem": asked.problem,
        "heading": asked.heading,
        "language": spoken,
        "centres": tuple(told(centre) for centre in asked.centres),
        "media": tuple(medium.value for medium in offered_media()),
    }
    return Markup(template.render(context))  # noqa: S704 - our own autoescaped template
