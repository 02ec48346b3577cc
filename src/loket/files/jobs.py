"""Background work of files."""

import logging
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from loket.files import actions
from loket.kernel import clock

logger = logging.getLogger(__name__)


@app.task(
    name=actions.REMOVE_JOB, queue=actions.QUEUE, retry=RetryStrategy(max_attempts=8, exponential_wait=4)
)
def remove_blobs(blob_ids: list[str]) -> None:
    actions.remove_blobs(blob_ids=[UUID(blob_id) for blob_id in blob_ids])


@app.periodic(cron="17 2 * * *")
@app.task(name="files.sweep", queue=actions.QUEUE, queueing_lock="files.sweep")
def sweep(timestamp: int) -> None:
    found = actions.sweep(now=clock.now())
    logger.info("files swept: %d orphans, %d unfinished", found.orphans, found.unfinished)
