"""Exporting the applications of a service: one record names every case before the first one is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import CharField, F, Func, Value

from loket.casework import policies
from loket.casework.exporting import MARK, Layout
from loket.casework.models import Case
from loket.casework.refusals import NoSuchCase
from loket.casework.sealing import about
from loket.catalogue import queries as catalogue
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel import compact_json
from loket.kernel.sets import any_of
from loket.privacy import actions as privacy

# Enough that statements cost little, and few enough that memory stays flat.
AT_ONCE = 1_000
_MOST_OF_A_REASON = 500
_COLUMNS = (
    "id", "key_id", "reference", "version_id", "stage", "outcome", "opened", "due", "closed", "language",
    "sealed_answers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Export:
    """`parts` are the file's bytes; each is made when it is asked for."""

    name: str
    cases: int
    parts: Iterator[bytes]


@transaction.atomic
def export(
    *,
    service_id: int,
    sent_from: date | None,
    sent_until: date | None,
    reason: str,
    language: str,
    outcomes: Mapping[str, str],
    staff: StaffMember,
    now: datetime,
    at_server: bool = False,
) -> Export:
    """The service's applications that were sent from one day to another, both included, as CSV.

    `outcomes`: what they are called. A supervisor exports what their team works, or where they have the
    whole agency, all of it; `at_server` its administrators do too. The reason and the export are told to
    everybody whose case is in it. Refuses NoSuchCase where nothing of the service is theirs, and
    ReasonMissing.
    """
    service = next((one for one in catalogue.all_live() if one.service_id == service_id), None)
    if service is None:
        raise NoSuchCase()
    agency = identity.agency_known(service.agency_id)
    teams = (policies.exports_at_server if at_server else policies.exports)(staff, agency.id)
    if teams is not None and not teams:
        raise NoSuchCase()
    zone = ZoneInfo(agency.timezone)
    cases = Case.objects.filter(service_id=service_id, agency_id=agency.id, erased_at=None)
    if teams is not None:
        cases = cases.filter(team_id__in=teams)
    if sent_from is not None:
        cases = cases.filter(opened_at__gte=_begin(sent_from, zone))
    if sent_until is not None:
        cases = cases.filter(opened_at__lt=_begin(sent_until + timedelta(days=1), zone))
    # 16 bytes a case, in place of an object each.
    ids = b"".join(
        one.bytes for one in cases.order_by("opened_at", "id").values_list("id", flat=True).iterator(5_000)
    )
    count = len(ids) // 16
    privacy.record_export(
        by=staff.actor,
        case_ids=[UUID(bytes=ids[at : at + 16]) for at in range(0, len(ids), 16)],
        agency_id=agency.id,
        reason=reason.replace("\0", "").strip()[:_MOST_OF_A_REASON],
        now=now,
    )
    versions = [
        catalogue.compiled(one) for one in cases.order_by().values_list("version_id", flat=True).distinct()
    ]
    layout = Layout(versions or [catalogue.compiled(service.version_id)], language, agency.country, outcomes)
    name = f"{service.key}-{now.astimezone(zone):%Y-%m-%d}.csv"
    return Export(name, count, _parts(layout, ids, zone))


def _parts(layout: Layout, ids: bytes, zone: ZoneInfo) -> Iterator[bytes]:
    """A case that was erased meanwhile is left out."""
    yield MARK.encode() + layout.written([layout.head()])
    local = {name: _local(f"{name}_at", zone) for name in ("opened", "due", "closed")}
    for start in range(0, len(ids), 16 * AT_ONCE):
        some = [UUID(bytes=ids[at : at + 16]) for at in range(start, min(start + 16 * AT_ONCE, len(ids)), 16)]
        cases = Case.objects.filter(any_of(some), erased_at=None).annotate(**local)
        found = list(cases.order_by("opened_at", "id").values_list(*_COLUMNS))
        keys = privacy.keys_left([row[1] for row in found])
        rows = []
        for (
            case_id,
            key_id,
            reference,
            version_id,
            stage,
            outcome,
            opened,
            due,
            closed,
            language,
            sealed,
        ) in found:
            key = keys.get(key_id)
            if key is None:
                continue
            answers = key.decrypt(sealed, about=about(case_id, "answers"))
            rows.append(
                layout.row(
                    reference=reference,
                    version_id=version_id,
                    stage=stage,
                    outcome=outcome,
                    opened_at=opened,
                    due_at=due,
                    closed_at=closed,
                    language=language,
                    answers=compact_json.load_record(answers),
                )
            )
        yield layout.written(rows)


def _local(column: str, zone: ZoneInfo) -> Func:
    """Written by the database: reading a moment here, moving it and writing it takes ten times as long."""
    local = Func(Value(zone.key), F(column), function="timezone")
    return Func(local, Value("YYYY-MM-DD HH24:MI"), function="to_char", output_field=CharField())


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
