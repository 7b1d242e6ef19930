"""The suite: own engines, cheap passwords, plain static files; otherwise what people get."""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit
from zlib import crc32

from portal import embedded

from .base import *
from .base import STORAGES, broker_url, database, env

ENGINES_PROFILE = "test"
DATABASES = {"default": database(ENGINES_PROFILE)}

# Two runs at once do not meet, and neither do the processes of one: each has databases and files of its own.
RUN = os.environ.setdefault("PORTAL_TEST_RUN", str(os.getpid()))
TEST_DATABASE = f"test_portal_{RUN}"
DATABASES["default"]["TEST"] = {"NAME": TEST_DATABASE}
_number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 16
_named = env.str("REDIS_URL", "")
REDIS_URL = (
    urlsplit(_named)._replace(path=f"/{_number}").geturl()
    if _named
    else embedded.redis_url(ENGINES_PROFILE, _number + 16 * (crc32(RUN.encode()) % 4))
)
CELERY_BROKER_URL = broker_url(REDIS_URL)

SECRET_KEY = "k9Zr2mVq7Xw4Tn8Lb3Yc6Hd1Jf5Gs0PaQeRuWiOtMzKxNvBpDhFjLyC"  # noqa: S105 - opens nothing but tests
FIELD_KEY = "f4Nd8Kq1Zx6Vb3Mw9Rt2Yp7Lc5Hj0GsTaEuIoWiPnQmXkJvBhDyFgLr"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATE_DIR = Path(tempfile.gettempdir()) / f"portal-test-{os.geteuid()}-{os.getpid()}"
MEDIA_ROOT = STATE_DIR / "media"
STATIC_ROOT = STATE_DIR / "static"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
BOARDS_KEPT_SECONDS = 0  # what one test draws is not what the next one sees
