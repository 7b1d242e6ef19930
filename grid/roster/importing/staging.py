"""The rows of a file in temporary tables, where the database compares them with the roster.

Only so many rows at a time are in Python's memory, whatever the file has. Identifiers are encrypted on the way in: a
temporary table is a file on the server's disk like any other, and no number goes there in the clear. Those that turn
out to be known already are encrypted too: that costs less than half of what reading the row does (`make bench`), and
to ask first who is known would be to ask a roster that may be another by the time the rows are written.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from django.db import Error, connection

from grid.roster.addresses import floor_of
from portal.core.personal import blind_index, encrypt
from portal.core.pinyin import keys_of

from .rows import Row

AT_ONCE = 2000
TABLES = ("row", "spot", "flat", "person", "here", "pair", "plan", "absent")
# What is compared has the collation of the columns it is compared with.
CREATE = """
    CREATE TEMP TABLE import_row (
        row_no int, grid text, group_name text, estate text, building text, unit text, room text,
        building_key text COLLATE "C", unit_key text COLLATE "C", room_key text COLLATE "C",
        floor smallint, usual_floor smallint, area_m2 numeric(8, 2), occupancy text, is_shop boolean,
        name text COLLATE "C", given_name text, sort_key text, initials text, relation text, sex text, birth date,
        id_number text, id_number_index text COLLATE "C", mobile text, mobile_index text COLLATE "C",
        represents boolean, mobilised boolean, is_party_member boolean, remark text);
    CREATE TEMP TABLE import_spot (
        grid text, group_name text, estate text, building_key text COLLATE "C", place_id bigint, candidates bigint[]);
    CREATE TEMP TABLE import_flat (
        flat_no int, place_id bigint, building_key text COLLATE "C", unit_key text COLLATE "C",
        room_key text COLLATE "C", rows int[], building text, unit text, room text, floor smallint,
        usual_floor smallint, area_m2 numeric(8, 2), occupancy text, is_shop boolean, household_id bigint,
        fields text[], was text);
    CREATE TEMP TABLE import_person (
        row_no int, flat_no int, household_id bigint, name text COLLATE "C", id_number_index text COLLATE "C",
        mobile_index text COLLATE "C", birth date);
    CREATE TEMP TABLE import_here (
        id bigint, household_id bigint, name text COLLATE "C", id_number_index text COLLATE "C",
        mobile_index text COLLATE "C", birth date, is_present boolean);
    CREATE TEMP TABLE import_pair (row_no int, resident_id bigint);
    CREATE TEMP TABLE import_plan (
        row_no int, flat_no int, resident_id bigint, home_id bigint, moved boolean, fields text[],
        was_mobilised boolean, mobilised boolean, was_representative boolean, represents boolean, was text);
    CREATE TEMP TABLE import_absent (resident_id bigint, household_id bigint, remove boolean NOT NULL DEFAULT false);
"""
DROP = " ".join(f"DROP TABLE IF EXISTS pg_temp.import_{table};" for table in TABLES)
COPY = "COPY import_row FROM STDIN"

Progress = Callable[[int], None]


@contextmanager
def temporary_tables() -> Iterator[None]:
    """Empty tables of this connection's own, gone afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(DROP)  # the connection may be one on which an earlier import was interrupted
        cursor.execute(CREATE)
    try:
        yield
    finally:
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute(DROP)


def stage(rows: Iterable[Row], progress: Progress) -> int:
    """Copy rows into `import_row`, AT_ONCE at a time, telling `progress` the last row's number; returns how many."""
    count, rows = 0, iter(rows)
    while chunk := list(islice(rows, AT_ONCE)):  # so that no COPY waits for the reading: the server ends what lasts
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for row in chunk:
                copy.write_row(staged(row))
        count += len(chunk)
        progress(chunk[-1].number)
    return count


def staged(row: Row) -> tuple[Any, ...]:
    """A row as `import_row` has it: None stays what the file does not say."""
    keys = keys_of(row.name) if row.name else None
    usual = floor_of(row.room)
    return (
        row.number,
        row.grid or "",
        row.group or "",
        row.estate or "",
        row.building,
        row.unit or "",
        row.room,
        row.building_key,
        row.unit_key,
        row.room_key,
        None if row.floor == usual else row.floor,  # the room tells no more of a flat than the roster knows
        usual,
        row.area_m2,
        row.occupancy,
        row.is_shop,
        row.name,
        keys and keys.given_name,
        keys and keys.sort_key,
        keys and keys.initials,
        row.relation,
        row.sex,
        row.birth,
        row.id_number and encrypt(row.id_number),
        row.id_number and blind_index(row.id_number),
        row.mobile and encrypt(row.mobile),
        row.mobile and blind_index(row.mobile),
        row.is_representative,
        row.is_mobilised,
        row.is_party_member,
        row.remark,
    )
