"""Any roster exported and imported again changes nothing; any dirt is healed to the same roster or named."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grid.places.models import Level, Place
from grid.places.services import next_code, open_place
from grid.roster import tables
from grid.roster.importing import job
from grid.roster.importing.findings import Findings
from grid.roster.models import (
    ADULT_FROM,
    Estate,
    EstateGroup,
    Household,
    Resident,
    ResidentSpan,
    years_before,
)
from portal.core.clock import today
from portal.core.spreadsheet import workbook
from tests.roster.clean import GIVEN, SURNAMES, clean, id_numbers, rosters
from tests.roster.dirt import dirtied
from tests.roster.people import LONG_AGO, household, resident
from tests.roster.sheets import csv_file, xlsx

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
some = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@contextmanager
def on_paper() -> Iterator[None]:
    """Whatever is written in this block is taken back: the next example begins with an empty roster."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def bring_in(community: Place, content: bytes) -> Findings:
    source = job.Source(community, "花名册", content)
    agreement = job.Agreement(None, create_places=True, remove="none")
    return job.bring_in(source, agreement, lambda *_: None, roster_import=0, record=lambda *_: None)


def everything() -> tuple[list[dict[str, Any]], ...]:
    """Every row of the roster's tables and of the places."""
    models = (Place, Estate, EstateGroup, Household, Resident, ResidentSpan)
    return tuple(list(model.objects.order_by("pk").values()) for model in models)


def roster_of(community: Place) -> set[tuple[Any, ...]]:
    """Who lives where in a community, in words: keys and codes left out."""
    people = Resident.objects.filter(community=community).values_list(
        "place__parent__name", "place__name", "place__estate_membership__estate__name", "household__building_key",
        "household__unit_key", "household__room_key", "household__floor", "household__area_m2", "household__occupancy",
        "name", "sort_key", "relation", "sex", "birth", "id_number_index", "mobile_index", "is_party_member",
        "mobilised_since", "represents_since", "remark",
    )  # fmt: skip
    empty = Household.objects.filter(community=community, residents=None).values_list(
        "place__parent__name", "place__name", "building_key", "unit_key", "room_key", "floor", "occupancy"
    )
    return {*people, *empty}


# Out and in again

NAMES = st.builds(str.__add__, st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2))
DAYS = st.dates(date(1930, 1, 1), date(2022, 12, 31))
OF_AGE = years_before(LONG_AGO, ADULT_FROM)  # born by then, somebody may represent a household since LONG_AGO


@st.composite
def lives(draw: st.DrawFn) -> dict[str, Any]:
    """Somebody as the roster may have them, with whatever is known."""
    birth, sex = draw(DAYS), draw(st.sampled_from("男女"))
    number = draw(st.one_of(st.just(""), id_numbers(birth, sex)))  # which tells birth and sex
    mobilised = draw(st.sampled_from([None, LONG_AGO, LONG_AGO + timedelta(days=400)]))
    left = draw(st.integers(0, 6)) == 0
    ended = mobilised and birth <= OF_AGE and draw(st.booleans())
    return {
        "name": draw(NAMES),
        "id_number": number,
        "birth": birth if number or draw(st.booleans()) else None,
        "sex": {"男": "male", "女": "female"}[sex] if number or draw(st.booleans()) else "",
        "mobile": draw(st.one_of(st.just(""), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))),
        "relation": draw(st.sampled_from(["", "户主", "配偶", "儿媳", "外孙女"])),
        "is_party_member": draw(st.booleans()),
        "remark": draw(st.sampled_from(["", "每周三值班", "=1+1", "-"])),
        "mobilised_since": mobilised,
        "represents_since": mobilised if ended else None,
        "represents_until": LONG_AGO + timedelta(days=500) if ended else None,
        **({"until": today() - timedelta(days=3), "left_because": "moved_out"} if left else {}),
    }


@st.composite
def flats(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "group": draw(st.integers(0, 2)),
        "building": draw(st.sampled_from(["3栋", "A座", "岐山中路12号", "五幢"])),
        "unit": draw(st.sampled_from(["", "1单元", "二单元"])),
        "room": draw(st.sampled_from(["101", "1203", "502房", "商铺3", "B2"])),
        "floor": draw(st.sampled_from([None, 1, 7])),
        "area_m2": draw(st.sampled_from([None, 89.5, 120])),
        "occupancy": draw(st.sampled_from(["", "registered", "rented"])),
        "people": draw(st.lists(lives(), max_size=3)),
        "representative": draw(st.sampled_from([None, 0, 1])),
    }


def settle(groups: list[Place], homes: list[dict[str, Any]]) -> None:
    """Let them live there. What no roster holds is left out: one ID number twice, one name twice in a flat."""
    numbers: set[str] = set()
    for home in homes:
        address = {name: home[name] for name in ("building", "unit", "room", "floor", "area_m2", "occupancy")}
        flat = household(groups[home["group"]], **address)
        names: set[str] = set()
        for place, person in enumerate(home["people"]):
            if person["name"] in names or (person["id_number"] in numbers and "until" not in person):
                continue
            names.add(person["name"])
            numbers.add(person["id_number"])
            numbers.discard("")
            represents = {"mobilised_since": LONG_AGO, "represents_since": LONG_AGO, "represents_until": None}
            is_of_age = person["birth"] is None or person["birth"] <= OF_AGE
            is_representative = place == home["representative"] and "until" not in person and is_of_age
            resident(flat, **{**person, **(represents if is_representative else {})})


@some
@given(
    homes=st.lists(
        flats(), min_size=1, max_size=6, unique_by=lambda f: (f["group"], f["building"], f["unit"], f["room"])
    )
)
def test_any_roster_exported_and_imported_again_changes_nothing(places, homes):
    with on_paper():
        estate = Estate.objects.create(name="龙基花园", place=places.dalong)
        EstateGroup.objects.create(estate=estate, group=places.longji)
        settle([places.qishan, places.longji, places.fuyi], homes)
        people = Resident.objects.present().filter(community=places.dalong)
        people = people.select_related("household", "place__parent", "place__estate_membership__estate")
        rows = [tables.row(one, with_identifiers=True) for one in people]
        assume(rows)
        before = everything()

        findings = bring_in(places.dalong, workbook("花名册", tables.header(), rows))

        assert not findings.changes_anything
        assert findings.residents.unchanged == len(rows)
        assert everything() == before


# Dirt


def empty_communities(street: Place) -> tuple[Place, Place]:
    made = [
        open_place(level=Level.COMMUNITY, code=next_code(street), name=name, parent=street, actor=None)
        for name in ("甲社区", "乙社区")
    ]
    return made[0], made[1]


@some
@given(data=st.data())
def test_any_dirt_is_healed_to_the_same_roster_or_named_at_its_cell(places, data):
    roster = data.draw(rosters(most_flats=3))
    dirty = data.draw(dirtied(roster))
    content = xlsx(dirty.rows, merges=dirty.merges)
    with on_paper():
        tidy, untidy = empty_communities(places.street)
        try:
            findings = bring_in(untidy, content)
        except job.Inapplicable as refused:
            findings = refused.findings
            assert not Resident.objects.exists()
        else:
            assert not bring_in(untidy, content).changes_anything
        cells = {(problem.row, problem.field) for problem in findings.problems}
        assert dirty.named <= cells
        if not dirty.named:
            bring_in(tidy, csv_file(clean(roster).rows))
            assert not findings.errors
            assert roster_of(untidy) == roster_of(tidy)
