"""The worker and the clock."""

import os
from typing import Any

from celery import Celery, signals
from django_structlog.celery.steps import DjangoStructLogInitStep

from portal.settings import default_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", default_module())

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["portal.core"], related_name="heartbeat")
app.steps["worker"].add(DjangoStructLogInitStep)


@signals.celeryd_init.connect
@signals.beat_init.connect
def hold_engines(**_: Any) -> None:
    """Worker and clock keep the embedded engines open, whoever started them."""
    from django.conf import settings

    from portal import embedded

    embedded.ensure_started(settings.ENGINES_PROFILE)


@signals.celeryd_init.connect
def listen_patiently(conf: Any, **_: Any) -> None:
    """A worker waits for messages on the socket on which a web request gives up after a second."""
    conf.broker_transport_options = {**conf.broker_transport_options, "socket_timeout": 10}


@signals.setup_logging.connect
def log_like_everybody(**_: Any) -> None:
    """Receiving this signal keeps Celery from setting up logging of its own."""
