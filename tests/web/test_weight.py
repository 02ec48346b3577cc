"""How heavy a first visit is: everything that a citizen page loads, as sent."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

LIMIT = 60_000
BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture(autouse=True)
def _gallery() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.web.gallery.pages"):
        yield


def weight(client: Client, address: str) -> int:
    response = client.get(address, headers=BROWSER)
    assert response.status_code == 200
    body = b"".join(response) if response.streaming else response.content
    headers = sum(len(name) + len(value) + 4 for name, value in response.headers.items())
    return len(body) + headers


@pytest.mark.parametrize("name", ["home", "question", "parts"])
def test_a_first_visit_is_light(client: Client, name: str) -> None:
    address = f"/en/gallery/{name}/8a1538/"
    page = client.get(address).content.decode()
    parts = set(re.findall(r'(?:href|src)="(/(?:static|theme)/[^"]+)"', page))
    assert any(part.endswith(".css") for part in parts)
    assert any(part.endswith(".js") for part in parts)
    assert all("." in part for part in parts)
    total = weight(client, address) + sum(weight(client, part) for part in parts)
    assert total <= LIMIT / 2, f"{total} bytes"


def test_built_files_are_kept_for_ever_and_sent_in_brotli(client: Client) -> None:
    page = client.get("/en/gallery/parts/").content.decode()
    sheet = re.search(r'href="(/static/built/citizen\.[0-9a-f]{12}\.css)"', page)
    assert sheet is not None
    response = client.get(sheet[1], headers=BROWSER)
    assert b"".join(response)
    assert response.headers["Content-Encoding"] == "br"
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["Content-Security-Policy"]
