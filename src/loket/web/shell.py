"""What is around every page: whose it is, in which language, and the parts that stay the same for all.

Those parts (head, header, footer) are rendered once a process for each brand and language.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.template import engines
from django.urls import NoReverseMatch, reverse
from markupsafe import Markup

from loket.identity.types import AgencyView, Theme
from loket.kernel.text import in_language
from loket.web import theme
from loket.web.access import Public, rule_of_request
from loket.web.assets import static
from loket.web.words import direction, language

# Each language in its own name, as people look for it.
LANGUAGE_NAMES = {"en": "English", "id": "Bahasa Indonesia", "sw": "Kiswahili", "ar": "العربية"}


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose page it is, in the page's language. `mark` and `sheet` are addresses of the image and colours.

    `place` is the town or county all of it is for, empty where none is configured.
    """

    name: str
    home: str
    mark: str
    own_mark: bool
    sheet: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class LanguageLink:
    code: str
    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chrome:
    """What layouts know besides the page itself; `chrome` in every template.

    `personal` pages show somebody's data: never stored, and they offer to clear the computer.
    """

    language: str
    direction: str
    brand: Brand
    languages: tuple[LanguageLink, ...]
    personal: bool
    demo: bool
    finish: str


def site_brand() -> Brand:
    """The front door itself, where no single agency speaks."""
    return Brand(settings.SITE_NAME, f"/{language()}/", static("mark.svg"), True, "", _place())


def agency_brand(agency: AgencyView) -> Brand:
    """An agency's name, mark and colours."""
    spoken = language()
    return _agency_brand(agency.key, agency.theme, agency.name(spoken), spoken, _place())


@lru_cache(maxsize=512)
def _agency_brand(key: str, look: Theme, name: str, spoken: str, place: str) -> Brand:
    mark = reverse("web:mark", kwargs={"key": key, "name": theme.short_hash(look.logo_svg)})
    colours = theme.sheet_name(look.brand_colour, look.on_brand_colour)
    return Brand(
        name=name,
        home=f"/{spoken}/",
        mark=mark if look.logo_svg else static("mark.svg"),
        own_mark=not look.logo_svg,
        sheet=reverse("web:theme", kwargs={"name": colours}),
        place=place,
    )


def _place() -> str:
    names = settings.PLACE_NAME
    return in_language(names, language()) or names.get("", "")


def set_brand(request: HttpRequest, agency: AgencyView) -> None:
    """Makes the page that answers this request look like the agency's. Views call it before rendering."""
    request.loket_brand = agency_brand(agency)  # type: ignore[attr-defined]


def chrome(request: HttpRequest) -> dict[str, Chrome]:
    """Context processor."""
    spoken = language()
    return {
        "chrome": Chrome(
            language=spoken,
            direction=direction(spoken),
            brand=getattr(request, "loket_brand", None) or site_brand(),
            languages=language_links(request, spoken),
            personal=not isinstance(rule_of_request(request), Public | None),
            demo=settings.DEMO,
            finish=_finish(spoken),
        )
    }


def language_links(request: HttpRequest, spoken: str) -> tuple[LanguageLink, ...]:
    """The same page in the other languages; after a POST, its address without the answers."""
    rest = request.get_full_path() if request.method == "GET" else request.path
    prefix = f"/{spoken}/"
    rest = rest[len(prefix) :] if rest.startswith(prefix) else ""
    return tuple(
        LanguageLink(code, LANGUAGE_NAMES.get(code, code), f"/{code}/{rest}", code == spoken)
        for code, _ in settings.LANGUAGES
    )


def fragment(template: str, around: Chrome) -> Markup:
    """A part of the page that depends on brand and language only; its template may use nothing else."""
    same = replace(around, languages=(), personal=False)
    return _fragment(template, same)


@lru_cache(maxsize=1024)
def _fragment(template: str, around: Chrome) -> Markup:
    return Markup(engines["jinja2"].get_template(template).render({"chrome": around}))  # noqa: S704


@lru_cache(maxsize=16)
def _finish(spoken: str) -> str:
    """Where *Finish and clear this computer* posts to; empty where the portal is not installed."""
    try:
        return reverse("portal:finish")
    except NoReverseMatch:
        return ""
