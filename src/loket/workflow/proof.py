"""What can be said about a workflow before any case enters it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loket.workflow.definition import Applicant, Automatic, Collect, Final, Review, Workflow

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class WorkflowProblem:
    """A reason not to publish. `path` leads to the place within the workflow."""

    code: str
    message: str
    path: Path


@dataclass(frozen=True, slots=True)
class Guard:
    """An expression that decides about a way on."""

    path: Path
    source: str


@dataclass(frozen=True, slots=True)
class _Way:
    stage: str
    to: str
    path: Path


def guards(workflow: Workflow) -> tuple[Guard, ...]:
    """Every `when` of the workflow with its place, for whoever knows the names and types."""
    found: list[Guard] = []
    for key, stage in workflow.stages.items():
        if isinstance(stage, Review):
            found += [
                Guard(("stages", key, "actions", name, "when"), action.when)
                for name, action in stage.actions.items()
                if action.when is not None
            ]
        elif isinstance(stage, Automatic):
            found += [
                Guard(("stages", key, "choose", index, "when"), choice.when)
                for index, choice in enumerate(stage.choose or ())
                if choice.when is not None
            ]
    return tuple(found)


def problems(workflow: Workflow) -> tuple[WorkflowProblem, ...]:
    """Everything wrong with the shape: dead ends, unreachable stages, loops nobody acts in.

    Guards are taken as possibly met, so what is reported is certain; a guard that is never met isn't found.
    """
    ways = tuple(_ways(workflow))
    missing = tuple(_missing(workflow, ways))
    if missing:
        # Reachability over a graph with holes would only repeat them.
        return missing
    onward: dict[str, set[str]] = {key: set() for key in workflow.stages}
    for way in ways:
        onward[way.stage].add(way.to)
    return (
        *_unreachable(workflow, onward),
        *_dead_ends(workflow, onward),
        *_automatic_loops(workflow, onward),
        *_questions_back(workflow),
    )


def _ways(workflow: Workflow) -> Iterator[_Way]:
    for key, stage in workflow.stages.items():
        here: Path = ("stages", key)
        if isinstance(stage, Review):
            for name, action in stage.actions.items():
                yield _Way(key, action.to, (*here, "actions", name, "to"))
        elif isinstance(stage, Applicant):
            yield _Way(key, stage.returns_to, (*here, "returns_to"))
            if stage.on_timeout is not None:
                yield _Way(key, stage.on_timeout.to, (*here, "on_timeout", "to"))
        elif isinstance(stage, Collect):
            yield _Way(key, stage.to, (*here, "to"))
            if stage.on_timeout is not None:
                yield _Way(key, stage.on_timeout.to, (*here, "on_timeout", "to"))
        elif isinstance(stage, Automatic):
            for index, choice in enumerate(stage.branches):
                place: Path = ("to",) if stage.choose is None else ("choose", index, "to")
                yield _Way(key, choice.to, (*here, *place))


def _missing(workflow: Workflow, ways: tuple[_Way, ...]) -> Iterator[WorkflowProblem]:
    for path, target in ((("start",), workflow.start), *((way.path, way.to) for way in ways)):
        if target not in workflow.stages:
            yield WorkflowProblem("stage-unknown", f"There is no stage “{target}”.", path)


def _unreachable(workflow: Workflow, onward: Mapping[str, set[str]]) -> Iterator[WorkflowProblem]:
    for key in sorted(set(workflow.stages) - _closure({workflow.start}, onward)):
        yield WorkflowProblem("stage-unreachable", f"No case ever gets to stage “{key}”.", ("stages", key))


def _dead_ends(workflow: Workflow, onward: Mapping[str, set[str]]) -> Iterator[WorkflowProblem]:
    back: dict[str, set[str]] = {key: set() for key in workflow.stages}
    for key, targets in onward.items():
        for target in targets:
            back[target].add(key)
    finals = {key for key, stage in workflow.stages.items() if isinstance(stage, Final)}
    for key in sorted(set(workflow.stages) - _closure(finals, back)):
        yield WorkflowProblem(
            "stage-never-ends", f"From stage “{key}” a case can never reach a final stage.", ("stages", key)
        )


def _automatic_loops(workflow: Workflow, onward: Mapping[str, set[str]]) -> Iterator[WorkflowProblem]:
    automatic = {key for key, stage in workflow.stages.items() if isinstance(stage, Automatic)}
    among = {key: onward[key] & automatic for key in automatic}
    for key in sorted(automatic):
        if key in _closure(among[key], among):
            yield WorkflowProblem(
                "automatic-loop",
                f"Automatic stage “{key}” can lead back to itself without anybody acting.",
                ("stages", key),
            )


def _questions_back(workflow: Workflow) -> Iterator[WorkflowProblem]:
    for key, stage in workflow.stages.items():
        if not isinstance(stage, Review):
            continue
        for name, action in stage.actions.items():
            if action.asks and not isinstance(workflow.stages[action.to], Applicant):
                yield WorkflowProblem(
                    "asks-nobody",
                    f"Action “{name}” asks the applicant, so it must lead to an applicant stage; "
                    f"“{action.to}” is none.",
                    ("stages", key, "actions", name, "to"),
                )


def _closure(seeds: set[str], onward: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(seeds)
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting.extend(onward[key])
    return seen
