# ruff: noqa: S608 - names of tables and columns, written in migrations
"""Triggers that mark the days whose figures a change of records makes wrong, as migration operations.

They fire once a statement, whatever wrote it: a service, a script, COPY. Days from today on are not marked, for nobody
has counted them yet. The mark stands in the transaction of the change, so that neither comes without the other.
"""

import re
from collections.abc import Iterable, Mapping

from django.db.migrations.operations import RunSQL

EVERY_SOURCE = "*"
LONGEST = 63  # bytes of a name in the database
_NAME = re.compile(r"[a-z_]+")
_TODAY = "(clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date"
_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO figures_dirtyday (source, community_id, first, last)
    SELECT DISTINCT '{source}', marked.community_id, marked.day, marked.day
    FROM ({rows}) AS marked (community_id, day)
    WHERE marked.day < {today};
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {table}
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
_TABLES = {
    "INSERT": "NEW TABLE AS fresh",
    "UPDATE": "OLD TABLE AS former NEW TABLE AS fresh",
    "DELETE": "OLD TABLE AS former",
}


def marks_dirty(
    table: str,
    source: str,
    *,
    moments: Mapping[str, Iterable[str]],
    community: str = "r.community_id",
    join: str = "",
    place: str = "place_id",
    events: Iterable[str] = ("INSERT", "UPDATE", "DELETE"),
    name: str = "",
) -> RunSQL:
    """Mark the days of a source that change with the rows of a table; what marks them already goes on to do so.

    `moments` names, in SQL over a row `r` (a column may stand alone), the moments that figures go by, and for each what
    these figures ask about, in the same way. An UPDATE marks a moment's days, the old and the new, when the moment
    itself, the place or one of these has changed. `join` leads from `r` to what `moments` and `community` need besides;
    `place` is the column of the table that says where a record belongs, "" for none. `events` leaves some out. A second
    operation for the same table and source needs a `name`, like `in_flats`. Raises ValueError for one that is too long.
    """
    told = {_of_row(moment): tuple(columns) for moment, columns in moments.items()}
    always = (place,) if place else ()
    statements, events = [], tuple(events)
    for event in events:
        halves = [half for half in ("former", "fresh") if half in _TABLES[event]]
        rows = "\n        UNION ALL\n        ".join(
            _days(half, moment, (*always, *columns), community, join, event)
            for moment, columns in told.items()
            for half in halves
        )
        statements.append(
            _FUNCTION.format(
                name=_trigger(table, source, event, name),
                source=source,
                rows=rows,
                today=_TODAY,
                event=event,
                table=table,
                tables=_TABLES[event],
            )
        )
    dropped = (_dropped(_trigger(table, source, event, name), table) for event in events)
    return RunSQL("".join(statements), "".join(dropped))


def marks_ancestry_dirty() -> RunSQL:
    """Mark, for every source, the days on which a place turns out to have stood elsewhere than was thought."""
    made = [_ancestry_trigger("places_placespan", event, _SPANS[event]) for event in ("INSERT", "UPDATE", "DELETE")] + [
        _ancestry_trigger("places_place", "UPDATE", _SUCCESSORS)
    ]
    return RunSQL("".join(up for up, _down in made), "".join(down for _up, down in made))


def _ancestry_trigger(table: str, event: str, rows: str) -> tuple[str, str]:
    name = _trigger(table, "every", event)
    up = f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO figures_dirtyday (source, community_id, first, last)
    SELECT '{EVERY_SOURCE}', p.community_id, min(changed.day), {_TODAY} - 1
    FROM ({rows}) AS changed (place_id, day) JOIN places_place p ON p.id = changed.place_id
    WHERE changed.day < {_TODAY}
    GROUP BY p.community_id;
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {table}
    REFERENCING {_TABLES[event]} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
    return up, _dropped(name, table)


# Before its first span a place stands where that puts it: a new first one changes all that went before. The only one of
# a place says what the place says itself.
_ALWAYS = "DATE '1990-01-01'"
_SPANS = {
    "INSERT": f"""
        SELECT r.place_id, CASE
            WHEN EXISTS (SELECT FROM places_placespan o WHERE o.place_id = r.place_id AND o.since < r.since)
                THEN r.since
            WHEN EXISTS (SELECT FROM places_placespan o WHERE o.place_id = r.place_id AND o.id <> r.id)
                OR r.parent_id IS DISTINCT FROM p.parent_id OR r.until IS NOT NULL THEN {_ALWAYS}
        END
        FROM fresh r JOIN places_place p ON p.id = r.place_id""",
    "UPDATE": f"""
        SELECT moved.place_id, moved.day FROM former f JOIN fresh n ON n.id = f.id CROSS JOIN LATERAL (
            SELECT CASE
                WHEN (f.place_id, f.since) <> (n.place_id, n.since) OR f.parent_id IS DISTINCT FROM n.parent_id
                THEN CASE
                    WHEN EXISTS (SELECT FROM places_placespan o
                        WHERE o.place_id = n.place_id AND o.since < least(f.since, n.since))
                    THEN least(f.since, n.since) ELSE {_ALWAYS} END
                WHEN f.until IS DISTINCT FROM n.until THEN least(f.until, n.until)
            END
        ) AS changed (day) CROSS JOIN LATERAL (
            VALUES (f.place_id, changed.day), (n.place_id, changed.day)
        ) AS moved (place_id, day)""",
    "DELETE": f"""
        SELECT r.place_id, CASE
            WHEN EXISTS (SELECT FROM places_placespan o WHERE o.place_id = r.place_id AND o.since < r.since)
                THEN r.since
            ELSE {_ALWAYS} END
        FROM former r""",
}
# Whoever takes the place of a merged place takes what was done there since it was closed.
_SUCCESSORS = f"""
        SELECT n.id, coalesce(least(f.closed_on, n.closed_on), {_ALWAYS}) FROM former f JOIN fresh n ON n.id = f.id
        WHERE f.merged_into_id IS DISTINCT FROM n.merged_into_id"""


def _days(half: str, moment: str, watched: tuple[str, ...], community: str, join: str, event: str) -> str:
    """The days that the rows of one side of a change fall on, by community."""
    taken = f"SELECT {community}, (({moment}) AT TIME ZONE 'Asia/Shanghai')::date FROM {half} r {join}"
    if event != "UPDATE":
        return f"{taken} WHERE {moment} IS NOT NULL"
    other = "fresh" if half == "former" else "former"
    own = re.fullmatch(r"r\.([a-z_]+)", moment)
    # An expression over the row is compared through the columns it names.
    columns = dict.fromkeys([*watched, *([own[1]] if own else re.findall(r"\br\.([a-z_]+)", moment))])
    if not columns:
        raise ValueError(f"{moment}: nothing says when it has changed")
    differs = " OR ".join(f"({_of_row(one)}) IS DISTINCT FROM ({_of_other(one)})" for one in columns)
    return f"{taken} JOIN {other} o ON o.id = r.id WHERE {moment} IS NOT NULL AND ({differs})"


def _of_row(moment: str) -> str:
    return f"r.{moment}" if _NAME.fullmatch(moment) else moment


def _of_other(watched: str) -> str:
    """The same of the row before or after the change."""
    return re.sub(r"\br\.", "o.", _of_row(watched))


def _trigger(table: str, source: str, event: str, name: str = "") -> str:
    parts = (table, "mark", source, name, event.lower())
    found = "_".join(part for part in parts if part)
    if len(found) > LONGEST:
        raise ValueError(f"{found}: the database would cut that off")
    return found


def _dropped(name: str, table: str) -> str:
    return f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();"
