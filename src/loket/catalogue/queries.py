"""Reads of the catalogue. Lists come from what the process remembered a few seconds ago."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, QuerySet

from loket.catalogue import words as typed
from loket.catalogue.cards import Card
from loket.catalogue.compiled import CompiledService
from loket.catalogue.loader import load_text
from loket.catalogue.models import SearchText, Service, ServiceVersion
from loket.catalogue.types import LiveService, ServiceId, VersionId, VersionView
from loket.decisions.engine import compile_decisions
from loket.forms.compiled import compile_form
from loket.kernel.remembering import Remembered

_FRESH_SECONDS = 5.0
_MOST_RESULTS = 50
_ENOUGH_RESULTS = 3


class VersionUnreadable(RuntimeError):
    """A published pack can't be read by this release, which is a fault of the release."""


@dataclass(frozen=True, slots=True)
class _Everything:
    """All live services, by start count, with the words by which a mistyped one is recognised."""

    services: tuple[LiveService, ...]
    vocabulary: Mapping[str, frozenset[int]]


_compiled: Remembered[VersionId, CompiledService] = Remembered(most=256)
_live: Remembered[tuple[str, str], LiveService | None] = Remembered(most=1024, seconds=_FRESH_SECONDS)
_everything: Remembered[None, _Everything] = Remembered(most=1, seconds=_FRESH_SECONDS)


def forget_live() -> None:
    """Makes this process read what is live anew. Other processes notice within seconds."""
    _live.forget()
    _everything.forget()


def compiled(version_id: VersionId) -> CompiledService:
    """A version ready for use; no statement once the process knows it, one before.

    Raises ServiceVersion.DoesNotExist's base ObjectDoesNotExist for an unknown id, VersionUnreadable
    where the stored pack no longer loads.
    """
    return _compiled.get(version_id, lambda: _compile(version_id))


def live(agency_key: str, service_key: str) -> LiveService | None:
    """The service as it may be used now; one statement at most, none within a few seconds."""
    key = (agency_key, service_key)
    return _live.get(key, lambda: _find_live(agency_key, service_key))


def all_live() -> tuple[LiveService, ...]:
    """All services that may be used now, the most used first."""
    return _all().services


def services_of(agency_key: str) -> tuple[LiveService, ...]:
    return tuple(service for service in all_live() if service.agency_key == agency_key)


def popular(language: str, most: int = 6) -> tuple[LiveService, ...]:
    """The most used services, those that speak `language` before those that don't."""
    ordered = sorted(all_live(), key=lambda service: language not in service.languages)
    return tuple(ordered[:most])


def by_life_event(key: str) -> tuple[LiveService, ...]:
    return tuple(service for service in all_live() if key in service.life_events)


def search(text: str, language: str) -> tuple[LiveService, ...]:
    """Services whose title, keywords or summary have the words or words that start so, best first.

    Looks in `language`, and where little is found also in the others and for words that look alike.
    At most 50; one or two statements.
    """
    words = typed.words_of(text, language)
    if not words:
        return ()
    everything = _all()
    found = list(_matching(words, language))
    if len(found) < _ENOUGH_RESULTS:
        others = sorted({code for service in everything.services for code in service.languages} - {language})
        found += [owner for code in others for owner in _matching(typed.words_of(text, code), code)]
    if len(found) < _ENOUGH_RESULTS:
        found += typed.nearest(words, everything.vocabulary)
    by_id = {service.service_id: service for service in everything.services}
    ordered = dict.fromkeys(ServiceId(owner) for owner in found)
    return tuple(by_id[owner] for owner in ordered if owner in by_id)[:_MOST_RESULTS]


def versions(service_id: ServiceId) -> tuple[VersionView, ...]:
    """All published versions of a service, the latest first."""
    rows = (
        ServiceVersion.objects.filter(service_id=service_id)
        .select_related("service")
        .defer("source", "card", "templates")
        .order_by("-published_at", "-id")
    )
    return tuple(
        VersionView(
            version_id=VersionId(row.pk),
            service_id=service_id,
            content_hash=row.content_hash,
            published_at=row.published_at,
            published_by=row.published_by,
            live=row.service.live_version_id == row.pk,
        )
        for row in rows
    )


def source(version_id: VersionId) -> str:
    """The pack as it was published."""
    return ServiceVersion.objects.values_list("source", flat=True).get(pk=version_id)


def _compile(version_id: VersionId) -> CompiledService:
    row = ServiceVersion.objects.select_related("service").get(pk=version_id)
    loaded = load_text(row.source)
    if loaded.service is None:
        raise VersionUnreadable(f"version {version_id}: {loaded.findings[0]}")
    return CompiledService(
        version_id=version_id,
        service_id=ServiceId(row.service_id),
        agency_id=row.service.agency_id,
        content_hash=row.content_hash,
        service=loaded.service,
        form=compile_form(loaded.service.form),
        decisions=compile_decisions(loaded.service.tables, loaded.service.fees, loaded.service.waivers),
        templates=row.templates,
    )


def _rows() -> QuerySet[Service]:
    return (
        Service.objects.filter(live_version__isnull=False)
        .select_related("agency", "live_version")
        .defer("live_version__source", "live_version__templates")
    )


def _find_live(agency_key: str, service_key: str) -> LiveService | None:
    row = _rows().filter(agency__key=agency_key, key=service_key).first()
    return _as_live(row) if row is not None else None


def _all() -> _Everything:
    return _everything.get(None, _read_everything)


def _read_everything() -> _Everything:
    services = tuple(_as_live(row) for row in _rows().order_by("-starts", "key", "pk"))
    vocabulary: dict[str, set[int]] = {}
    for service in services:
        for word in _telling_words(service):
            vocabulary.setdefault(word, set()).add(service.service_id)
    return _Everything(services, {word: frozenset(owners) for word, owners in vocabulary.items()})


def _telling_words(service: LiveService) -> frozenset[str]:
    found: set[str] = set()
    for language in service.languages:
        for text in (service.title.get(language, ""), *service.keywords.get(language, ())):
            found.update(typed.plain(word) for word in typed.words_of(text, language))
    return frozenset(found)


def _matching(words: tuple[str, ...], language: str) -> tuple[int, ...]:
    """Services with any of the words; those with all of them first. One statement."""
    config = typed.configuration(language)
    every = SearchQuery(typed.raw_query(words, "&"), config=config, search_type="raw")
    some = SearchQuery(typed.raw_query(words, "|"), config=config, search_type="raw")
    rows = (
        SearchText.objects.filter(language=language, words=some)
        .annotate(whole=SearchRank(F("words"), every), part=SearchRank(F("words"), some))
        .order_by("-whole", "-part", "-service__starts", "service_id")
    )
    return tuple(rows.values_list("service_id", flat=True)[:_MOST_RESULTS])


def _as_live(row: Service) -> LiveService:
    version = row.live_version
    if version is None:
        raise ValueError("the service has no live version")
    card = Card.model_validate(version.card)
    return LiveService(
        service_id=ServiceId(row.pk),
        version_id=VersionId(version.pk),
        agency_id=row.agency_id,
        agency_key=row.agency.key,
        agency_names=row.agency.names,
        key=row.key,
        title=card.title,
        summary=card.summary,
        keywords=card.keywords,
        life_events=card.life_events,
        languages=card.languages,
        takes_minutes=card.takes_minutes,
        starts=row.starts,
    )
