"""Long work about people: lists that leave the house, and roster files on their way in."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from grid.places.holding import still_holds
from portal.jobs.models import Job
from portal.jobs.registry import File, Kind, register
from portal.jobs.work import Work

from . import exports
from .services.import_jobs import IMPORT
from .services.imports import STAGES
from .tables import XLSX


def export_people(work: Work) -> File:
    """The people who were on the list when it was asked for, as they are now."""
    taken = exports.Taken(**work.payload)
    with exports.write(taken, actor=work.owner, reason=work.note, progress=work) as file:
        return File(exports.file_name(), XLSX, file.read())


def page_of_import(job: Job) -> str:
    return reverse("roster:import", args=[job.about])


register(
    Kind(
        "roster.export",
        _("People as Excel"),
        run=export_people,
        permission="roster.export",
        icon="file-earmark-excel",
        counted=_("%(done)s of %(total)s people"),
        allows=still_holds,
    ),
    Kind(
        IMPORT,
        _("Roster import"),
        permission="roster.import",
        icon="upload",
        stages={**STAGES, "agree": _("To be agreed to")},
        link=page_of_import,
        link_label=_("Look at the import"),
    ),
)
