"""What programs can do, one module for each thing it is done to; importing them makes them known."""

from loket.api.operations import applications, catalogue, description, status
from loket.api.surface import urls

__all__ = ["applications", "catalogue", "description", "status", "urls"]
