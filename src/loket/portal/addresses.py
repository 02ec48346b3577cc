"""Addresses of the pages of a form."""

from functools import lru_cache

from django.urls import reverse

from loket.web.words import language

# Words that stand where a page's id stands; a page of that name gets a mark that no id has.
RESERVED = frozenset({"again", "check", "done", "follow", "save", "saved"})
_MARK = "page."


class PageIdConverter:
    """A page's id in an address."""

    regex = r"(?:page\.)?[a-z][a-z0-9_-]{0,62}"

    def to_python(self, value: str) -> str:
        plain = value.removeprefix(_MARK)
        if (plain in RESERVED) != value.startswith(_MARK):
            raise ValueError("not the address of a page")
        return plain

    def to_url(self, value: str) -> str:
        return f"{_MARK}{value}" if value in RESERVED else value


def of_page(agency: str, service: str, page: str, *, from_check: bool = False) -> str:
    address = _in_service(language(), "page", agency, service, page)
    return f"{address}?from=check" if from_check else address


def of_service(name: str, agency: str, service: str) -> str:
    """`name` of an address of one service: `service`, `apply`, `check`, `done`, `save` and the like."""
    return _in_service(language(), name, agency, service)


# Every page has some of them, and they never change.
@lru_cache(maxsize=4096)
def _in_service(spoken: str, name: str, agency: str, service: str, page: str = "") -> str:
    where = {"agency": agency, "service": service, **({"page": page} if page else {})}
    return reverse(f"portal:{name}", kwargs=where)


def of_agency(key: str) -> str:
    return reverse("portal:agency", kwargs={"agency": key})


def of_life_event(key: str) -> str:
    return reverse("portal:life_event", kwargs={"key": key})


def of_tracker(name: str) -> str:
    """`track`, `case`, `code`, `leave`, `reply` or `reply_check`."""
    return reverse(f"portal:{name}")


def of_payment(name: str, token: str) -> str:
    """`pay` or `pay_waiting`."""
    return reverse(f"portal:{name}", kwargs={"token": token})


def of_reply_page(page: str) -> str:
    return reverse("portal:reply_page", kwargs={"page": page})


def of_file(file_id: str) -> str:
    return reverse("portal:file", kwargs={"file_id": file_id})
