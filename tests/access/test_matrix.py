"""Nobody opens a door that is not theirs: every address, asked for by everybody who has no right to it."""

from collections.abc import Mapping

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.urls import reverse

from loket.applications.models import Draft
from loket.casework.models import Case, CaseEvent, Collection, Inquiry, Notice
from loket.casework.types import Pickup
from loket.files.models import StoredFile
from loket.identity.models import ApiToken
from loket.kernel import clock
from loket.kernel.ids import token_hash
from loket.web.access import Program, Public, Staff, every_route
from tests.access.doors import Door, doors, strangers
from tests.access.scene import CANARY, Scene, scene

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
REFUSED = frozenset({302, 401, 403, 404, 405})


@pytest.fixture
def seen(db: None) -> Scene:
    return scene(clock.now())


def test_every_route_has_a_rule_and_a_door(seen: Scene) -> None:
    assert not [route.pattern for route in every_route() if route.rule is None]
    unknown = sorted({route.name for route in every_route()} - doors(seen).keys())
    assert not unknown, (
        f"{unknown}: nobody knocks at these addresses yet. Add each to tests/access/doors.py with arguments "
        "of the scene, who rightly opens it, and of_case=True where it leads to one person's data."
    )
    gone = sorted(doors(seen).keys() - {route.name for route in every_route()})
    assert not gone, f"{gone}: these addresses are gone; take them out of tests/access/doors.py."


def test_the_rightful_person_opens_every_door(seen: Scene) -> None:
    wrong = []
    for name, door in doors(seen).items():
        response = door.opens(seen).get(address(name, door))
        shown = CANARY in text(response)
        if response.status_code not in door.statuses or shown is not door.shows:
            wrong.append((name, response.status_code, "shows" if shown else "shows not"))
    assert not wrong


def test_no_stranger_is_shown_a_word_or_changes_a_thing(seen: Scene) -> None:
    """GET and POST of every address by everybody without a right to the owner's data."""
    rules = {route.name: route.rule for route in every_route()}
    before, wrong, asked = state(seen), [], 0
    for who, client in strangers(seen).items():
        kept = dict(client.cookies)
        for name, door in doors(seen).items():
            for method in ("get", "post"):
                client.cookies.clear()
                client.cookies.update(kept)
                # Another team may look where it says why, and that is on record: it is not to say why here.
                fields = {} if method == "get" or who in door.may_ask else door.sends
                told = {"content_type": "application/json"} if door.as_json and method == "post" else {}
                response = getattr(client, method)(address(name, door), fields, **told)
                asked += 1
                refused = response.status_code in REFUSED
                if CANARY in text(response):
                    wrong.append((who, method, name, "was shown the owner's words"))
                if response.status_code >= 500:
                    wrong.append((who, method, name, str(response.status_code)))
                if must_refuse(rules[name], door, who) and not refused:
                    wrong.append((who, method, name, f"was let in ({response.status_code})"))
    assert not wrong
    assert state(seen) == before
    assert asked > 1000


def test_a_thing_is_handed_over_to_the_fields_that_strangers_send(seen: Scene) -> None:
    """So that their refusal says something."""
    door = doors(seen)["desk:hand_over"]
    door.opens(seen).post(address("desk:hand_over", door), door.sends)
    assert Collection.objects.get(case=seen.at_counter).state == Pickup.HANDED_OVER


def must_refuse(rule: object, door: Door, who: str) -> bool:
    """Some doors are for all staff and show each their own; one person's data is for nobody else."""
    if isinstance(rule, Public):
        return False
    outside = who in {"nobody", "another applicant", "the applicant before a code"}
    if isinstance(rule, Program) and not who.startswith("a program"):
        return True
    if isinstance(rule, Staff) and (outside or "without" in who or "no post" in who):
        return True
    # Another team of the agency is asked for a reason to look, which is recorded.
    return door.of_case and who not in door.may_ask


def state(seen: Scene) -> Mapping[str, object]:
    """All that a stranger could have changed."""
    owned = [seen.waiting.id, seen.fresh.id, seen.moved.id, seen.at_counter.id]
    return {
        "cases": list(Case.objects.filter(id__in=owned).order_by("id").values()),
        "events": list(CaseEvent.objects.filter(case_id__in=owned).order_by("id").values()),
        "inquiries": list(Inquiry.objects.filter(case_id__in=owned).order_by("id").values()),
        "notices": list(Notice.objects.filter(case_id__in=owned).order_by("id").values()),
        "collections": list(Collection.objects.filter(case_id__in=owned).order_by("id").values()),
        "draft": list(Draft.objects.filter(token_hash=token_hash(seen.draft.token)).values()),
        "tokens": list(ApiToken.objects.filter(id=seen.token).values()),
        "passkeys": list(Authenticator.objects.filter(pk=seen.passkey).values("user", "data")),
        "files": list(StoredFile.objects.filter(owner_id__in=owned).order_by("id").values()),
    }


def address(name: str, door: Door) -> str:
    return reverse(name, kwargs=dict(door.arguments))


def text(response: HttpResponse) -> str:
    """All that the browser is told, headers included."""
    told = response.content.decode(errors="replace") + str(dict(response.headers))
    return told.lower()
