"""What every way of running the portal has in common."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal import embedded
from portal.core.logs import logging_config
from portal.core.schedule import entries

env = environ.Env()
BASE_DIR: Path = embedded.BASE_DIR
STATE_DIR: Path = embedded.state_dir()
ENGINES_PROFILE = "live"

DEBUG = False
ALLOWED_HOSTS: list[str] = []
SITE_URL = env.str("SITE_URL", "").rstrip("/")  # printed on slips and notices; empty means the address of the request
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "portal.dashboard",
    "grid.incidents",
    "grid.notices",
    "grid.roster",
    "portal.reminders",
    "portal.figures",
    "grid.places",
    "portal.jobs",
    "portal.files",
    "portal.workdays",
    "portal.accounts",
    "portal.core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "rules",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.core.middleware.CompressionMiddleware",
    "portal.core.headers.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.core.logs.RequestLogMiddleware",
    "portal.accounts.middleware.AppearanceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "portal.core.middleware.DeclaredAccessMiddleware",
    "portal.accounts.middleware.FirstStepsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,  # with DEBUG off, Django keeps what it has parsed
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.dashboard.context_processors.nav",
            ],
        },
    }
]
FORM_RENDERER = "portal.core.rendering.FormRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False  # a layout that names a field which is not there is a mistake


# Engines


def database(profile: str = ENGINES_PROFILE) -> dict[str, Any]:
    """The database that DATABASE_URL names, else the embedded one."""
    named = env.str("DATABASE_URL", "")
    found: dict[str, Any] = env.db_url_config(named) if named else embedded.database_settings(profile)
    return found | {
        "ENGINE": "portal.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "portal",
            # A server that has vanished must not keep people waiting for more than 5 s: 2 to notice, 2 to try again.
            "connect_timeout": 2,
            "tcp_user_timeout": 2000,
            "keepalives_idle": 30,
            # One that restarts is back in a moment; the embedded one must first be noticed and recover.
            "patience": 2 if named else 10,
            "server_side_binding": True,
            "prepare_threshold": 5,
            # The last says that what an index names is at hand, in memory or on a drive without a needle: at the
            # server's own 4.0 it reads a whole table of places rather than look up a hundred of them.
            "options": "-c statement_timeout=30s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
            " -c random_page_cost=1.1",
        }
        | found.get("OPTIONS", {}),
    }


def broker_url(redis_url: str) -> str:
    """The same server in Celery's words: it knows sockets by another scheme."""
    if not redis_url.startswith("unix:"):
        return redis_url
    parts = urlsplit(redis_url)
    return f"redis+socket://{parts.path}?{parts.query.replace('db=', 'virtual_host=')}"


DATABASES = {"default": database()}
REDIS_URL = env.str("REDIS_URL", "") or embedded.redis_url(ENGINES_PROFILE)

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker for as long as it takes
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A killed worker's tasks are handed out again after this: longer than any may wait for another try and then run
    # (300 s), or a copy of it would run beside it. What people wait for is not left to this: the clock takes up
    # messages, letters, jobs and roster files within a minute and a half, for all of it stands in the database.
    "visibility_timeout": 400,
    "socket_connect_timeout": 1,
    "socket_timeout": 1,  # a worker listens with more patience, see portal.celery
    "socket_keepalive": True,
    "health_check_interval": 10,
    # Whoever publishes from a web request gives up at once: the outbox keeps the message.
    "max_retries": 0,
    "connect_retries_timeout": 1,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = entries
CELERY_BEAT_MAX_LOOP_INTERVAL = 5


# Who signs in, and in which language

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "portal.accounts.backends.SignInBackend"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "dashboard:home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "mobile"]},
    },
    {"NAME": "portal.accounts.validators.LongEnough", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_HANDLER = "portal.accounts.throttle.Throttle"  # the limits stand there
AXES_CLIENT_IP_CALLABLE = "portal.core.address.client_address"
AXES_LOCKOUT_CALLABLE = "portal.accounts.throttle.too_many"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
PROXY_COUNT = 0  # how many proxies of ours stand before the portal: so many entries of X-Forwarded-For are believed
JOBS_AT_ONCE = env.int("JOBS_AT_ONCE", 1)  # how many jobs run at the same time: fewer than the workers have processes
REVEALS_A_DAY = env.int("REVEALS_A_DAY", 30)  # how many residents' full numbers one user may look at in a day
REVEALS_A_DAY_IN_OFFICE = env.int("REVEALS_A_DAY_IN_OFFICE", 100)  # the committee rings people up
# 综合得分: what the response, the solving and the satisfaction rate weigh in it; together 1.
SCORE_WEIGHTS = [Decimal(weight) for weight in env.list("SCORE_WEIGHTS", default=["0.1", "0.5", "0.4"])]
BOARDS_KEPT_SECONDS = env.int("BOARDS_KEPT_SECONDS", 30)  # so old may be what a board shows of today; 0: drawn anew
PRIVACY_CONTACT = env.str("PRIVACY_CONTACT", "")  # who answers questions about personal data, on the consent page

# A portal without users prints this code where it was started, and asks for it on its first page.
FIRST_RUN_CODE = "portal.accounts.first_run.setup_code"
FIRST_RUN_URL = "places:first_run"
DEMO_HINTS = "demo-hints.txt"  # in STATE_DIR, written by `manage.py demo`, shown by `manage.py serve`

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["portal.formats"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True


# Files

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [("build", BASE_DIR / "static" / "build")]  # what was built is published, its sources are not
DOCUMENT_FONTS = BASE_DIR / "static" / "fonts"  # 20 MB that no browser needs: beside what is published
MEDIA_ROOT = STATE_DIR / "media"  # under no address: every file goes through the view that asks who may see it
MEDIA_URL = ""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20  # two fields of nine photos, and some air


# What browsers are told

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY = {"camera": ["self"], "geolocation": [], "microphone": [], "payment": [], "usb": []}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "portal.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"


# Messages out, and what is written down

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "portal@localhost")
EMAIL = env.email_url_config(env.str("EMAIL_URL", "dummymail://"))
vars().update(EMAIL)
EMAIL_TIMEOUT = 10

LOGGING = logging_config(env.str("LOG_LEVEL", "INFO"), as_json=True)
LOGGING_CONFIG = "logging.config.dictConfig"
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # one line a request: how it ended
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = True
