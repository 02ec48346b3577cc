from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from loket.audit.models import Entry
from loket.catalogue import actions, queries
from loket.catalogue.models import SearchText, Service, ServiceVersion
from loket.catalogue.policies import may_publish
from loket.catalogue.types import VersionId
from loket.identity.types import Post, Role, StaffMember
from loket.kernel.actors import SYSTEM, Actor, ActorKind
from tests.catalogue.conftest import NOW
from tests.catalogue.samples import PACK, spoiled

CHANGED = PACK.replace("takes_minutes: 4", "takes_minutes: 5")
PUBLISHER = Actor(ActorKind.STAFF, str(uuid4()), "Wanjiru")

pytestmark = pytest.mark.usefixtures("water")


def published(source: str = PACK) -> VersionId:
    return actions.publish(
        source=source, by=PUBLISHER, now=NOW, effects={"tell": lambda argument, questions: ()}
    )


def service_entries() -> list[str]:
    return list(Entry.objects.filter(about_kind="service").order_by("pk").values_list("action", flat=True))


def test_publish_makes_the_version_live_and_leaves_a_record() -> None:
    version_id = published()
    live = queries.live("water", "fishing-permit")
    assert live is not None
    assert (live.version_id, live.title["en"], live.takes_minutes) == (version_id, "Get a fishing permit", 4)
    assert live.agency_names["sw"] == "Mamlaka ya Maji"
    assert service_entries() == ["service.published"]
    row = ServiceVersion.objects.get(pk=version_id)
    assert (row.source, row.published_by, row.published_at) == (PACK, PUBLISHER.id, NOW)


def test_publish_again_changes_nothing() -> None:
    assert published() == published(PACK.replace("\n", "\r\n"))
    assert ServiceVersion.objects.count() == 1
    assert service_entries() == ["service.published"]


def test_publish_of_a_change_is_a_new_version_and_the_old_one_can_come_back() -> None:
    first, second = published(), published(CHANGED)
    assert first != second
    assert published() == first
    live = queries.live("water", "fishing-permit")
    assert live is not None
    assert live.version_id == first
    assert service_entries() == ["service.published", "service.published", "service.version_restored"]
    assert [(view.version_id, view.live) for view in queries.versions(live.service_id)] == [
        (second, False),
        (first, True),
    ]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("a: [", "yaml"),
        (spoiled("to: waiting,", "to: nowhere,"), "stage-unknown"),
        (spoiled("team: permits", "team: boats"), "team-unknown"),
        (spoiled("{tell: [coast-guard]}", "{yell: [coast-guard]}"), "effect-unknown"),
    ],
)
def test_publish_refuses_a_pack_with_errors(source: str, code: str) -> None:
    with pytest.raises(actions.PackRefused) as refusal:
        published(source)
    assert code in str(refusal.value)
    assert refusal.value.details["errors"] == len(str(refusal.value).splitlines())
    assert not Service.objects.exists()


def test_publish_refuses_an_agency_that_is_not_here() -> None:
    with pytest.raises(actions.AgencyUnknown) as refusal:
        published(spoiled("agency: water", "agency: fire"))
    assert refusal.value.details == {"agency": "fire"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalogue_serviceversion SET source = 'x'",
        "UPDATE catalogue_serviceversion SET content_hash = repeat('0', 64)",
        "UPDATE catalogue_serviceversion SET published_at = published_at + interval '1 day'",
        "DELETE FROM catalogue_serviceversion",
    ],
)
def test_a_published_version_never_changes(change: str) -> None:
    published()
    with (
        pytest.raises((InternalError, IntegrityError), match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_import_and_export_are_inverse(tmp_path: Path) -> None:
    version_id = published()
    file = actions.export_to(version_id=version_id, folder=tmp_path)
    assert file.read_text(encoding="utf-8") == PACK
    later = NOW + timedelta(days=1)
    assert actions.import_folder(folder=file.parent, by=SYSTEM, now=later) == (version_id,)
    assert actions.import_folder(folder=tmp_path, by=SYSTEM, now=later) == (version_id,)


def test_import_is_all_or_nothing(tmp_path: Path) -> None:
    for name, text in (("a", PACK), ("b", spoiled("to: waiting,", "to: nowhere,"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "service.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(actions.PackRefused, match=r"b/service\.yaml"):
        actions.import_folder(folder=tmp_path, by=SYSTEM, now=NOW)
    assert not Service.objects.exists()


def test_import_from_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        actions.import_folder(folder=tmp_path, by=SYSTEM, now=NOW)


def test_search_texts_are_those_of_the_live_version() -> None:
    published()
    published(CHANGED)
    assert SearchText.objects.count() == 3


def test_may_publish_is_for_publishers_of_the_whole_agency() -> None:
    def staff(role: Role, agency: int = 1, team: int | None = None) -> StaffMember:
        return StaffMember(uuid4(), "Wanjiru", (Post(agency, team, role),))

    assert may_publish(staff(Role.PUBLISHER), 1)
    assert may_publish(staff(Role.ADMINISTRATOR), 1)
    assert not may_publish(staff(Role.SUPERVISOR), 1)
    assert not may_publish(staff(Role.PUBLISHER, agency=2), 1)
    assert not may_publish(staff(Role.PUBLISHER, team=3), 1)
