"""What can be said about picking things up at a counter: the place is asked for, and there are places."""

from collections.abc import Collection, Iterator

from loket.catalogue.marks import Mark, error, not_shown, warning
from loket.catalogue.service import Service
from loket.workflow import Collect

_CENTRE = "centre"


def collecting(service: Service) -> Iterator[Mark]:
    """Every collect stage names a question that asks for a centre, and that everybody is asked."""
    asked = {question.id: (page, question) for page in service.form.pages for question in page.questions}
    for key, stage in service.workflow.stages.items():
        if not isinstance(stage, Collect):
            continue
        if stage.remind is not None and stage.within is None:
            yield warning(
                "remind-without-end",
                "A reminder says until when it can be picked up: without “within” nobody is reminded.",
                ("workflow", "stages", key, "remind"),
            )
        path = ("workflow", "stages", key, "at")
        if stage.at not in asked or asked[stage.at][1].kind != _CENTRE:
            yield error(
                "collect-nowhere", f"“{stage.at}” is no question of kind centre, so nobody knows where.", path
            )
            continue
        page, question = asked[stage.at]
        if page.when is not None or question.when is not None or not question.required:
            yield not_shown(
                "collect-maybe-nowhere",
                f"It is not shown that whoever comes to stage “{key}” has answered “{stage.at}”; "
                "without an answer the first centre is taken.",
                path,
            )


def without_centres(service: Service, centres: Collection[str] | None) -> Iterator[Mark]:
    """A place is asked for where the agency has none; a warning, because centres may be opened any day."""
    if centres is None or centres:
        return
    for number, page in enumerate(service.form.pages):
        for index, question in enumerate(page.questions):
            if question.kind == _CENTRE:
                yield warning(
                    "centres-missing",
                    "The agency has no centre that is open, so nobody can answer this.",
                    ("form", "pages", number, "questions", index),
                )
