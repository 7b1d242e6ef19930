"""This machine only: what `make demo` and `make serve` use. As strict as production, but over plain http."""

from portal.core.logs import logging_config

from .base import *
from .base import STATE_DIR, env
from .keys import local_keys

_keys = local_keys(STATE_DIR / "keys.json")
SECRET_KEY = _keys["SECRET_KEY"]
FIELD_KEY = _keys["FIELD_KEY"]

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
LOGGING = logging_config(env.str("LOG_LEVEL", "WARNING"), as_json=False)

# The checks of a deployment speak of https, which ends at a proxy that a local portal does not have.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
