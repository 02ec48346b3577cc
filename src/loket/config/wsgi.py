"""The WSGI application that `loket serve` runs. Refuses to be loaded on keys from the source."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from loket.config import logs
from loket.config.safety import refuse_unsafe
from loket.web import traces
from loket.web.arriving import Arriving

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loket.config.settings")
refuse_unsafe()
logs.catch_what_nobody_catches()
traces.begin(settings.OTEL_ENDPOINT, "web")
application = Arriving(get_wsgi_application())
