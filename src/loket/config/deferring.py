"""How the background worker reaches its jobs, so that what a job defers belongs to the job's transaction.

Procrastinate's own connector for workers would defer on a connection of its own: at once, also where the
transaction is rolled back, and, worse, before it is committed. Another would then look for what isn't there
yet, find nothing to do, and strike the job off.
"""

from procrastinate.connector import BaseConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

_ALIAS = "default"


class WorkerConnector(PsycopgConnector):
    """Looks jobs up by connections of its own; code that is not asynchronous, such as jobs, uses Django's."""

    def __init__(self) -> None:
        super().__init__(kwargs=connector_params(_ALIAS))
        self._of_jobs = DjangoConnector(_ALIAS)

    def get_sync_connector(self) -> BaseConnector:
        return self._of_jobs
