"""Every address with real arguments: where it leads, who rightly opens it, and what they then see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.test import Client

from loket.identity import actions as identity
from loket.identity.types import Role
from loket.kernel.actors import SYSTEM
from loket.portal.cookies import Grant
from tests import county
from tests.access import scene as making
from tests.access.scene import OWNING, Scene

SERVICE = {"agency": OWNING, "service": county.INFORMATION}


@dataclass(frozen=True, slots=True)
class Door:
    """`of_case`: leads to one person's data, so that whoever has no right to it must be refused outright.

    `opens` is the rightful person; `shows` whether their page holds the owner's words; `statuses` what their
    GET is answered with. `may_ask`: strangers who are asked for a reason to look instead. `last`: ends what
    the stranger holds, so it is tried after all others.
    """

    arguments: Mapping[str, object] = field(default_factory=dict)
    opens: Callable[[Scene], Client] = lambda scene: Client()
    statuses: tuple[int, ...] = (200,)
    shows: bool = False
    of_case: bool = False
    may_ask: frozenset[str] = frozenset()
    last: bool = False


def doors(scene: Scene) -> dict[str, Door]:
    """All of them, those that end something last."""
    found = portal_doors(scene)
    return dict(sorted(found.items(), key=lambda item: item[1].last))


def owner_of_draft(scene: Scene) -> Client:
    return making.applicant(draft=scene.draft, now=scene.now)


def owner_of_case(scene: Scene) -> Client:
    return making.applicant(grant=Grant(scene.waiting.id, full=True), now=scene.now)


def at_status_level(scene: Scene) -> Client:
    return making.applicant(grant=Grant(scene.waiting.id, full=False), now=scene.now)


def officer(scene: Scene) -> Client:
    return making.signed_in(making.OFFICER, "mfa")


def receiver(scene: Scene) -> Client:
    return making.signed_in(making.RECEIVER, "mfa")


def portal_doors(scene: Scene) -> dict[str, Door]:
    """`portal:…`, and what has no language."""
    held = {"opens": owner_of_case, "shows": True}
    draft = {"arguments": SERVICE, "opens": owner_of_draft}
    return {
        "web:front_door": Door(statuses=(302,)),
        "web:alive": Door(),
        "web:theme": Door({"name": "0b5351-ffffff-0000000000"}),
        "web:mark": Door({"key": OWNING, "name": "0000000000"}),
        "portal:home": Door(),
        "portal:search": Door(),
        "portal:life_event": Door({"key": "moving-home"}),
        "portal:agency": Door({"agency": OWNING}),
        "portal:service": Door(SERVICE),
        "portal:apply": Door(**draft, statuses=(302,)),
        "portal:again": Door(SERVICE, statuses=(405,), last=True),
        "portal:page": Door({**SERVICE, "page": "request"}, opens=owner_of_draft, shows=True),
        "portal:check": Door(**draft, shows=True, last=True),
        "portal:done": Door(**draft, statuses=(302,)),
        "portal:follow": Door(**draft, statuses=(405,)),
        "portal:save": Door(**draft),
        "portal:saved": Door(**draft),
        "portal:return": Door(),
        "portal:return_link": Door({"token": "no-such-token"}),
        "portal:track": Door(),
        "portal:case": Door(**held),
        "portal:code": Door(opens=at_status_level),
        "portal:leave": Door(statuses=(405,), last=True),
        "portal:file": Door({"file_id": scene.file}, **held, of_case=True),
        "portal:reply": Door(opens=owner_of_case, statuses=(302,)),
        "portal:reply_check": Door(opens=owner_of_case, statuses=(200, 302)),
        "portal:reply_page": Door({"page": "request"}, **held),
        "portal:finish": Door(last=True),
        "portal:finished": Door(),
        "portal:privacy": Door(),
        "portal:accessibility": Door(),
        # Only the demo has one; a test of its own opens it there.
        "portal:outbox": Door(statuses=(404,)),
    }


def strangers(scene: Scene) -> dict[str, Client]:
    """By what they are. None of them may see the owner's words anywhere."""
    now, found = scene.now, {}
    found["nobody"] = Client()
    found["another applicant"] = making.another_applicant(now)
    found["the applicant before a code"] = at_status_level(scene)
    for role in Role:
        email = making.employ(f"{role.value}@elsewhere.example.org", making.FOREIGN, role, now)
        found[f"{role.value} of another agency"] = making.signed_in(email, "mfa")
        email = making.employ(
            f"{role.value}.team@elsewhere.example.org", making.FOREIGN, role, now, team="other-counter"
        )
        found[f"{role.value} of a team of another agency"] = making.signed_in(email, "mfa")
    email = making.employ("archive@example.org", OWNING, Role.OFFICER, now, team="archive")
    found["officer of another team"] = making.signed_in(email, "mfa")
    found["officer without a second factor"] = making.signed_in(making.OFFICER)
    found["somebody with an account and no post"] = making.signed_in(_without_post(scene), "mfa")
    return found


def _without_post(scene: Scene) -> str:
    identity.create_person(email="nobody@example.org", full_name="No Post", by=SYSTEM, now=scene.now)
    return "nobody@example.org"
