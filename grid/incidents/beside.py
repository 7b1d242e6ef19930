"""What stands beside an incident, asked once for its page: most have none of it, and then nothing more is asked."""

from django.db import connection

from grid.places.models import Place
from portal.accounts.models import User
from portal.core.written import columns, made

from .models import (
    Category,
    CategoryGroup,
    CategoryRule,
    CoReport,
    Escalation,
    Incident,
    IncidentRequest,
    InternalNote,
    Rating,
)

PEOPLE = ("reporter", "holder", "owner", "handled_by", "verified_by")
ABOUT = {"requests": IncidentRequest, "notes": InternalNote, "co_reports": CoReport, "escalations": Escalation}
RELATIVES = "relatives"
_PARTS = (Incident, Place, Category, CategoryGroup, CategoryRule, Rating)
_TABLE = Incident._meta.db_table
# Written out: said by the ORM, six questions took longer to put together than to answer.
_ASKED = ", ".join(
    f"EXISTS (SELECT FROM {model._meta.db_table} WHERE incident_id = %(pk)s)" for model in ABOUT.values()
)
SQL = f"""
    SELECT {_ASKED},
        EXISTS (SELECT FROM {_TABLE} WHERE merged_into_id = %(pk)s)
        OR EXISTS (SELECT FROM {_TABLE} WHERE parent_id = %(pk)s)
"""  # noqa: S608 - names of tables

WHOLE = f"""
    SELECT {columns("incident", Incident)}, {columns("place", Place)}, {columns("category", Category)},
        {columns("kind", CategoryGroup)}, {columns("rule", CategoryRule)}, {columns("rating", Rating)}
    FROM {_TABLE} incident
    JOIN {Place._meta.db_table} place ON place.id = incident.place_id
    JOIN {Category._meta.db_table} category ON category.id = incident.category_id
    JOIN {CategoryGroup._meta.db_table} kind ON kind.id = category.group_id
    JOIN {CategoryRule._meta.db_table} rule ON rule.id = incident.rule_id
    LEFT JOIN {Rating._meta.db_table} rating ON rating.counts_for_id = incident.id
    WHERE incident.id = %s
"""  # noqa: S608 - names of tables and columns


def read_whole(pk: int) -> Incident | None:
    """An incident with its place, category and its group, rule and rating; one query, planned once."""
    with connection.cursor() as cursor:
        cursor.execute(WHOLE, [pk])
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    incident, place, category, group, rule, rating = (made(model, values) for model in _PARTS)
    incident.place, incident.category, incident.rule, category.group = place, category, rule, group
    Incident._meta.get_field("rating").set_cached_value(incident, rating)
    if rating:
        rating.counts_for = incident
    return incident


def look_beside(incident: Incident) -> None:
    """Learn what there is beside an incident, for `has_beside`; one query."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"pk": incident.pk})
        found = dict(zip((*ABOUT, RELATIVES), cursor.fetchone(), strict=True))
    found[RELATIVES] = found[RELATIVES] or bool(incident.parent_id or incident.merged_into_id)
    vars(incident)["_beside"] = {name for name, there in found.items() if there}


def has_beside(incident: Incident, what: str) -> bool:
    """Whether there may be any; true for whoever has not looked."""
    known = vars(incident).get("_beside")
    return known is None or what in known


def name_people(incident: Incident) -> None:
    """Read the names of those who have to do with it; one query rather than a join for each."""
    keys = {getattr(incident, f"{name}_id") for name in PEOPLE} - {None}
    people = User.objects.only("name", "username").in_bulk(keys)
    for name in PEOPLE:
        setattr(incident, name, people.get(getattr(incident, f"{name}_id")))
