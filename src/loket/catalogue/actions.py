"""Publishing services."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Value
from django.db.models.expressions import CombinedExpression

from loket.audit import actions as audit
from loket.catalogue import queries
from loket.catalogue import words as typed
from loket.catalogue.cards import Card
from loket.catalogue.lint import EffectChecks, Surroundings, errors, lint
from loket.catalogue.loader import PACK_FILE, Loaded, load, load_text
from loket.catalogue.models import SearchText, Service, ServiceVersion
from loket.catalogue.service import Service as Definition
from loket.catalogue.types import Finding, ServiceId, VersionId
from loket.identity import queries as identity
from loket.kernel.actors import Actor
from loket.kernel.refusals import Refusal


class PackRefused(Refusal):
    """The pack has errors. `findings` are all of its findings."""

    code = "pack_refused"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(errors=len(errors(findings)))
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in errors(self.findings))


class AgencyUnknown(Refusal):
    """The pack names an agency that isn't here (detail: agency)."""

    code = "agency_unknown"


def publish(
    *,
    source: str,
    by: Actor,
    now: datetime,
    file: str = PACK_FILE,
    effects: EffectChecks | None = None,
    templates: Mapping[str, str] | None = None,
) -> VersionId:
    """Makes the pack the live version of its service and gives that version's id.

    `templates` are the documents' own, Typst texts by file name. Publishing the same again gives the same
    version, and makes it live if it no longer was. With `effects` (those that cases know) an unknown or
    misused one is an error. Whether `by` may publish for the agency is asked before
    (`policies.may_publish`). Raises PackRefused or AgencyUnknown.
    """
    return _publish(load_text(source, file, templates), by=by, now=now, effects=effects)


def import_folder(
    *, folder: Path, by: Actor, now: datetime, effects: EffectChecks | None = None
) -> tuple[VersionId, ...]:
    """Publishes the pack in `folder`, or in each folder below it that holds one: all or none.

    Raises PackRefused, AgencyUnknown, and FileNotFoundError where there is no pack at all.
    """
    here = folder / PACK_FILE
    files = (here,) if here.exists() else tuple(sorted(folder.glob(f"*/{PACK_FILE}")))
    if not files:
        raise FileNotFoundError(f"{folder} holds no {PACK_FILE}")
    with transaction.atomic():
        return tuple(_publish(load(file), by=by, now=now, effects=effects) for file in files)


def export_to(*, version_id: VersionId, folder: Path) -> Path:
    """Writes a version as it was published to `<folder>/<service key>/service.yaml`, its templates beside it;
    importing it again gives the same version. Replaces a file that is there.
    """
    row = ServiceVersion.objects.select_related("service").get(pk=version_id)
    file = folder / row.service.key / PACK_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(row.source, encoding="utf-8", newline="\n")
    for name, text in row.templates.items():
        (file.parent / name).write_text(text, encoding="utf-8", newline="\n")
    return file


def record_starts(*, starts: Mapping[ServiceId, int]) -> None:
    """Notes how often services were started, counted elsewhere over some recent time, for `popular`.

    A periodic job calls this. No audit record: it changes nothing but an order.
    """
    for service_id, count in starts.items():
        Service.objects.filter(pk=service_id).exclude(starts=count).update(starts=count)
    queries.forget_live()


@transaction.atomic
def _publish(loaded: Loaded, *, by: Actor, now: datetime, effects: EffectChecks | None) -> VersionId:
    definition = loaded.service
    if definition is None:
        raise PackRefused(loaded.findings)
    agency = identity.agency(definition.agency)
    if agency is None:
        raise AgencyUnknown(agency=definition.agency)
    teams = frozenset(team.key for team in identity.teams_of(agency.id))
    centres = frozenset(centre.key for centre in agency.open_centres)
    findings = lint(loaded, Surroundings(teams=teams, effects=effects, centres=centres))
    if errors(findings):
        raise PackRefused(findings)
    service = _locked(agency.id, definition.key)
    version, is_new = _version(service, loaded, definition, by=by, now=now)
    if service.live_version_id != version.pk:
        service.live_version = version
        service.save(update_fields=["live_version"])
        _index(service, definition)
        audit.record(
            "service.published" if is_new else "service.version_restored",
            by=by,
            about=f"service:{service.pk}",
            now=now,
            version=version.pk,
            content_hash=version.content_hash,
        )
        queries.forget_live()
        # Again after the commit: another thread may have read the old state meanwhile.
        transaction.on_commit(queries.forget_live)
    return VersionId(version.pk)


def _locked(agency_id: int, key: str) -> Service:
    """The service's row, locked so that two publications come one after the other."""
    Service.objects.get_or_create(agency_id=agency_id, key=key)
    return Service.objects.select_for_update().get(agency_id=agency_id, key=key)


def _version(
    service: Service, loaded: Loaded, definition: Definition, *, by: Actor, now: datetime
) -> tuple[ServiceVersion, bool]:
    # What no document uses is no part of the service.
    used = {spec.template for spec in definition.documents.values()}
    templates = {name: text for name, text in loaded.templates.items() if name in used}
    return ServiceVersion.objects.get_or_create(
        service=service,
        content_hash=_content_hash(loaded.source, templates),
        defaults={
            "source": loaded.source,
            "templates": templates,
            "card": Card.of(definition).model_dump(mode="json"),
            "published_at": now,
            "published_by": by.id,
        },
    )


def _content_hash(source: str, templates: Mapping[str, str]) -> str:
    parts = [source, *(part for name in sorted(templates) for part in (name, templates[name]))]
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()


def _index(service: Service, definition: Definition) -> None:
    SearchText.objects.filter(service=service).delete()
    for language in definition.languages:
        SearchText.objects.create(service=service, language=language, words=_vector(definition, language))


def _vector(definition: Definition, language: str) -> CombinedExpression:
    config = typed.configuration(language)
    parts = (
        (definition.title.get(language, ""), "A"),
        (" ".join(definition.keywords.get(language, ())), "B"),
        (definition.summary.get(language, ""), "C"),
    )
    title, keywords, summary = (
        SearchVector(Value(text), config=config, weight=weight) for text, weight in parts
    )
    return title + keywords + summary
