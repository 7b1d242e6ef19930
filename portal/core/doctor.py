"""What can be wrong with a running portal, said in words. Apps add checks of their own in their `checks.py`."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import NamedTemporaryFile

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from kombu.exceptions import OperationalError
from redis import RedisError

from portal import embedded

from . import health, heartbeat

OLDEST_POSTGRESQL = 15
LEAST_FREE = 1 << 30  # bytes: a week of photos in a busy community
SILENT_AFTER = 4 * heartbeat.INTERVAL.total_seconds()

Words = str | Promise


@dataclass(frozen=True)
class Finding:
    """What one check found; `advice` says what to do about a problem."""

    ok: bool
    text: Words
    advice: Words = ""


Check = Callable[[], Finding]
checks: dict[str, tuple[Words, Check]] = {}


def check(key: str, title: Words) -> Callable[[Check], Check]:
    """Let the decorated function be asked by `manage.py doctor` under a title."""

    def register(function: Check) -> Check:
        if key in checks:
            raise ValueError(f"{key} is checked twice")
        checks[key] = (title, function)
        return function

    return register


@contextmanager
def _impatient() -> Iterator[None]:
    """Whoever asks wants to know how the database is now, not how it will be in a moment."""
    options = connection.settings_dict["OPTIONS"]
    patience, options["patience"] = options.get("patience", 0), 0
    try:
        yield
    finally:
        options["patience"] = patience


def examine() -> Iterator[tuple[Words, Finding]]:
    """Every check in order of registration; one that breaks is a problem itself and stops no other."""
    for title, function in checks.values():
        try:
            with _impatient():
                finding = function()
            yield title, finding
        except (DatabaseError, RedisError, OperationalError):
            yield title, Finding(False, _("It cannot be told while the database or the broker is away."))
        except Exception as error:
            yield title, Finding(False, _("The check itself failed: %(error)s") % {"error": repr(error)})


@check("core.database", gettext_lazy("Database"))
def _database() -> Finding:
    is_ours = embedded.is_embedded()[0]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
            version, encoding = cursor.fetchone()
    except DatabaseError as error:
        log = embedded.engines(settings.ENGINES_PROFILE).directory / "postgresql.log"
        advice = (
            _("Read the end of %(log)s.") % {"log": log} if is_ours else _("See that it runs, and check DATABASE_URL.")
        )
        return Finding(False, _("It does not answer: %(error)s") % {"error": str(error).splitlines()[0]}, advice)
    words = {"version": f"{version // 10000}.{version % 10000}", "oldest": OLDEST_POSTGRESQL}
    if version // 10000 < OLDEST_POSTGRESQL:
        return Finding(False, _("PostgreSQL %(version)s is too old.") % words, _("Use %(oldest)s or later.") % words)
    if encoding != "UTF8":
        return Finding(False, _("It cannot hold Chinese text."), _("Create the database anew with the encoding UTF8."))
    whose = _("embedded") if is_ours else _("named by DATABASE_URL")
    return Finding(True, _("PostgreSQL %(version)s, %(whose)s.") % (words | {"whose": whose}))


@check("core.migrations", gettext_lazy("Tables"))
def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        text = _("%(count)s changes to the tables have not been made.") % {"count": missing}
        return Finding(False, text, _("Run: manage.py migrate"))
    return Finding(True, _("They are as this release needs them."))


@check("core.broker", gettext_lazy("Broker"))
def _broker() -> Finding:
    is_ours = embedded.is_embedded()[1]
    try:
        with health.broker() as redis:
            facts = redis.info()
    except RedisError as error:
        log = embedded.engines(settings.ENGINES_PROFILE).valkey_data / "valkey.log"
        advice = (
            _("Read the end of %(log)s.") % {"log": log} if is_ours else _("See that it runs, and check REDIS_URL.")
        )
        return Finding(False, _("It does not answer: %(error)s") % {"error": error}, advice)
    if facts.get("maxmemory") and facts.get("maxmemory_policy") != "noeviction":
        return Finding(False, _("It throws messages away when its memory is full."), "maxmemory-policy noeviction")
    whose = _("embedded") if is_ours else _("named by REDIS_URL")
    name = "Valkey" if facts.get("server_name") == "valkey" else "Redis"
    version = facts.get("valkey_version") or facts.get("redis_version")
    words = {"name": name, "version": version, "whose": whose}
    return Finding(True, _("%(name)s %(version)s, %(whose)s.") % words)


@check("core.storage", gettext_lazy("Photos and files"))
def _storage() -> Finding:
    place = settings.MEDIA_ROOT
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=place) as probe:
            probe.write(b"x")
            probe.flush()
    except OSError as error:
        words = {"place": place, "reason": error.strerror}
        text = _("Nothing can be written into %(place)s: %(reason)s.") % words
        return Finding(False, text, _("Let the account that runs the portal own it."))
    free = shutil.disk_usage(place).free
    words = {"place": place, "free": filesizeformat(free)}
    if free < LEAST_FREE:
        return Finding(
            False, _("Only %(free)s are free in %(place)s.") % words, _("Make room, or move it to a larger disk.")
        )
    return Finding(True, _("%(place)s, %(free)s free.") % words)


@check("core.pages", gettext_lazy("Styles and scripts"))
def _pages() -> Finding:
    if (settings.STATIC_ROOT / "staticfiles.json").exists():
        return Finding(True, _("They are built."))
    return Finding(False, _("They are not built; pages look bare."), _("Run: make setup"))


@check("core.worker", gettext_lazy("Worker"))
def _worker() -> Finding:
    if current_app.control.ping(timeout=1, limit=1):
        return Finding(True, _("It answers."))
    return Finding(False, _("None answers: nothing is sent and nothing counted."), _("Run: make serve"))


@check("core.clock", gettext_lazy("Clock"))
def _clock() -> Finding:
    age = heartbeat.age()
    if age is None:
        return Finding(False, _("It has not been heard for a week, or never."), _("Run: make serve"))
    words = {"seconds": round(age)}
    if age > SILENT_AFTER:
        text = _("It, or the worker, was last heard %(seconds)s seconds ago.") % words
        return Finding(False, text, _("Run: make serve"))
    return Finding(True, _("Heard %(seconds)s seconds ago.") % words)
