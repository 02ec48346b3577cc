"""`issue`: makes a document of the service.

issue: licence
"""

from collections.abc import Collection

from pydantic import JsonValue

from loket.casework import papers
from loket.casework.registry import Occasion
from loket.casework.types import PaperKind


class Issue:
    """Asks for the document. It is made by a job of its own, so that trouble with it stops no message."""

    def problems(self, argument: JsonValue, questions: Collection[str]) -> tuple[str, ...]:
        # Whether the service has such a document is seen where its other parts are at hand.
        return () if isinstance(argument, str) else ("Write the key of one of the service’s documents.",)

    def perform(self, occasion: Occasion, argument: JsonValue) -> None:
        papers.ask(occasion.case.id, PaperKind.ISSUED, now=occasion.now, key=str(argument))


effect = Issue()
