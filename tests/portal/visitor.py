"""Somebody at a browser: opens pages, fills in the form as it is shown, follows buttons."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.test import Client

from loket.catalogue.compiled import CompiledService
from loket.forms.answering import answers_from_json, raw_of
from tests import county


class Visitor:
    """Answers are given as the kinds store them, and typed as a person would."""

    def __init__(self, client: Client, language: str = "en") -> None:
        self.client, self.language = client, language
        self.html = ""

    def open(self, path: str, status: int = 200) -> str:
        """The page at which one arrives."""
        return self._arrived(self.client.get(self.at(path), follow=True), status)

    def post(self, path: str, data: Mapping[str, Any] | None = None, status: int = 200) -> str:
        return self._arrived(self.client.post(self.at(path), dict(data or {}), follow=True), status)

    def at(self, path: str) -> str:
        return path if path.startswith("/") else f"/{self.language}/{path}"

    def fill_in(self, key: str, answers: Mapping[str, Any]) -> str:
        """From the start to where the answers can be checked; gives that page."""
        service = county.service(key)
        base = self.base(service)
        self.open(base)
        # A find is shown once more before the person goes on.
        for _ in range(len(service.form.pages) + 1):
            if self.page_id == "check":
                break
            self.post(self.path, self.fields(service, answers, self.page_id))
        assert self.page_id == "check", self.path
        return self.html

    def send(self, key: str, answers: Mapping[str, Any]) -> str:
        """A whole application; gives its reference as the confirmation shows it."""
        self.fill_in(key, answers)
        self.post(self.path)
        return self.reference

    def fields(self, service: CompiledService, answers: Mapping[str, Any], page_id: str) -> dict[str, Any]:
        values = answers_from_json(service.form, answers)
        found: dict[str, Any] = {}
        for question in service.form.pages[service.form.positions[page_id]].questions:
            for part, typed in raw_of(service.form, values, question.id).items():
                name = f"q-{question.id}" + (f"-{part}" if part else "")
                found[name] = list(typed)
        return found

    def base(self, service: CompiledService) -> str:
        return f"apply/{service.service.agency}/{service.service.key}/"

    @property
    def page_id(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def reference(self) -> str:
        found = re.search(r'loket-reference">([0-9A-Z]{4}-[0-9A-Z]{4})<', self.html)
        assert found, self.html
        return found[1]

    @property
    def pin(self) -> str:
        found = re.search(r'loket-reference">(\d{4}) (\d{4})<', self.html)
        assert found, self.html
        return found[1] + found[2]

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.html, re.DOTALL)
        assert found
        return found[1]

    def _arrived(self, response: HttpResponseBase, status: int) -> str:
        chain: list[tuple[str, int]] = getattr(response, "redirect_chain", [])
        self.path = (
            chain[-1][0].removeprefix("http://testserver").partition("?")[0]
            if chain
            else response.request["PATH_INFO"]
        )  # type: ignore[attr-defined]
        self.url = chain[-1][0] if chain else self.path
        assert isinstance(response, HttpResponse)
        assert response.status_code == status, (self.path, response.status_code)
        self.response = response
        self.html = response.content.decode()
        return self.html
