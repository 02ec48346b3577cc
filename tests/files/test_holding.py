from datetime import UTC, datetime

import pytest

from loket.files import actions, sniffing
from loket.files.models import StoredFile
from loket.files.types import OwnerKind
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.privacy.actions import DataKey
from loket.privacy.registry import holding
from loket.privacy.types import Clue, Subject, SubjectKind

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_erasing_a_case_takes_its_files_and_no_others() -> None:
    case, draft, held = new_id(), new_id(), holding("files")
    for kind, owner in ((OwnerKind.CASE, case), (OwnerKind.REPLY, case), (OwnerKind.DRAFT, draft)):
        actions.store_upload(
            owner_kind=kind,
            owner_id=owner,
            key=DataKey(b"k" * 32),
            name="a.txt",
            content=b"text",
            allowed=[sniffing.TEXT],
            max_bytes=10,
            by=SYSTEM,
            now=NOW,
        )
    subject = Subject(SubjectKind.CASE, case)
    assert (held.count(subject), held.find(Clue(contact="a@b.example"))) == (2, ())
    assert (held.erase(subject, SYSTEM, NOW), held.erase(subject, SYSTEM, NOW)) == (2, 0)
    assert held.count(Subject(SubjectKind.DRAFT, draft)) == StoredFile.objects.count() == 1
    assert held.erase(Subject(SubjectKind.PERSON, draft), SYSTEM, NOW) == 0
    assert list(held.export(subject, NOW)) == []
