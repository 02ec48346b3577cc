"""What every answer carries: the security headers, and on personal pages that nobody keeps them.

Walks the doors of the access matrix, so a new address is held to the same as soon as it is there.
"""

import logging
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings

from loket.config.logs import OneLine
from loket.kernel import clock
from loket.web.access import Holder, SignedIn, Staff, every_route
from loket.web.policy import HEADERS
from tests.access.doors import doors
from tests.access.scene import CANARY, Scene, scene
from tests.access.test_matrix import address

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def seen(db: None) -> Scene:
    return scene(clock.now())


def test_every_answer_carries_the_headers_and_no_personal_page_is_kept(seen: Scene) -> None:
    rules = {route.name: route.rule for route in every_route()}
    wrong, personal = [], 0
    for name, door in doors(seen).items():
        for method in ("get", "post"):
            response = getattr(door.opens(seen), method)(address(name, door))
            wrong += [(name, method, header) for header in HEADERS if not response.headers.get(header)]
            policy = response.headers["Content-Security-Policy"]
            if (
                "unsafe-inline' 'script" in policy
                or "script-src 'unsafe" in policy
                or "unsafe-eval" in policy
            ):
                wrong.append((name, method, policy))
            if isinstance(rules[name], Holder | Staff | SignedIn):
                personal += 1
                if "no-store" not in response.headers.get("Cache-Control", ""):
                    wrong.append((name, method, "may be kept"))
    assert not wrong
    assert personal > 20


def test_faults_and_refusals_carry_them_too(client: Client) -> None:
    for path in ("/nowhere/", "/en/nowhere/", "/static/nowhere.css", "/theme/x.css", "/en/track/case/"):
        assert secured(client.get(path)), path
    assert secured(client.get("/en/", headers={"Host": "evil.example"}))
    assert secured(Client(enforce_csrf_checks=True).post("/en/track/"))
    with override_settings(ROOT_URLCONF="tests.hostile.failing"):
        broken = Client(raise_request_exception=False).get("/broken/")
        assert (broken.status_code, secured(broken)) == (500, True)
        assert CANARY not in broken.content.decode()


def secured(response: HttpResponse) -> bool:
    return all(response.headers.get(name) == value for name, value in HEADERS.items())


class Kept(logging.Handler):
    """Lines as they would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(OneLine())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Kept]:
    kept, root = Kept(), logging.getLogger()
    root.addHandler(kept)
    level = root.level
    root.setLevel(logging.INFO)
    yield kept
    root.setLevel(level)
    root.removeHandler(kept)


def test_no_log_holds_what_people_wrote(log: Kept, seen: Scene) -> None:
    """From applying to being asked back, every page, wrong look-ups, and a fault with it in its words."""
    for name, door in doors(seen).items():
        door.opens(seen).get(address(name, door), {"q": f"{CANARY} road"})
    client = Client()
    client.get(f"/en/{CANARY}/")
    client.post("/en/track/", {"reference": seen.waiting.reference, "proof": f"{CANARY}@example.com"})
    client.post("/en/track/", {"reference": seen.waiting.reference, "proof": f"not-{CANARY}@example.com"})
    with override_settings(ROOT_URLCONF="tests.hostile.failing"):
        Client(raise_request_exception=False).get(f"/broken/?name={CANARY}")
    assert any('"error": "ValueError"' in line for line in log.lines)
    assert len(log.lines) > 5
    assert not [line for line in log.lines if CANARY in line.lower() or seen.draft.token in line]
