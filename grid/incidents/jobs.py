"""Long work about incidents."""

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.places.holding import still_holds
from portal.core.clock import today
from portal.jobs.registry import File, Kind, register
from portal.jobs.work import Work

from .exports import chosen, in_words
from .services.exporting import export
from .tables import XLSX


def export_incidents(work: Work) -> File:
    """The incidents that were on the list when it was asked for, as they are now."""
    query = QueryDict(work.payload["query"])
    which = in_words(chosen(work.owner, query))
    if work.payload.get("searched"):
        which.append(_("found by a search"))
    content = export(work.payload["incidents"], actor=work.owner, which=which, progress=work)
    return File(f"incidents-{today():%Y%m%d}.xlsx", XLSX, content)


register(
    Kind(
        "incidents.export",
        gettext_lazy("Incidents as Excel"),
        run=export_incidents,
        permission="incidents.export",
        icon="file-earmark-excel",
        allows=still_holds,
    )
)
