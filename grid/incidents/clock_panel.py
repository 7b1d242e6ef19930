"""The three clocks on an incident's page: what was promised, how it stands, and who was told when time ran out."""

from typing import Any

from . import timing
from .beside import has_beside
from .models import Incident


def panel(incident: Incident, user: Any) -> dict[str, Any]:
    """The clocks of an incident; two queries, for whoever was told."""
    there = has_beside(incident, "escalations")
    told = list(incident.escalations.prefetch_related("told").order_by("at", "id")) if there else []
    return {
        "readings": list(timing.readings(incident)),
        "told": told,
        "more_days": timing.days_in_words(incident.more_days) if incident.more_days else "",
        "stood": timing.days_in_words(timing.halves_as_days(incident.stood_halves)) if incident.stood_halves else "",
        "expected_is_over": timing.expected_is_over(incident),
    }
