"""Whether the night's counting has stopped: what waits for longer than it takes."""

from datetime import date, datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from portal.core.clock import day_of

from . import rollup
from .models import FigureKey
from .periods import ONE_DAY
from .registry import sources

LATE = timedelta(hours=2)


def counted_to(now: datetime | None = None) -> date | None:
    """The last day that whatever was ever counted has reached, when the night's counting lags; else None; one query.

    What was never counted is no lag: a portal that was set up today has not seen its first night.
    """
    keys = [figure.key for found in sources().values() for figure in found]
    reached = FigureKey.objects.filter(key__in=keys).aggregate(least=Min("through"))["least"]
    return reached if reached and reached < _ought(now) else None


def lags_since(now: datetime | None = None) -> date | None:
    """The first day that ought to have been counted two hours ago and was not; None when all is well."""
    return min(rollup.behind(_ought(now)).values(), default=None)


def _ought(now: datetime | None) -> date:
    """The last day that ought to have been counted."""
    return day_of((now or timezone.now()) - LATE - rollup.SETTLED_AFTER) - ONE_DAY
