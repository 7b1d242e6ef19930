from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.clock import today
from portal.core.doctor import Finding, check

from .models import CalendarYear

DECEMBER = 12  # by then the notice for the next year has long been out


@check("workdays", gettext_lazy("Calendar of working days"))
def years_are_known() -> Finding:
    """The current year's days off are entered and, from 1 December on, the next year's too."""
    day = today()
    wanted = {day.year, day.year + 1} if day.month == DECEMBER else {day.year}
    missing = sorted(wanted - set(CalendarYear.objects.filter(year__in=wanted).values_list("year", flat=True)))
    if missing:
        years = ", ".join(map(str, missing))
        return Finding(
            False,
            _("the days off of %(years)s are not known; deadlines there count weekends only") % {"years": years},
            _("Enter them from the State Council's notice on the page “Working days” and declare the year complete."),
        )
    return Finding(True, _("known: %(years)s") % {"years": ", ".join(map(str, sorted(wanted)))})
