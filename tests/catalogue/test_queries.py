import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loket.catalogue import actions, queries
from loket.catalogue.life_events import LIFE_EVENTS
from loket.catalogue.types import LiveService, VersionId
from loket.kernel.actors import SYSTEM
from loket.kernel.text import LANGUAGES
from tests.catalogue.conftest import NOW
from tests.catalogue.samples import PACK

pytestmark = pytest.mark.usefixtures("water")

WELL = (
    PACK.replace("key: fishing-permit", "key: well-permit")
    .replace("en: Get a fishing permit", "en: Dig a well")
    .replace("id: Mengurus izin memancing", "id: Menggali sumur")
    .replace("sw: Pata kibali cha uvuvi", "sw: Chimba kisima")
    .replace("en: Fish with a rod in public waters for one year.", "en: Ask to drill for groundwater.")
    .replace("id: Memancing dengan joran", "id: Mengebor air tanah")
    .replace("sw: Vua samaki kwa ndoano", "sw: Tafuta maji")
    .replace(
        "{en: [fishing, angling, licence], id: [mancing, ikan], sw: [samaki, leseni]}",
        "{en: [borehole, water, licence], id: [air], sw: [maji]}",
    )
    .replace("life_events: [working]", "life_events: [building]")
)


@pytest.fixture(autouse=True)
def two_services(water: int) -> None:
    for source in (PACK, WELL):
        actions.publish(source=source, by=SYSTEM, now=NOW)


def keys(services: tuple[LiveService, ...]) -> list[str]:
    return [service.key for service in services]


def test_compiled_costs_one_statement_and_then_none() -> None:
    live = queries.live("water", "fishing-permit")
    assert live is not None
    with CaptureQueriesContext(
        connection,
    ) as first:
        compiled = queries.compiled(live.version_id)
    with CaptureQueriesContext(connection) as again:
        assert queries.compiled(live.version_id) is compiled
    assert (len(first), len(again)) == (1, 0)
    assert compiled.service.key == "fishing-permit"
    assert compiled.workflow.start == "sort"
    assert list(compiled.form.questions) == ["full_name", "born", "water", "boat_name"]
    assert compiled.agency_id == live.agency_id


def test_compiled_refuses_an_unknown_version() -> None:
    with pytest.raises(ObjectDoesNotExist):
        queries.compiled(VersionId(0))


def test_live_costs_one_statement_and_then_none() -> None:
    with CaptureQueriesContext(connection) as first:
        assert queries.live("water", "well-permit") is not None
    with CaptureQueriesContext(connection) as again:
        assert queries.live("water", "well-permit") is not None
    assert (len(first), len(again)) == (1, 0)


def test_live_knows_only_what_is_there() -> None:
    assert queries.live("water", "nothing") is None
    assert queries.live("fire", "fishing-permit") is None


def test_lists_cost_one_statement_however_many() -> None:
    queries.forget_live()
    with CaptureQueriesContext(connection) as captured:
        assert len(queries.all_live()) == 2
        assert keys(queries.services_of("water")) == ["fishing-permit", "well-permit"]
        assert keys(queries.by_life_event("building")) == ["well-permit"]
    assert len(captured) == 1
    assert queries.services_of("fire") == ()


def test_popular_is_by_starts() -> None:
    live = queries.live("water", "well-permit")
    assert live is not None
    actions.record_starts(starts={live.service_id: 9})
    assert keys(queries.popular("en")) == ["well-permit", "fishing-permit"]
    assert keys(queries.popular("en", most=1)) == ["well-permit"]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("fishing", "en", ["fishing-permit"]),
        ("FISHES", "en", ["fishing-permit"]),
        ("fish", "en", ["fishing-permit"]),
        ("angl", "en", ["fishing-permit"]),
        ("public water", "en", ["fishing-permit", "well-permit"]),
        ("borehole licence", "en", ["well-permit", "fishing-permit"]),
        ("memancing", "id", ["fishing-permit"]),
        ("izin untuk memancing", "id", ["fishing-permit"]),
        ("kisima", "sw", ["well-permit"]),
        ("kibali cha uvuvi", "sw", ["fishing-permit"]),
        ("borhole", "en", ["well-permit"]),
        ("fishng", "en", ["fishing-permit"]),
        ("samaki", "en", ["fishing-permit"]),
        ("zzzz", "en", []),
        ("", "en", []),
        ("  !? ", "en", []),
        ("'; drop table x; --", "en", []),
        ("a & | ! ( ' :* \\", "en", []),
        ("the of", "en", []),
    ],
)
def test_search_finds(text: str, language: str, found: list[str]) -> None:
    assert keys(queries.search(text, language)) == found


def test_search_takes_any_length() -> None:
    assert queries.search("x" * 100_000, "en") == ()
    assert queries.search("fish " * 10_000, "en") != ()


def test_life_events_speak_every_language() -> None:
    for event in LIFE_EVENTS:
        assert set(event.names) >= set(LANGUAGES)
    assert len({event.key for event in LIFE_EVENTS}) == len(LIFE_EVENTS)
