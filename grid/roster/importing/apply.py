"""Writing what a comparison found, in sets and in one transaction."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from grid.places.models import Place
from grid.roster.models import Household, Resident
from portal.accounts.models import User
from portal.core.clock import today

from .changes import Comparison

NUMBER_HOUSEHOLDS = """
    UPDATE import_flat SET household_id = nextval(pg_get_serial_sequence('roster_household', 'id'))
    WHERE household_id IS NULL
"""
# `fields` tells old and new apart still: NULL where the household is new.
ENTER_HOUSEHOLDS = """
    INSERT INTO roster_household (id, place_id, community_id, building, unit, floor, room, building_key, unit_key,
                                  room_key, area_m2, occupancy, use)
    SELECT household_id, place_id, %(community)s, building, unit, COALESCE(floor, usual_floor), room,
        building_key, unit_key, room_key, area_m2, COALESCE(occupancy, ''),
        CASE WHEN is_shop THEN 'shop' ELSE 'dwelling' END
    FROM import_flat WHERE fields IS NULL ORDER BY flat_no
"""
CORRECT_HOUSEHOLDS = """
    UPDATE roster_household h SET floor = COALESCE(f.floor, h.floor), area_m2 = COALESCE(f.area_m2, h.area_m2),
        occupancy = COALESCE(f.occupancy, h.occupancy)
    FROM import_flat f WHERE f.household_id = h.id AND f.fields <> '{}'
"""
# A household has one representative at every moment, so whoever stops or moves stops before anybody begins.
END_REPRESENTING = """
    UPDATE roster_resident r SET represents_until = GREATEST(r.represents_since, %(today)s)
    FROM import_plan p WHERE p.resident_id = r.id AND p.was_representative AND (p.moved OR NOT p.represents)
"""
REMEMBER_TERMS = """
    INSERT INTO roster_earlierterm (resident_id, since, until)
    SELECT r.id, r.represents_since, r.represents_until
    FROM import_plan p JOIN roster_resident r ON r.id = p.resident_id
    WHERE p.represents AND (p.moved OR NOT p.was_representative)
        AND r.represents_since IS NOT NULL AND r.represents_until IS NOT NULL
"""
REMEMBER_HOMES = """
    INSERT INTO roster_residentspan (resident_id, household_id, until)
    SELECT r.id, r.household_id, %(today)s
    FROM import_plan p JOIN roster_resident r ON r.id = p.resident_id WHERE p.moved
"""
CORRECT_RESIDENTS = """
    UPDATE roster_resident r SET
        household_id = CASE WHEN p.moved THEN f.household_id ELSE r.household_id END,
        place_id = CASE WHEN p.moved THEN f.place_id ELSE r.place_id END,
        name = s.name, given_name = s.given_name, sort_key = s.sort_key, initials = s.initials,
        relation = COALESCE(s.relation, r.relation), sex = COALESCE(s.sex, r.sex), birth = COALESCE(s.birth, r.birth),
        id_number = CASE WHEN 'id_number' = ANY(p.fields) THEN s.id_number ELSE r.id_number END,
        id_number_index = COALESCE(s.id_number_index, r.id_number_index),
        mobile = CASE WHEN 'mobile' = ANY(p.fields) THEN s.mobile ELSE r.mobile END,
        mobile_index = COALESCE(s.mobile_index, r.mobile_index),
        is_party_member = COALESCE(s.is_party_member, r.is_party_member),
        remark = COALESCE(s.remark, r.remark),
        mobilised_since = CASE WHEN p.mobilised THEN LEAST(r.mobilised_since, %(today)s) END,
        represents_since = CASE WHEN p.represents AND (p.moved OR NOT p.was_representative) THEN %(today)s
            ELSE r.represents_since END,
        represents_until = CASE WHEN p.represents THEN NULL ELSE r.represents_until END
    FROM import_plan p JOIN import_row s USING (row_no) JOIN import_flat f USING (flat_no)
    WHERE r.id = p.resident_id
"""
ENTER_RESIDENTS = """
    INSERT INTO roster_resident (household_id, place_id, community_id, name, given_name, sort_key, initials, relation,
        sex, birth, id_number, id_number_index, mobile, mobile_index, is_party_member, mobilised_since,
        represents_since, since, left_because, remark)
    SELECT f.household_id, f.place_id, %(community)s, s.name, s.given_name, s.sort_key, s.initials,
        COALESCE(s.relation, ''), COALESCE(s.sex, ''), s.birth, COALESCE(s.id_number, ''),
        COALESCE(s.id_number_index, ''), COALESCE(s.mobile, ''), COALESCE(s.mobile_index, ''),
        COALESCE(s.is_party_member, false), CASE WHEN s.mobilised OR s.represents THEN %(today)s::date END,
        CASE WHEN s.represents THEN %(today)s::date END, %(today)s, '', COALESCE(s.remark, '')
    FROM import_plan p JOIN import_row s USING (row_no) JOIN import_flat f USING (flat_no)
    WHERE p.resident_id IS NULL ORDER BY p.row_no
"""
REMOVE = """
    UPDATE roster_resident r SET until = GREATEST(r.since, %(today)s), left_because = 'moved_out', away_since = NULL,
        represents_until = CASE WHEN r.represents_since IS NOT NULL
            THEN COALESCE(r.represents_until, GREATEST(r.represents_since, %(today)s)) END
    FROM import_absent a WHERE a.resident_id = r.id AND a.remove
"""
# The entry about the import counts who was entered, and their own rows say since when they are here. What was there
# before and is now otherwise has an entry of its own, for that is what somebody will ask about. The insertion is one
# statement for each kind, so that even a file in which everybody's number has changed costs little more.
RECORD = """
    INSERT INTO core_auditentry (action, actor_id, subject_type_id, subject_id, happened_at, recorded_at, note, data,
                                 request_id)
    SELECT %(action)s, %(actor)s, %(type)s, subject, %(now)s, %(now)s, '',
        data || jsonb_build_object('import', %(import)s::bigint), ''
    FROM ({what}) changed (subject, data)
"""
CORRECTED = """
    SELECT resident_id, jsonb_build_object('fields', array_replace(
        array_replace(fields, 'is_representative', 'represents_since'), 'is_mobilised', 'mobilised_since'))
    FROM import_plan WHERE fields <> '{}'
"""
MOVED = """
    SELECT resident_id, jsonb_build_object('from', home_id, 'to', household_id)
    FROM import_plan p JOIN import_flat USING (flat_no) WHERE moved
"""
REMOVED = "SELECT resident_id, jsonb_build_object('why', 'moved_out') FROM import_absent WHERE remove"
HOUSEHOLDS = "SELECT household_id, jsonb_build_object('fields', fields) FROM import_flat WHERE fields <> '{}'"
# A flat that everybody has left is vacant.
EMPTY = """
    UPDATE roster_household h SET occupancy = 'vacant'
    WHERE h.occupancy <> 'vacant' AND h.id IN (
            SELECT home_id FROM import_plan WHERE moved UNION SELECT household_id FROM import_absent WHERE remove)
        AND NOT EXISTS (SELECT FROM roster_resident r WHERE r.household_id = h.id AND r.until IS NULL)
    RETURNING h.id
"""
EMPTIED = "SELECT unnest(%(emptied)s::bigint[]), jsonb_build_object('fields', ARRAY['occupancy'])"
EVERYBODY = "UPDATE import_absent SET remove = true"
THESE = "UPDATE import_absent SET remove = true WHERE resident_id = ANY(%s)"


def write(
    community: Place, comparison: Comparison, *, roster_import: int, actor: User | None, remove: str | list[int]
) -> int:
    """Make the places, write every change, and remove "all", "none" or these of the absent; returns how many went.

    The comparison must have been made in this transaction, with `lock`.
    """
    who: dict[str, Any] = {"community": community.pk, "today": today()}
    with connection.cursor() as cursor:
        comparison.gazetteer.make(actor)
        cursor.execute(NUMBER_HOUSEHOLDS)
        for statement in (
            ENTER_HOUSEHOLDS,
            CORRECT_HOUSEHOLDS,
            END_REPRESENTING,
            REMEMBER_TERMS,
            REMEMBER_HOMES,
            CORRECT_RESIDENTS,
            ENTER_RESIDENTS,
        ):
            cursor.execute(statement, who)
        removed = _remove(cursor, remove, who)
        cursor.execute(EMPTY)
        emptied = [pk for (pk,) in cursor.fetchall()]
        entry: dict[str, Any] = {
            "emptied": emptied,
            "actor": actor and actor.pk,
            "now": timezone.now(),
            "import": roster_import,
        }
        for action, model, what in (
            ("resident.corrected", Resident, CORRECTED),
            ("resident.moved", Resident, MOVED),
            ("resident.left", Resident, REMOVED),
            ("household.corrected", Household, HOUSEHOLDS),
            ("household.corrected", Household, EMPTIED),
        ):
            kind = ContentType.objects.get_for_model(model)
            cursor.execute(RECORD.format(what=what), {"action": action, "type": kind.pk, **entry})
        return removed


def _remove(cursor: Any, remove: str | list[int], who: dict[str, Any]) -> int:
    if remove == "none" or not remove:
        return 0
    if remove == "all":
        cursor.execute(EVERYBODY)
    else:
        cursor.execute(THESE, [remove])
    cursor.execute(REMOVE, who)
    return int(cursor.rowcount)
