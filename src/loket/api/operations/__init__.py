"""What programs can do, one module for each thing it is done to; importing them makes them known."""

from loket.api.operations import applications, cases, catalogue, description, drafts, status, webhooks
from loket.api.surface import urls

__all__ = ["applications", "cases", "catalogue", "description", "drafts", "status", "urls", "webhooks"]
