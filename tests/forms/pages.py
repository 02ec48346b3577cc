"""Questions rendered as a face renders them, and their HTML read back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser

from jinja2 import (
    BaseLoader,
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
)

from loket.forms.definition import Question
from loket.forms.registry import TEMPLATES
from loket.forms.types import Problem, Raw
from loket.kernel.text import in_language

# As a face words them.
CENTRES: Sequence[Mapping[str, object]] = tuple(
    {
        "key": key,
        "name": name,
        "region": "",
        "address": "1 Jacaranda Square",
        "phone": "+254 20 000 0111",
        "hours": ("Monday to Friday: 08:00–16:30",),
    }
    for key, name in (("tumaini-huduma", "Tumaini Huduma Centre"), ("bandarini", "Bandarini Centre"))
)


def environment(kinds: BaseLoader | None = None) -> Environment:
    loader = PrefixLoader(
        {
            "kinds": kinds or FileSystemLoader(TEMPLATES),
            "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
        }
    )
    jinja = Environment(
        loader=ChoiceLoader([loader]),
        autoescape=True,
        undefined=ChainableUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    jinja.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return jinja


@cache
def _usual() -> Environment:
    return environment()


def rendered(
    question: Question,
    raw: Raw,
    problem: Problem | None = None,
    *,
    heading: bool = True,
    jinja: Environment | None = None,
    centres: Sequence[Mapping[str, object]] = CENTRES,
) -> str:
    template = (jinja or _usual()).get_template(f"kinds/{question.kind}/question.html")

    def t(text: Mapping[str, str]) -> str:
        return in_language(text, "en")

    return template.render(
        question=question,
        field=f"q-{question.id}",
        raw=raw,
        problem=problem,
        language="en",
        heading=heading,
        centres=centres,
        t=t,
    )


@dataclass
class Seen(HTMLParser):
    """The elements of a piece of HTML: (tag, attributes), and the text outside tags."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def ids(self) -> Counter[str]:
        return Counter(attributes["id"] for _, attributes in self.elements if "id" in attributes)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def having(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def seen(html: str) -> Seen:
    page = Seen()
    page.feed(html)
    page.close()
    return page
