"""Residents who come into question for leading their building group: party members first, then who takes part."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Case, F, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from grid.places.models import Place
from grid.places.people import Candidate, CandidateSource, candidates
from portal.core.keys import key_of

from .models import ADULT_FROM, Resident

MEMBER, TAKING_PART, OTHER = range(3)


def near(places: Sequence[Place], most: int) -> Mapping[int, list[Candidate]]:
    """Adults present in each building group, at most so many of each; one query, no identifiers in it."""
    standing = Case(
        When(is_party_member=True, then=Value(MEMBER)),
        When(mobilised_since__isnull=False, then=Value(TAKING_PART)),
        default=Value(OTHER),
    )
    adults = Resident.objects.present().aged(at_least=ADULT_FROM)
    adults = adults.filter(community__in={place.community_id for place in places}, place__in=places)
    ranked = adults.annotate(standing=standing).annotate(
        rank=Window(
            RowNumber(),
            partition_by="place",
            order_by=["standing", F("represents_since").asc(nulls_last=True), "sort_key", "pk"],
        )
    )
    rows = ranked.filter(rank__lte=most).order_by("place", "rank").select_related("household")
    groups = (_("Party members"), _("Taking part"), _("Other adults"))
    found: dict[int, list[Candidate]] = defaultdict(list)
    for one in rows.defer("id_number", "mobile", "remark"):
        found[one.place_id].append(Candidate(str(one.pk), one.name, _note(one), groups[one.standing]))
    return found


def _note(resident: Any) -> str:
    facts = [
        _("party member") if resident.is_party_member else "",
        _("represents the household") if resident.is_representative else "",
        resident.household.address,
    ]
    return " · ".join(filter(None, facts))


def mobile(key: str) -> str:
    """The number of a resident; "" when none is known."""
    found = Resident.objects.filter(pk=key_of(key)).only("mobile").first()
    return found.mobile if found else ""


candidates.add("roster", CandidateSource(near=near, mobile=mobile))
