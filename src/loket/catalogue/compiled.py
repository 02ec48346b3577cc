"""A published version, ready to be used: parsed and compiled once per process."""

from dataclasses import dataclass

from loket.catalogue.service import Service
from loket.catalogue.types import ServiceId, VersionId
from loket.forms.compiled import CompiledForm
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

    @property
    def title(self) -> LocalText:
        return self.service.title

    @property
    def promise(self) -> Term:
        return self.service.promise

    @property
    def workflow(self) -> Workflow:
        return self.service.workflow
