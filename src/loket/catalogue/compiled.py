"""A published version, ready to be used: parsed and compiled once per process."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loket.catalogue.service import Service
from loket.catalogue.types import ServiceId, VersionId
from loket.decisions import engine as decisions
from loket.decisions.engine import Decisions
from loket.decisions.types import Assessment, Facts
from loket.expressions import Value
from loket.forms.compiled import CompiledForm
from loket.forms.journey import Journey
from loket.forms.types import JourneyContext
from loket.kernel.definition import LocalText
from loket.workflow import Workflow
from loket.workflow.definition import Term


@dataclass(frozen=True, slots=True)
class CompiledService:
    """What filling in and working cases need. Immutable, shared by all requests of a process."""

    version_id: VersionId
    service_id: ServiceId
    agency_id: int
    content_hash: str
    service: Service
    form: CompiledForm
    decisions: Decisions
    templates: Mapping[str, str] = field(default_factory=dict)

    def facts(self, journey: Journey, context: JourneyContext) -> Mapping[str, Value]:
        """What guards and other expressions may use: answers, calculated values, tables' outputs."""
        return self.decided(journey, context).values

    def decided(self, journey: Journey, context: JourneyContext) -> Facts:
        """The facts, with the rules that made them and what went wrong."""
        return decisions.facts(self.decisions, journey.bindings, context.evaluating())

    def assess(self, facts: Facts, context: JourneyContext) -> Assessment:
        """What is to be paid, by the facts that `decided` found."""
        if not self.decisions.fees:
            return Assessment()
        return decisions.assess(self.decisions, facts, context.evaluating())

    @property
    def title(self) -> LocalText:
        return self.service.title

    @property
    def promise(self) -> Term:
        return self.service.promise

    @property
    def workflow(self) -> Workflow:
        return self.service.workflow
