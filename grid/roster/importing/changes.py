"""What applying a staged file would change, worked out by the database in sets.

Nothing of the roster is written here. A person of the file is somebody of the roster by the ID number; else by the
name in the same flat; else, having moved, by name and mobile number or name and birth anywhere in the community,
unless the ID numbers are known and differ. Only what is unmistakable on both sides makes a pair. A blank in the file
changes nothing.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from portal.core.clock import today

from .places import CellProblems, Gazetteer
from .problems import ERROR, WARNING, declare

declare(
    "building_divided", ERROR, _("Building %(value)s belongs to several building groups. Say to which this flat does.")
)
declare("other_name", WARNING, _("The roster has this ID number under another name; it would become “%(value)s”."))

# Each statement may use what those before it have filled. A flat with people is not vacant, whatever was known of it;
# one that the file has vacant is so once those who are on the roster there have left it (`apply.LEFT_EMPTY`).
FLATS = """
    INSERT INTO import_flat (flat_no, place_id, building_key, unit_key, room_key, rows, building, unit, room, floor,
                             usual_floor, area_m2, occupancy, is_shop, household_id, fields, was)
    SELECT row_number() OVER (ORDER BY f.place_id, f.building_key, f.unit_key, f.room_key), f.place_id, f.building_key,
        f.unit_key, f.room_key, f.rows, f.building, f.unit, f.room, f.floor, f.usual_floor, f.area_m2, o.occupancy,
        f.is_shop, h.id,
        CASE WHEN h.id IS NOT NULL THEN array_remove(ARRAY[
            CASE WHEN h.floor IS DISTINCT FROM COALESCE(f.floor, h.floor) THEN 'floor' END,
            CASE WHEN h.area_m2 IS DISTINCT FROM COALESCE(f.area_m2, h.area_m2) THEN 'area_m2' END,
            CASE WHEN h.occupancy <> COALESCE(o.occupancy, h.occupancy) THEN 'occupancy' END], NULL) END,
        concat_ws('|', h.floor, h.area_m2, h.occupancy)
    FROM (
        SELECT place_id, building_key, unit_key, room_key, array_agg(row_no) AS rows,
            (array_agg(building ORDER BY row_no))[1] AS building, (array_agg(unit ORDER BY row_no))[1] AS unit,
            (array_agg(room ORDER BY row_no))[1] AS room,
            (array_agg(floor ORDER BY row_no) FILTER (WHERE floor IS NOT NULL))[1] AS floor,
            min(usual_floor) AS usual_floor,
            (array_agg(area_m2 ORDER BY row_no) FILTER (WHERE area_m2 IS NOT NULL))[1] AS area_m2,
            (array_agg(occupancy ORDER BY row_no) FILTER (WHERE occupancy IS NOT NULL))[1] AS occupancy,
            bool_or(is_shop) AS is_shop, bool_or(name IS NOT NULL) AS lived_in
        FROM (
            SELECT r.row_no, r.building, r.unit, r.room, r.building_key, r.unit_key, r.room_key, r.name,
                r.floor, r.usual_floor, r.area_m2, r.occupancy, r.is_shop,
                COALESCE(s.place_id, CASE WHEN s.candidates <> '{}' THEN (
                    SELECT min(h.place_id) FROM roster_household h
                    WHERE h.community_id = %(community)s AND h.place_id = ANY(s.candidates)
                        AND h.building_key = r.building_key AND h.unit_key = r.unit_key AND h.room_key = r.room_key
                    HAVING count(*) = 1) END) AS place_id
            FROM import_row r
            JOIN import_spot s USING (grid, group_name, estate, building_key)
            ) placed
        WHERE place_id IS NOT NULL
        GROUP BY place_id, building_key, unit_key, room_key
        ) f
    LEFT JOIN roster_household h ON h.place_id = f.place_id AND h.building_key = f.building_key
        AND h.unit_key = f.unit_key AND h.room_key = f.room_key
    CROSS JOIN LATERAL (SELECT CASE
        WHEN f.lived_in AND f.occupancy IS NULL AND h.occupancy = 'vacant' THEN ''
        WHEN f.occupancy = 'vacant' AND EXISTS (
            SELECT FROM roster_resident r WHERE r.household_id = h.id AND r.until IS NULL) THEN NULL
        ELSE f.occupancy END AS occupancy) o
"""
PEOPLE = """
    INSERT INTO import_person (row_no, flat_no, household_id, name, id_number_index, mobile_index, birth)
    SELECT r.row_no, f.flat_no, f.household_id, r.name, r.id_number_index, r.mobile_index, r.birth
    FROM import_flat f CROSS JOIN LATERAL unnest(f.rows) AS of_flat (row_no) JOIN import_row r USING (row_no)
    WHERE r.name IS NOT NULL
"""
HERE = """
    INSERT INTO import_here (id, household_id, name, id_number_index, mobile_index, birth, is_present)
    SELECT id, household_id, name, NULLIF(id_number_index, ''), NULLIF(mobile_index, ''), birth, since <= %(today)s
    FROM roster_resident
    WHERE community_id = %(community)s AND (until IS NULL OR until > %(today)s)
"""
# Somebody else who writes to these rows would write to what was counted here; whoever comes first goes first.
LOCK = """
    SELECT count(*) FROM (
        SELECT FROM roster_{table} WHERE community_id = %(community)s ORDER BY id FOR NO KEY UPDATE) locked
"""
PAIR = """
    INSERT INTO import_pair (row_no, resident_id)
    SELECT row_no, id FROM (
        SELECT p.row_no, h.id,
            count(*) OVER (PARTITION BY p.row_no) AS found, count(*) OVER (PARTITION BY h.id) AS wanted
        FROM import_person p JOIN import_here h ON {same}
        WHERE NOT EXISTS (SELECT FROM import_pair x WHERE x.row_no = p.row_no)
            AND NOT EXISTS (SELECT FROM import_pair x WHERE x.resident_id = h.id)
        ) pairs
    WHERE found = 1 AND wanted = 1
"""
NOT_ANOTHER = "AND (p.id_number_index IS NULL OR h.id_number_index IS NULL)"
SAME = (
    "h.id_number_index = p.id_number_index",
    "h.household_id = p.household_id AND h.name = p.name AND h.birth = p.birth",
    "h.household_id = p.household_id AND h.name = p.name AND h.mobile_index = p.mobile_index",
    "h.household_id = p.household_id AND h.name = p.name",
    f"h.name = p.name AND h.mobile_index = p.mobile_index {NOT_ANOTHER}",
    f"h.name = p.name AND h.birth = p.birth {NOT_ANOTHER}",
)
# Who has represented a household stays mobilised, as the database wants it: the past keeps what was so.
PLAN = """
    INSERT INTO import_plan (row_no, flat_no, resident_id, home_id, moved, fields, was_mobilised, mobilised,
                             was_representative, represents, was)
    SELECT p.row_no, p.flat_no, r.id, r.household_id, a.moved, c.fields, a.was_mobilised, m.mobilised,
        a.was_representative, b.represents, md5(concat_ws('|', r.household_id, r.name, r.relation, r.sex, r.birth,
            r.id_number_index, r.mobile_index, r.is_party_member, r.mobilised_since, r.represents_since,
            r.represents_until, r.remark))
    FROM import_pair x
    JOIN import_person p USING (row_no)
    JOIN import_row s USING (row_no)
    JOIN roster_resident r ON r.id = x.resident_id
    LEFT JOIN (SELECT DISTINCT flat_no FROM import_person JOIN import_row USING (row_no) WHERE represents) other
        ON other.flat_no = p.flat_no
    CROSS JOIN LATERAL (SELECT
        p.household_id IS DISTINCT FROM r.household_id AS moved,
        r.represents_since IS NOT NULL AND r.represents_until IS NULL AS was_representative,
        r.mobilised_since IS NOT NULL AS was_mobilised) a
    CROSS JOIN LATERAL (SELECT COALESCE(
        s.represents, a.was_representative AND NOT a.moved AND other.flat_no IS NULL) AS represents) b
    CROSS JOIN LATERAL (SELECT CASE
        WHEN b.represents OR s.mobilised THEN true
        WHEN r.represents_since IS NOT NULL THEN a.was_mobilised
        ELSE COALESCE(s.mobilised, a.was_mobilised) END AS mobilised) m
    CROSS JOIN LATERAL (SELECT array_remove(ARRAY[
        CASE WHEN s.name <> r.name THEN 'name' END,
        CASE WHEN s.relation <> r.relation THEN 'relation' END,
        CASE WHEN b.represents <> a.was_representative THEN 'is_representative' END,
        CASE WHEN m.mobilised <> a.was_mobilised THEN 'is_mobilised' END,
        CASE WHEN s.sex <> r.sex THEN 'sex' END,
        CASE WHEN s.id_number_index <> r.id_number_index THEN 'id_number' END,
        CASE WHEN s.birth <> COALESCE(r.birth, 'infinity') THEN 'birth' END,
        CASE WHEN s.mobile_index <> r.mobile_index THEN 'mobile' END,
        CASE WHEN s.is_party_member <> r.is_party_member THEN 'is_party_member' END,
        CASE WHEN s.remark <> r.remark THEN 'remark' END], NULL) AS fields) c
    WHERE a.moved OR c.fields <> '{}'
"""
# A household has one representative: whoever the file does not have there gives way to whoever it has.
GIVING_WAY = """
    INSERT INTO import_plan (row_no, flat_no, resident_id, moved, fields, was_mobilised, mobilised,
                             was_representative, represents, was)
    SELECT DISTINCT 0, f.flat_no, r.id, false, ARRAY['is_representative'], true, true, true, false,
        r.represents_since::text
    FROM import_flat f
    JOIN roster_resident r
        ON r.household_id = f.household_id AND r.represents_since IS NOT NULL AND r.represents_until IS NULL
    WHERE NOT EXISTS (SELECT FROM import_pair x WHERE x.resident_id = r.id)
        AND EXISTS (
            SELECT FROM import_person p JOIN import_row s USING (row_no) WHERE p.flat_no = f.flat_no AND s.represents)
"""
ADDED = """
    INSERT INTO import_plan (row_no, flat_no)
    SELECT row_no, flat_no FROM import_person p WHERE NOT EXISTS (SELECT FROM import_pair x WHERE x.row_no = p.row_no)
"""
ABSENT = """
    INSERT INTO import_absent (resident_id, household_id)
    SELECT h.id, h.household_id FROM import_here h JOIN roster_household home ON home.id = h.household_id
    WHERE h.is_present AND home.place_id IN (SELECT place_id FROM import_flat)
        AND NOT EXISTS (SELECT FROM import_pair x WHERE x.resident_id = h.id)
"""
DIVIDED = """
    SELECT s.row_no, s.building FROM import_row s JOIN import_spot USING (grid, group_name, estate, building_key)
    WHERE candidates <> '{}' AND NOT EXISTS (SELECT FROM import_flat f WHERE s.row_no = ANY(f.rows)
        AND f.building_key = s.building_key AND f.unit_key = s.unit_key AND f.room_key = s.room_key)
"""
REPRESENTATIVES = """
    SELECT array_agg(row_no ORDER BY row_no) FROM import_person JOIN import_row USING (row_no)
    WHERE represents GROUP BY flat_no HAVING count(*) > 1
"""
OTHER_NAMES = "SELECT row_no, s.name FROM import_plan JOIN import_row s USING (row_no) WHERE 'name' = ANY(fields)"
COUNTS = """
    SELECT
        count(*) FILTER (WHERE resident_id IS NULL),
        count(*) FILTER (WHERE NOT moved),
        count(*) FILTER (WHERE moved),
        (SELECT count(*) FROM import_absent),
        (SELECT count(*) FROM import_pair) - count(*) FILTER (WHERE resident_id IS NOT NULL AND row_no > 0)
    FROM import_plan
"""
FLAT_COUNTS = """
    SELECT
        count(*) FILTER (WHERE household_id IS NULL),
        count(*) FILTER (WHERE fields <> '{}'),
        0,
        (SELECT count(*) FROM roster_household h WHERE h.place_id IN (SELECT place_id FROM import_flat)
            AND NOT EXISTS (SELECT FROM import_flat f WHERE f.household_id = h.id)),
        count(*) FILTER (WHERE fields = '{}')
    FROM import_flat
"""
FINGERPRINTS = (
    """SELECT md5(string_agg(concat_ws('|', row_no, flat_no, resident_id, moved, fields, mobilised, represents, was),
        ';' ORDER BY row_no, resident_id)) FROM import_plan""",
    """SELECT md5(string_agg(concat_ws('|', flat_no, place_id, building_key, unit_key, room_key, household_id, fields,
        was), ';' ORDER BY flat_no)) FROM import_flat""",
    "SELECT md5(string_agg(resident_id::text, ';' ORDER BY resident_id)) FROM import_absent",
)


@dataclass(frozen=True)
class Counts:
    """How many households or residents of the file, or of the roster where the file covers it, end up how."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    absent: int = 0
    unchanged: int = 0


@dataclass
class Comparison:
    """What the temporary tables hold after `compare`, in short; `fingerprint` stands for every single change."""

    gazetteer: Gazetteer
    problems: CellProblems
    residents: Counts
    households: Counts
    fingerprint: str


def compare(community: Place, problems: CellProblems, *, about: str = "", lock: bool = False) -> Comparison:
    """Work out, inside a transaction, what the rows of `import_row` would change; problems found on the way are added.

    `about` tells files apart that change the same fields of the same people. With `lock` nobody changes these
    households and residents before the transaction ends.
    """
    who: dict[str, Any] = {"community": community.pk, "today": today()}
    with connection.cursor() as cursor:
        for table in ("household", "resident") if lock else ():
            cursor.execute(LOCK.format(table=table), who)
        cursor.execute("ANALYZE import_row")
        gazetteer = Gazetteer(community, problems)
        gazetteer.find()
        cursor.execute("ANALYZE import_spot")
        for table, statement in (("flat", FLATS), ("person", PEOPLE), ("here", HERE)):
            cursor.execute(statement, who)
            cursor.execute(f"ANALYZE import_{table}")
        for same in SAME:
            cursor.execute(PAIR.format(same=same))
        for statement in (PLAN, GIVING_WAY, ADDED, ABSENT):
            cursor.execute(statement, who)
        _look_for_problems(cursor, problems)
        cursor.execute(COUNTS)
        residents = Counts(*cursor.fetchone())
        cursor.execute(FLAT_COUNTS)
        households = Counts(*cursor.fetchone())
        return Comparison(gazetteer, problems, residents, households, _fingerprint(cursor, gazetteer, about))


def _look_for_problems(cursor: Any, problems: CellProblems) -> None:
    """Add what only shows when all rows are seen together with the roster."""
    cursor.execute(DIVIDED)
    for row, building in cursor.fetchall():
        problems.add("building_divided", row=row, field="building", value=building)
    cursor.execute(REPRESENTATIVES)
    named = {problem.row for problem in problems.problems if problem.code == "representative_twice"}
    for (rows,) in cursor.fetchall():
        for row in sorted({*rows[1:]} - named):  # the others are two flats to whoever has not looked the group up
            problems.add("representative_twice", row=row, field="is_representative", other=rows[0])
    cursor.execute(OTHER_NAMES)
    for row, name in cursor.fetchall():
        problems.add("other_name", row=row, field="name", value=name)


def _fingerprint(cursor: Any, gazetteer: Gazetteer, about: str) -> str:
    parts: list[Any] = [
        about,
        gazetteer.new_grids,
        gazetteer.new_groups,
        gazetteer.new_estates,
        sorted(gazetteer.joined.items()),
    ]
    for statement in FINGERPRINTS:
        cursor.execute(statement)
        parts.append(cursor.fetchone()[0])
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
