"""Every address of the portal: health, then each app under its own prefix."""

from importlib.util import find_spec

from django.urls import include, path

from portal.core import health

PREFIXES = {
    "portal.accounts": "",
    "portal.files": "files/",
    "portal.workdays": "workdays/",
    "grid.places": "",
    "grid.incidents": "incidents/",
    "portal.reminders": "reminders/",
    "portal.dashboard": "",
}

urlpatterns = [path("livez", health.livez, name="livez"), path("readyz", health.readyz, name="readyz")]
urlpatterns += [path(prefix, include(f"{app}.urls")) for app, prefix in PREFIXES.items() if find_spec(f"{app}.urls")]
