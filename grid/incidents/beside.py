"""What stands beside an incident, asked once for its page: most have none of it, and then nothing more is asked."""

from django.db import connection

from portal.accounts.models import User

from .models import CoReport, Escalation, Incident, IncidentRequest, InternalNote

PEOPLE = ("reporter", "holder", "owner", "handled_by", "verified_by")
ABOUT = {"requests": IncidentRequest, "notes": InternalNote, "co_reports": CoReport, "escalations": Escalation}
RELATIVES = "relatives"
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
