"""Every address with real arguments: where it leads, who rightly opens it, and what they then see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from loket.identity import actions as identity
from loket.identity.types import Role, Scope
from loket.kernel.actors import SYSTEM
from loket.notifications.queries import preferences_token
from loket.notifications.types import Medium
from loket.portal.cookies import Grant
from tests import county
from tests.access import scene as making
from tests.access.scene import OWNING, Scene

OTHER_TEAM = frozenset({"officer of another team"})
SERVICE = {"agency": OWNING, "service": county.INFORMATION}


@dataclass(frozen=True, slots=True)
class Door:
    """`of_case`: leads to one person's data, so that whoever has no right to it must be refused outright.

    `opens` is the rightful person; `shows` whether their page holds the owner's words; `statuses` what their
    GET is answered with. `may_ask`: strangers who are asked for a reason to look instead. `last`: ends what
    the stranger holds, so it is tried after all others. `sends` is what strangers post: the very fields that
    work for the rightful person.
    """

    arguments: Mapping[str, object] = field(default_factory=dict)
    opens: Callable[[Scene], Client] = lambda scene: Client()
    statuses: tuple[int, ...] = (200,)
    shows: bool = False
    of_case: bool = False
    may_ask: frozenset[str] = frozenset()
    last: bool = False
    sends: Mapping[str, object] = field(default_factory=dict)
    as_json: bool = False


def doors(scene: Scene) -> dict[str, Door]:
    """All of them, those that end something last."""
    found = portal_doors(scene) | desk_doors(scene) | account_doors(scene)
    return dict(sorted(found.items(), key=lambda item: item[1].last))


def owner_of_draft(scene: Scene) -> Client:
    return making.applicant(draft=scene.draft, now=scene.now)


def owner_of_case(scene: Scene) -> Client:
    return making.applicant(grant=Grant(scene.waiting.id, full=True), now=scene.now)


def at_status_level(scene: Scene) -> Client:
    return making.applicant(grant=Grant(scene.waiting.id, full=False), now=scene.now)


def officer(scene: Scene) -> Client:
    return making.signed_in(making.OFFICER, "mfa")


def supervisor(scene: Scene) -> Client:
    return making.signed_in(making.SUPERVISOR, "mfa")


def receiver(scene: Scene) -> Client:
    return making.signed_in(making.RECEIVER, "mfa")


def colleague(scene: Scene) -> Client:
    return making.signed_in(making.COLLEAGUE, "mfa")


def counter(scene: Scene) -> Client:
    return making.signed_in(making.COUNTER, "mfa")


def administrator(scene: Scene) -> Client:
    return making.signed_in(making.ADMINISTRATOR, "mfa")


def privacy_officer(scene: Scene) -> Client:
    return making.signed_in(making.PRIVACY_OFFICER, "mfa")


def program(scene: Scene) -> Client:
    """Of the owning agency, with every scope, and a reason for each look."""
    return making.program(OWNING, *Scope)


def program_with_draft(scene: Scene) -> Client:
    return Client(headers={"Loket-Draft": scene.draft.token})


def portal_doors(scene: Scene) -> dict[str, Door]:
    """`portal:…`, and what has no language."""
    held = {"opens": owner_of_case, "shows": True}
    draft = {"arguments": SERVICE, "opens": owner_of_draft}
    return {
        "web:front_door": Door(statuses=(302,)),
        # Switched on by a setting; tests/web/test_metrics.py opens it.
        "web:metrics": Door(statuses=(404,)),
        "web:theme": Door({"name": "0b5351-ffffff-0000000000"}),
        "web:mark": Door({"key": OWNING, "name": "0000000000"}),
        "api:callback": Door({"provider": "sandbox"}, statuses=(405,)),
        "api:receipt": Door({"channel": "govuk_notify"}, statuses=(405,)),
        "api:send_application": Door(SERVICE, statuses=(405,)),
        "api:begin_draft": Door(SERVICE, statuses=(405,)),
        "api:read_draft": Door(opens=program_with_draft, shows=True),
        "api:attach_file": Door({"question": "identity_proof"}, statuses=(405,)),
        "api:detach_file": Door({"question": "identity_proof", "file_id": scene.file}, statuses=(405,)),
        "api:send_draft": Door(statuses=(405,)),
        "api:list_cases": Door(opens=program),
        "api:read_case": Door({"reference": scene.fresh.reference}, program, shows=True, of_case=True),
        "api:read_file": Door(
            {"reference": scene.waiting.reference, "file_id": scene.file}, program, shows=True, of_case=True
        ),
        "api:act_on_case": Door(
            {"reference": scene.fresh.reference, "action": "refuse"},
            program,
            (405,),
            of_case=True,
            sends={"revision": scene.fresh.revision, "reasons": ["privacy"]},
            as_json=True,
        ),
        "api:list_endpoints": Door(opens=program),
        "api:list_parked": Door({"endpoint_id": scene.endpoint}, program),
        "api:switch_on": Door({"endpoint_id": scene.endpoint}, program, (405,)),
        "api:send_all_again": Door({"endpoint_id": scene.endpoint}, program, (405,)),
        "api:send_again": Door({"delivery_id": scene.event}, program, (405,)),
        "api:list_agencies": Door(),
        "api:list_life_events": Door(),
        "api:list_services": Door(),
        "api:read_service": Door(SERVICE),
        "api:ask_status": Door(statuses=(405,)),
        "api:read_description": Door(),
        "api:explain_problem": Door({"code": "not-answered"}, statuses=(302,)),
        "portal:choices": Door({"token": preferences_token(Medium.EMAIL, "a@b.example")}),
        "portal:stop": Door({"token": preferences_token(Medium.EMAIL, "a@b.example")}, statuses=(302,)),
        "portal:performance": Door(),
        "portal:home": Door(),
        "portal:search": Door(),
        "portal:life_event": Door({"key": "moving-house"}),
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
        "portal:pay": Door({"token": scene.payment}),
        "portal:pay_waiting": Door({"token": scene.payment}, statuses=(302,)),
        "portal:pay_back": Door({"token": scene.payment, "provider": "offline"}, statuses=(302,)),
        # Only the demo has one; a test of its own opens it there.
        "portal:sandbox": Door({"ref": "no-such-page"}, statuses=(404,)),
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
        "plain:keys": Door(),
        "portal:verify": Door(sends={"number": "7K3P-2M9X-QR5T"}),
        "portal:verified": Door({"given": "7K3P-2M9X-QR5T"}),
        "portal:finish": Door(last=True),
        "portal:finished": Door(),
        "portal:privacy": Door(),
        "portal:accessibility": Door(),
        # Only the demo has one; a test of its own opens it there.
        "portal:outbox": Door(statuses=(404,)),
    }


def desk_doors(scene: Scene) -> dict[str, Door]:
    """`desk:…`: those of `fresh` for its officer, the notice for who was told of it."""
    fresh = {"reference": scene.fresh.reference}
    named = {"case": str(scene.fresh.id), "revision": scene.fresh.revision}
    words = {"reason": "I wonder", "reasons": ["privacy"], "words": "Because", "text": "A note"}
    work = {"opens": officer, "of_case": True, "sends": named | words}
    # What is typed would be taken: of the case's own money nothing may change.
    money = {"request": str(scene.fresh.id), "amount": "5", "words": "Because", "slip": "1"}
    paying = {"opens": officer, "of_case": True, "sends": money}
    asked = {"reference": scene.waiting.reference, "payment_id": scene.payment_id}
    nowhere = {"money_id": scene.event}
    notice: dict[str, Any] = {"arguments": {"notice_id": scene.notice}, "opens": receiver, "of_case": True}
    made, by_id = {"reference": scene.at_counter.reference}, {"proof": "id_seen", "id_kind": "passport"}
    paper = {**fresh, "paper_id": scene.paper}
    with_file = {"reference": scene.waiting.reference, "file_id": scene.file}
    return {
        "desk:start": Door(opens=officer, statuses=(302,)),
        "desk:worklist": Door(opens=officer, shows=True),
        "desk:find": Door(opens=officer, statuses=(405,), sends={"typed": scene.fresh.reference}),
        "desk:case": Door(fresh, **work, shows=True, may_ask=OTHER_TEAM),
        "desk:file": Door(with_file, **work, shows=True, may_ask=OTHER_TEAM),
        "desk:make_paper": Door(paper, **work, statuses=(405,)),
        "desk:withdraw_paper": Door(paper, supervisor, (405,), of_case=True, sends={"why": "mistake"}),
        "desk:reissue_paper": Door(paper, supervisor, (405,), of_case=True),
        "desk:note": Door(fresh, **work, statuses=(405,)),
        "desk:take": Door(fresh, **work, statuses=(405,)),
        "desk:act": Door({**fresh, "action": "refuse"}, **work),
        "desk:ask_payment": Door(fresh, **paying),
        "desk:payment": Door(asked, **paying),
        "desk:cash": Door(asked, **paying),
        "desk:give_back": Door(asked, **{**paying, "opens": supervisor}, statuses=(404,)),
        "desk:books": Door(opens=officer),
        "desk:record_money": Door(opens=officer, statuses=(405,)),
        "desk:match_money": Door(nowhere, officer, (405,)),
        "desk:send_back": Door(nowhere, supervisor, (405,)),
        "desk:refund_done": Door({"refund_id": scene.event}, supervisor, (405,)),
        "desk:report": Door({"day": "2026-11-22", "kind": "csv"}, supervisor),
        "desk:undo": Door({"event_id": scene.event}, officer, (405,), of_case=True, sends=fresh),
        "desk:counter": Door(opens=counter, shows=True),
        "desk:arrived": Door(opens=counter, statuses=(405,), sends={"case": str(scene.at_counter.id)}),
        "desk:counter_find": Door(opens=counter, statuses=(405,), sends={"typed": made["reference"]}),
        "desk:hand_over": Door(made, counter, shows=True, of_case=True, sends=by_id),
        "desk:send_on": Door(made, counter, (405,), of_case=True, sends={"centre": "mlimani"}),
        "desk:returned": Door(made, counter, (405,), of_case=True),
        "desk:notices": Door(opens=receiver),
        "desk:notice": Door(**notice, shows=True),
        "desk:receive": Door(**notice, statuses=(405,)),
        "desk:undelivered": Door(opens=officer),
        "desk:texts": Door(opens=supervisor),
        "desk:letters": Door({"agency": OWNING, "service": county.INFORMATION}, opens=supervisor),
        "desk:tokens": Door(opens=administrator, sends={"name": "x"}),
        "desk:revoke_token": Door({"token_id": scene.token}, administrator, (405,), of_case=True),
        "developers:reference": Door(),
        "desk:webhooks": Door(opens=administrator),
        "desk:webhook": Door({"endpoint_id": scene.endpoint}, administrator),
        "desk:webhook_act": Door({"endpoint_id": scene.endpoint, "what": "test"}, administrator, (405,)),
        "desk:webhook_again": Door(
            {"endpoint_id": scene.endpoint, "delivery_id": scene.event}, administrator, (405,)
        ),
        "desk:export": Door(opens=supervisor),
        "desk:accesses": Door(opens=privacy_officer, sends={**fresh, "reason": "I wonder"}),
        "desk:profile": Door(opens=officer),
    }


def account_doors(scene: Scene) -> dict[str, Door]:
    """Signing in and one's own account. They show nobody's case, and each account only to itself."""
    passkey = {"arguments": {"pk": scene.passkey}, "opens": colleague, "of_case": True}
    mine = {"opens": officer, "statuses": (200, 302)}
    # An account without the means of proving itself that way is told so.
    again = {"opens": officer, "statuses": (200, 302, 403)}
    return {
        "account_login": Door(),
        "mfa_authenticate": Door(statuses=(302,)),
        "mfa_login_webauthn": Door(statuses=(302,)),
        "account_logout": Door(statuses=(302,), last=True),
        "account_inactive": Door(),
        "account_reset_password": Door(sends={"email": making.OFFICER}),
        "account_reset_password_done": Door(),
        "account_reset_password_from_key": Door({"uidb36": "1", "key": "no-such-key"}),
        "account_reset_password_from_key_done": Door(),
        "account_reauthenticate": Door(**again),
        "mfa_reauthenticate": Door(**again),
        "mfa_reauthenticate_webauthn": Door(**again),
        "account_change_password": Door(**mine),
        "account_set_password": Door(**mine),
        "mfa_index": Door(**mine),
        "mfa_activate_totp": Door(**mine),
        "mfa_deactivate_totp": Door(opens=officer, statuses=(200, 302, 404)),
        "mfa_view_recovery_codes": Door(opens=officer, statuses=(200, 302, 404)),
        "mfa_generate_recovery_codes": Door(**mine),
        "mfa_list_webauthn": Door(opens=colleague, shows=True),
        "mfa_add_webauthn": Door(**mine),
        "mfa_edit_webauthn": Door(**passkey, shows=True),
        "mfa_remove_webauthn": Door(**passkey, shows=True),
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
    found["a program of another agency"] = making.program(making.FOREIGN, *Scope)
    found["a program without the scope"] = making.program(OWNING, Scope.WEBHOOKS)
    email = making.employ("archive@example.org", OWNING, Role.OFFICER, now, team="archive")
    found["officer of another team"] = making.signed_in(email, "mfa")
    email = making.employ("shelf@example.org", "civil-registry", Role.OFFICER, now, team="shelf")
    found["officer of another counter"] = making.signed_in(email, "mfa")
    found["officer without a second factor"] = making.signed_in(making.OFFICER)
    found["somebody with an account and no post"] = making.signed_in(_without_post(scene), "mfa")
    return found


def _without_post(scene: Scene) -> str:
    identity.create_person(email="nobody@example.org", full_name="No Post", by=SYSTEM, now=scene.now)
    return "nobody@example.org"
