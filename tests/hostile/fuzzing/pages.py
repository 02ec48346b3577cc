"""What a page offers: its links and its forms, as a browser would read them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_SECTION = re.compile(r"^/(static|theme)/")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    value: str
    # What a choice offers.
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """`path` is where it is sent to, without its query."""

    method: str
    path: str
    fields: tuple[Field, ...]
    files: bool = False

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        return self.method, self.path, tuple(sorted({field.name for field in self.fields}))


@dataclass(slots=True)
class _Open:
    method: str
    path: str
    files: bool
    fields: list[Field] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, at: str) -> None:
        super().__init__(convert_charrefs=True)
        self.at, self.links, self.forms = at, dict[str, None](), list[Form]()
        self._form: _Open | None = None
        self._select: tuple[str, list[str]] | None = None
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self._link(given["href"])
        elif tag == "form":
            action = urlsplit(urljoin(self.at, given.get("action") or self.at)).path
            files = given.get("enctype", "").startswith("multipart")
            self._form = _Open(given.get("method", "get").upper(), action, files)
        elif self._form is not None and given.get("name"):
            self._field(tag, given)
        elif tag == "option" and self._select is not None:
            self._select[1].append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._form is None:
            return
        if tag == "select" and self._select is not None:
            name, choices = self._select
            self._form.fields.append(Field(name, "select", choices[0] if choices else "", tuple(choices)))
            self._select = None
        elif tag == "textarea" and self._text is not None:
            self._form.fields.append(Field(self._text[0], "textarea", "".join(self._text[1])))
            self._text = None
        elif tag == "form":
            form = self._form
            self.forms.append(Form(form.method, form.path, tuple(form.fields), form.files))
            self._form = None

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name, kind = given["name"], given.get("type", "text")
        if tag == "select":
            self._select = (name, [])
        elif tag == "textarea":
            self._text = (name, [])
        elif tag in {"input", "button"}:
            value = given.get("value", "on" if kind in {"checkbox", "radio"} else "")
            chosen = kind not in {"checkbox", "radio"} or "checked" in given
            self._form.fields.append(Field(name, kind if chosen else f"{kind}?", value))

    def _link(self, href: str) -> None:
        parts = urlsplit(urljoin(self.at, href))
        here = not parts.netloc and not parts.scheme and parts.path.startswith("/")
        if here and not _SECTION.match(parts.path):
            self.links[parts.path + (f"?{parts.query}" if parts.query else "")] = None


def read(at: str, body: str) -> tuple[tuple[str, ...], tuple[Form, ...]]:
    """The links that stay here, and the forms."""
    reader = _Reader(at)
    reader.feed(body)
    return tuple(reader.links), tuple(reader.forms)


def filled(form: Form, token: str) -> Iterator[tuple[str, str]]:
    """As a browser would send it at once: what is there already, and the token as it is now."""
    for one in form.fields:
        if not one.kind.endswith("?") and one.kind != "file":
            yield one.name, token if one.name == "csrfmiddlewaretoken" else one.value
