"""The settings of `make demo`, durable writes and all, on a database of its own that is dropped afterwards."""

import os

from portal.core.logs import logging_config
from portal.settings.local import *  # noqa: F403
from portal.settings.local import DATABASES

if scratch := os.environ.get("BENCH_SCRATCH"):  # filled beforehand, served now
    DATABASES["default"]["NAME"] = scratch
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("BENCH_DATABASE", "bench")}
LOGGING = logging_config("ERROR", as_json=False)
