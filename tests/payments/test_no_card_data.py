"""Card data has no way into Loket: what docs/security.md says of PCI DSS rests on this.

What can be shown: no page has a field for it, no table a column, no pack a question; no script or frame of
anybody else runs where a field could be; whoever sends a card's number all the same leaves no trace, and
what a provider tells of a payer stays outside. What can't: that nobody types one into a text that is meant
for other things.
"""

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connections
from django.test import Client
from pytest_django import Settings

import loket
from loket.identity.types import AgencyView
from loket.kernel import clock
from loket.payments import actions
from loket.payments.registry import Redirected
from loket.payments.types import PaymentState
from loket.web.policy import CONTENT_SECURITY_POLICY
from tests.access.doors import doors
from tests.access.scene import scene
from tests.access.test_matrix import address
from tests.fakes.stripe_server import FakeStripe
from tests.hostile.test_every_page import Kept, log
from tests.payments import till
from tests.payments.providers.conftest import now, stripe_fake

__all__ = ["log", "now", "stripe_fake"]

SOURCE = Path(loket.__file__).parent
# Visa's number for tests: passes Luhn's check, belongs to nobody.
NUMBER = "4242424242424242"
_WRITTEN = (NUMBER, "4242 4242 4242 4242", "4242-4242-4242-4242")
_NAMES = re.compile(
    r"""\bcc-(?:name|number|exp|csc|type|given|family|additional)   # what browsers fill cards in by
      | (?<!identity_)(?<!id_)\b(?:credit|debit|payment|bank)?_?card_?(?:number|no|holder|expiry|code)\b
      | \b(?:cc_?num(?:ber)?|cvv2?|cvc2?|card_?csc|primary_account_number|kartu_kredit|nomor_kartu_kredit)\b
      | \bexp(?:iry|iration)?_?(?:month|year)\b
      | name=["']pan["']
    """,
    re.IGNORECASE | re.VERBOSE,
)


def asks_for_card(text: str) -> str:
    found = _NAMES.search(text)
    return found.group() if found else ""


@pytest.mark.parametrize(
    "planted",
    [
        '<input autocomplete="cc-number">',
        '{{ govukInput({"name": "card_number"}) }}',
        'name="cardnumber"',
        'name="pan"',
        'request.POST["cvc"]',
        "credit_card_number = models.TextField()",
        "- {id: expiry_month, kind: number}",
        "id: kartu_kredit",
    ],
)
def test_a_field_for_a_card_would_be_found(planted: str) -> None:
    assert asks_for_card(planted)


def test_other_cards_are_left_alone() -> None:
    for harmless in ("identity_card_number", "id_card_number", "a card", "class=summary-card", "expires_at"):
        assert not asks_for_card(harmless)


def files(*patterns: str) -> list[Path]:
    return sorted(
        {file for pattern in patterns for file in SOURCE.rglob(pattern) if "static" not in file.parts}
    )


def test_no_template_view_model_or_pack_has_a_field_for_a_card() -> None:
    seen = files("*.html", "*.jinja", "*.py", "*.yaml", "*.json", "*.typ")
    assert len(seen) > 300
    found = {
        f"{file.relative_to(SOURCE)}: {name}"
        for file in seen
        if (name := asks_for_card(file.read_text(encoding="utf-8")))
    }
    assert found == set()


def test_no_table_has_a_column_for_a_card() -> None:
    columns = [
        f"{model.__name__}.{field.name}" for model in apps.get_models() for field in model._meta.get_fields()
    ]
    assert len(columns) > 200
    assert [column for column in columns if asks_for_card(column.rpartition(".")[2])] == []


def test_no_script_or_frame_of_anybody_else_can_run_in_a_page() -> None:
    """Of the payment page's elements none come from Loket, and of Loket's none from the payment provider."""
    policy = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert "frame-src" not in policy
    assert "child-src" not in policy
    for kind in ("script-src", "connect-src", "style-src", "img-src"):
        others = [
            source
            for source in policy[kind].split()
            if source != "'self'" and not source.startswith("'sha256-")
        ]
        assert others == [], kind
    assert policy["form-action"] == "'self'"
    outside = re.compile(
        r"""(?:src|action|href)=["']\s*(?:https?:)?//[^"']*(?:stripe|paypal|adyen)""", re.IGNORECASE
    )
    assert outside.search('<script src="https://js.stripe.com/v3/"></script>')
    assert [
        file for file in files("*.html", "*.js") if outside.search(file.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_number_that_is_sent_all_the_same_leaves_no_trace(log: Kept) -> None:
    """To every address, by its rightful person and a stranger, under the names that card forms use."""
    seen = scene(clock.now())
    fields = {
        name: written
        for name in ("card_number", "cardnumber", "number", "card[number]", "cc-number", "ccnumber", "pan")
        for written in _WRITTEN
    } | {"cvc": "123", "exp_month": "12"}
    tried = 0
    for name, door in doors(seen).items():
        for client in (door.opens(seen), Client(raise_request_exception=False)):
            client.get(address(name, door), fields)
            client.post(address(name, door), fields)
            client.post(address(name, door), json.dumps(fields), content_type="application/json")
            tried += 1
    assert tried > 60
    assert [line for line in log.lines if NUMBER in re.sub(r"[\s-]", "", line)] == []
    assert [table for written in _WRITTEN for table in tables_with(written)] == []


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_number_that_is_kept_would_be_found(agency: AgencyView, log: Kept) -> None:
    till.asked(agency, reference=NUMBER)
    logging.getLogger("loket.planted").warning("number %s", NUMBER)
    assert list(tables_with(NUMBER)) == ["public.payments_payment"]
    assert [line for line in log.lines if NUMBER in line] != []


def tables_with(written: str) -> Iterator[str]:
    """The tables of both databases in which the text stands, in whatever column."""
    for database in ("default", "keys"):
        with connections[database].cursor() as cursor:
            cursor.execute(
                "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
                " WHERE table_type = 'BASE TABLE'"
                " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
            )
            for (table,) in cursor.fetchall():
                cursor.execute(
                    f"SELECT 1 FROM {table} AS row WHERE row::text LIKE %s LIMIT 1", [f"%{written}%"]
                )
                if cursor.fetchone():
                    yield table


@pytest.mark.django_db(databases=["default", "keys"])
def test_what_stripe_tells_of_the_payer_is_not_kept(
    agency: AgencyView, stripe_fake: FakeStripe, settings: Settings, log: Kept
) -> None:
    at, payer = datetime.now(UTC), {"email": "amina@home.example", "name": "Amina Njeri"}
    settings.PAYMENT_PROVIDERS = ["stripe"]
    payment = till.asked(agency, now=at)
    started = actions.begin(payment_id=payment, provider="stripe", language="en", now=at)
    assert isinstance(started, Redirected)
    assert started.url.startswith(stripe_fake.address), "the person leaves for Stripe's own host"
    stripe_fake.pay(started.provider_ref)
    card = {"card": {"last4": "4242", "brand": "visa", "number": NUMBER}}
    stripe_fake.sessions[started.provider_ref] |= {"customer_details": payer, "payment_method_details": card}
    headers, body = stripe_fake.webhook("checkout.session.completed", started.provider_ref, at)
    assert NUMBER.encode() in body
    actions.take_callback(provider="stripe", headers=headers, query={}, body=body, now=at)
    assert till.seen(payment).state is PaymentState.PAID
    for word in (NUMBER, "visa", *payer.values()):
        assert list(tables_with(word)) == []
        assert [line for line in log.lines if word in line] == []
