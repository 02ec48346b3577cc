"""The county that tests start from by rows is the county that the actions open."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from loket.audit import actions as audit
from loket.audit import queries as record
from loket.catalogue import queries as catalogue
from loket.config.sample.place import open_place
from loket.identity import queries as identity
from loket.privacy import roots
from tests import laid_down

pytestmark = pytest.mark.django_db(databases=["default", "keys"], transaction=True)
FIRST = datetime(2026, 11, 22, 6, 0, 0, 123457, tzinfo=UTC)
LATER = FIRST + timedelta(hours=2)


def _made_by(opening: Callable[[datetime], object], now: datetime) -> tuple[laid_down.Rows, object]:
    """The rows that an opening makes in an empty house, and what is read of them."""
    for alias in laid_down.ALIASES:
        call_command("flush", database=alias, interactive=False, verbosity=0)
    identity.forget_agencies()
    catalogue.forget_live()
    roots.forget()
    opening(now)
    live = sorted((one.agency_key, one.key, str(one.title)) for one in catalogue.all_live())
    held = sorted((one.key, str(one.names), len(one.centres)) for one in identity.agencies())
    return laid_down.take(now), (live, held)


def _moments(rows: laid_down.Rows) -> dict[str, tuple[int, int]]:
    """By table: how many rows, and how often the opening's moment stands in them."""
    return {
        table: (content.count(b"\n"), content.count(rows.moment.encode()) if table != "audit_entry" else 0)
        for held in rows.tables.values()
        for table, content in held.items()
    }


def test_rows_laid_down_are_what_the_actions_make() -> None:
    first, _read = _made_by(open_place, FIRST)
    made, read = _made_by(open_place, LATER)
    laid, read_again = _made_by(lambda now: laid_down.lay_down(first, now), LATER)
    assert len(made.tables["default"]) > 8
    assert _moments(laid) == _moments(made)
    assert read == read_again
    assert audit.seal(now=LATER) > 0
    assert record.verify().intact
