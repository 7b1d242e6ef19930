"""Every address of the portal: health, then each app under its own prefix."""

from django.urls import include, path

from grid.incidents.views.voice import voice
from portal.core import health

handler400 = "portal.core.failures.bad_request"
handler500 = "portal.core.failures.server_error"

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("portal.accounts.urls")),
    path("files/", include("portal.files.urls")),
    path("workdays/", include("portal.workdays.urls")),
    path("", include("grid.places.urls")),
    path("", include("grid.roster.urls")),
    path("incidents/", include("grid.incidents.urls")),
    path("v/<slug:token>/", voice, name="voice"),
    path("places/", include("grid.incidents.place_urls")),
    path("notices/", include("grid.notices.urls")),
    path("reminders/", include("portal.reminders.urls")),
    path("figures/", include("portal.figures.urls")),
    path("jobs/", include("portal.jobs.urls")),
    path("", include("portal.dashboard.urls")),
]
