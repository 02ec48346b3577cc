"""The WSGI application that `loket serve` runs. Refuses to be loaded on keys from the source."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from loket.config import logs
from loket.config.postgres.base import share_among_threads
from loket.config.safety import refuse_unsafe
from loket.web import traces
from loket.web.arriving import Arriving
from loket.web.crowd.board import Board
from loket.web.crowd.door import Door
from loket.web.draining import parting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loket.config.settings")
refuse_unsafe()
share_among_threads()
logs.catch_what_nobody_catches()
traces.begin(settings.OTEL_ENDPOINT, "web")
# A body is there before its request takes its turn: a slow sender keeps a thread waiting, and nobody's turn.
application = parting(Arriving(Door(get_wsgi_application(), Board(settings.CROWD_BOARD))))
# Its tables can only be imported into a started Django.
import_string("loket.upkeep.queries.keep_reading")()
