"""A program that sends whole applications by the API, each under a key until it is acknowledged."""

import json
import time
from datetime import date
from random import Random
from typing import Protocol

from benchmarks.crash import stories
from benchmarks.crash.book import Book, Page, Story
from benchmarks.crash.browser import Browser, NoAnswer
from benchmarks.crash.stories import ADDRESS, INFORMATION

_CREATED = 201
_LOOK_AGAIN = (0.1, 0.4)


class Sending(Protocol):
    """What it needs of the crowd that it belongs to."""

    port: int
    book: Book
    pause: float
    strange: list[str]

    @property
    def going_home(self) -> bool: ...

    @property
    def patience_is_over(self) -> bool: ...


def send_one(crowd: Sending, by: Random, mark: str, address: str) -> None:
    """Sends it again under the same key until it is told what became of it."""
    service = by.choice((ADDRESS, INFORMATION))
    pages = stories.typed(service, mark, by, date.today())  # noqa: DTZ011 - as people date
    answers = {name: value for page in pages.values() for name, value in page.answers.items()}
    if service is INFORMATION:
        # Files go by another way.
        answers["about_me"] = False
    story = crowd.book.begin(Story(mark, service.key))
    story.open = Page("all", dict(answers))
    story.sending = True
    browser = Browser(crowd.port, address)
    path = f"/api/v1/services/{service.agency}/{service.key}/applications"
    # As stored but for the parts of an address that nobody has.
    given = {name: _without_gaps(value) for name, value in answers.items()}
    body = json.dumps({"answers": given, "language": "en"}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"once {mark}"}
    while not crowd.patience_is_over:
        time.sleep(by.uniform(0, 2 * crowd.pause))
        try:
            answer = browser.send(path, body, headers)
        except NoAnswer as none:
            crowd.book.answered("api", 0, none.seconds)
            time.sleep(by.uniform(*_LOOK_AGAIN))
            continue
        crowd.book.answered("api", answer.status, answer.seconds)
        if answer.status == _CREATED:
            story.acknowledged.append(story.open)
            story.sent, story.open = True, None
            story.reference = json.loads(answer.text)["reference"]
            break
        if answer.status < 500:
            crowd.strange.append(f"the API says {answer.status} to {service.key}: {answer.text[-300:]}")
            break
        time.sleep(by.uniform(*_LOOK_AGAIN))
    browser.close()


def _without_gaps(value: object) -> object:
    return {part: one for part, one in value.items() if one} if isinstance(value, dict) else value
