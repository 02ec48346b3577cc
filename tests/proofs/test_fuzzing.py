"""Requests by chance over all pages of the public: whatever comes, no fault."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from loket.kernel import clock
from loket.limits.models import Bucket
from loket.web.access import Holder, Public, every_route
from tests.access.doors import doors
from tests.access.scene import scene
from tests.files.samples import EXE, PDF
from tests.hostile.strings import OURS

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def addresses() -> Iterator[str]:
    """Every public address with arguments that exist, and some with those that don't."""
    made = doors(scene(clock.now()))
    rules = {route.name: route.rule for route in every_route()}
    for name, door in made.items():
        if isinstance(rules[name], Public | Holder) and name != "account_logout":
            yield reverse(name, kwargs=dict(door.arguments))
    for page in ("name", "birth", "identity", "who", "contact", "declaration"):
        yield f"/en/apply/civil-registry/change-of-address/{page}/"


def fuzz(paths: list[str], requests: int, seed: int) -> Counter[int]:
    """Sends so many requests from a few browsers; how many answers there were of each status."""
    by, seen = Random(seed), Counter[int]()
    browsers = [Client(raise_request_exception=False) for _ in range(4)]
    names = ["q-full_name", "reference", "proof", "pin", "code", "q", "sure", "from", "email", "next"]
    strings = [string for string in OURS if len(string) < 20_000]
    for turn in range(requests):
        client = by.choice(browsers)
        path = by.choice(paths).replace("/en/", f"/{by.choice(('en', 'id', 'sw'))}/")
        if by.random() < 0.1:
            path += by.choice(("x", "%00", "../", "?q=%ff", "?from=check", "//"))
        fields: dict[str, Any] = {
            by.choice(names): by.choice(strings) if by.random() < 0.7 else "1"
            for _ in range(by.randint(0, 6))
        }
        if by.random() < 0.1:
            fields[by.choice(names)] = SimpleUploadedFile(
                by.choice(("a.pdf", "b.exe")), by.choice((PDF, EXE))
            )
        response = client.post(path, fields) if by.random() < 0.6 else client.get(path)
        seen[response.status_code] += 1
        found = re.findall(r'name="(q-[^"]+)"', response.content.decode(errors="replace"))
        names = list(dict.fromkeys([*found, *names]))[:40]
        if turn % 50 == 49:
            Bucket.objects.all().delete()
    return seen


def faults(seen: Counter[int]) -> int:
    return sum(count for status, count in seen.items() if status >= 500)


def test_no_request_by_chance_is_a_fault(db: None) -> None:
    seen = fuzz(list(addresses()), 150, seed=1)
    assert not faults(seen), seen
    assert len(seen) >= 4


def test_the_fuzzer_finds_a_fault(db: None) -> None:
    with override_settings(ROOT_URLCONF="tests.hostile.failing"):
        assert faults(fuzz(["/broken/", "/alive"], 20, seed=1))


@pytest.mark.prove
def test_a_thousand_requests_by_chance_are_no_fault(
    db: None, record_property: Callable[[str, object], None]
) -> None:
    seen = fuzz(list(addresses()), 1000, seed=int(clock.now().timestamp()))
    record_property("answers by status", ", ".join(f"{status}: {n}" for status, n in sorted(seen.items())))
    assert not faults(seen), seen
