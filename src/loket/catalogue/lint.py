"""What can be said about a pack before anybody uses it.

An error keeps a pack from being published. A warning is for a person to judge. "Not shown" marks what may
well be right but could not be proved, so that nobody takes silence for proof.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from loket import workflow
from loket.catalogue import deciding, papers
from loket.catalogue.cells import cell, types_of, words
from loket.catalogue.collecting import collecting, without_centres
from loket.catalogue.flags import flag_findings
from loket.catalogue.life_events import BY_KEY
from loket.catalogue.loader import Loaded, load_text
from loket.catalogue.marks import Mark, error, not_shown, warning
from loket.catalogue.plainness import plainness
from loket.catalogue.sentences import suggestion
from loket.catalogue.service import Service
from loket.catalogue.texts import texts
from loket.catalogue.types import Finding, Level
from loket.expressions import BOOLEAN
from loket.forms.compiled import definition_problems
from loket.workflow import Automatic, Collect, Final, Review

# What is wrong with an effect's argument, in words, given the ids of the questions; by effect.
EffectChecks: TypeAlias = Mapping[str, Callable[[JsonValue, Collection[str]], tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a pack refers to outside itself. None: not known here, so nothing is shown about it."""

    teams: Collection[str] | None = None
    effects: EffectChecks | None = None
    centres: Collection[str] | None = None


ALONE = Surroundings()


def lint(loaded: Loaded, surroundings: Surroundings = ALONE) -> tuple[Finding, ...]:
    """All findings, in the order of the file. Whatever didn't load has its own findings only."""
    service = loaded.service
    if service is None:
        return loaded.findings
    marks = [mark for rule in _RULES for mark in rule(service)]
    marks += papers.templates(service, loaded.templates)
    marks += _outside(service, surroundings)
    marks += without_centres(service, surroundings.centres)
    return tuple(sorted({_located(loaded, mark) for mark in marks}))


def lint_text(
    text: str, file: str = "service.yaml", surroundings: Surroundings = ALONE
) -> tuple[Finding, ...]:
    return lint(load_text(text, file), surroundings)


def errors(findings: Collection[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.level is Level.ERROR)


def _located(loaded: Loaded, mark: Mark) -> Finding:
    if mark.line:
        place = loaded.place_within(mark.path, mark.line, mark.column)
    else:
        place = loaded.place(mark.path, of_key=mark.of_key)
    return loaded.finding(mark.level, mark.code, mark.message, place)


def _form(service: Service) -> Iterator[Mark]:
    for problem in definition_problems(service.form):
        yield Mark(
            Level.ERROR,
            problem.code.replace("_", "-"),
            words(problem.message),
            ("form", *problem.where),
            problem.line,
            problem.column,
        )


def _shape(service: Service) -> Iterator[Mark]:
    for problem in workflow.problems(service.workflow):
        of_key = len(problem.path) == len(("stages", "key"))
        yield error(problem.code, problem.message, ("workflow", *problem.path), of_key=of_key)


def _guards(service: Service) -> Iterator[Mark]:
    """Conditions of the workflow may use every question, calculated value and table."""
    types = types_of(service)
    for guard in workflow.guards(service.workflow):
        yield from cell(guard.source, types, ("workflow", *guard.path), expected=BOOLEAN)


def _always_a_way(service: Service) -> Iterator[Mark]:
    for key, stage in service.workflow.stages.items():
        if isinstance(stage, Review) and all(action.when is not None for action in stage.actions.values()):
            yield not_shown(
                "stage-may-be-stuck",
                f"Every action of stage “{key}” has a condition; it is not shown that one always holds.",
                ("workflow", "stages", key, "actions"),
                of_key=True,
            )


def _languages(service: Service) -> Iterator[Mark]:
    if len(set(service.languages)) != len(service.languages):
        yield error("language-twice", "A language is listed twice.", ("languages",))
    wanted = tuple(dict.fromkeys(service.languages))
    for text in texts(service):
        missing = [language for language in wanted if language not in text.words]
        if missing:
            yield error(
                "text-missing",
                f"“{text.name}” has no text in {', '.join(missing)}.",
                text.path,
                of_key=isinstance(text.path[-1], str),
            )
        for extra in sorted(set(text.words) - set(wanted)):
            yield warning(
                "language-unlisted",
                f"There is a text in {extra}, which “languages” doesn't list.",
                (*text.path, extra),
                of_key=True,
            )
    for language in wanted:
        if not service.keywords.get(language):
            yield warning(
                "keywords-missing", f"There are no keywords in {language}.", ("keywords",), of_key=True
            )


def _life_events(service: Service) -> Iterator[Mark]:
    for index, key in enumerate(service.life_events):
        if key not in BY_KEY:
            message = f"There is no life event “{key}”.{suggestion(key, BY_KEY)}"
            yield error("life-event-unknown", message, ("life_events", index))
    if not service.life_events:
        yield warning(
            "life-event-missing",
            "Without life_events people find this by search alone.",
            ("key",),
            of_key=True,
        )


def _outside(service: Service, surroundings: Surroundings) -> Iterator[Mark]:
    """Teams and effects exist outside the pack."""
    questions = [question.id for page in service.form.pages for question in page.questions]
    for key, stage in service.workflow.stages.items():
        path = ("workflow", "stages", key)
        if isinstance(stage, Review | Collect):
            yield from _known("team", stage.team, surroundings.teams, (*path, "team"))
        if isinstance(stage, Automatic | Final):
            for index, spec in enumerate(stage.effects):
                for name, argument in spec.items():
                    at = (*path, "effects", index, name)
                    yield from _known("effect", name, surroundings.effects, at)
                    if surroundings.effects and name in surroundings.effects:
                        wrong = surroundings.effects[name](argument, questions)
                        yield from (error("effect-argument", sentence, at) for sentence in wrong)


def _known(
    what: str, name: str, known: Collection[str] | None, path: tuple[str | int, ...]
) -> Iterator[Mark]:
    if known is None:
        yield not_shown(f"{what}-unseen", f"It is not shown that the {what} “{name}” exists.", path)
    elif name not in known:
        yield error(f"{what}-unknown", f"There is no {what} “{name}”.{suggestion(name, known)}", path)


_RULES: tuple[Callable[[Service], Iterator[Mark]], ...] = (
    _form,
    _shape,
    _guards,
    _always_a_way,
    _languages,
    _life_events,
    plainness,
    flag_findings,
    collecting,
    deciding.tables,
    deciding.fees,
    deciding.waivers,
    deciding.payment,
    deciding.unexplained,
    papers.documents,
    papers.issuing,
    papers.reminders,
    papers.reserved_stages,
    papers.appealing,
)
