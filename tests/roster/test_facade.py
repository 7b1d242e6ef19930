"""The façade: every shape of building comes out as it stands, and every cell says in words what it shows."""

from collections.abc import Iterable
from itertools import combinations

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from grid.roster.addresses import building_key, floor_of, is_shop, room_key, unit_key
from grid.roster.facade import Badge, Facade, Flat, Mark, draw, front, legend
from grid.roster.models import Household


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


PLAIN = Mark("blue", "Lived in", "house-door-fill", "3", "3 people")


def home(room: str, unit: str = "", building: str = "3栋", pk: int = 0, **fields) -> Household:
    fields = {
        "floor": floor_of(room),
        "use": "shop" if is_shop(room) else "dwelling",
        "building_key": building_key(building),
        "unit_key": unit_key(unit),
        "room_key": room_key(room),
        **fields,
    }
    return Household(pk=pk or None, building=building, unit=unit, room=room, **fields)


def homes(*rooms: str, **fields) -> list[Household]:
    return [home(room, **fields) for room in rooms]


def drawn(households: Iterable[Household], mark: Mark = PLAIN) -> Facade:
    return draw(households, lambda _home: mark)


def plan(facade: Facade) -> dict[str, list[tuple[str, list[str]]]]:
    """Unit by unit, from the top floor down, the rooms from left to right."""
    return {
        unit.label: [(floor.label, [flat.home.room for flat in floor.flats]) for floor in unit.floors]
        for unit in facade.units
    }


def column(facade: Facade, room: str) -> int:
    return next(flat.x for flat in facade.flats if flat.home.room == room)


def overlap(one: Flat, other: Flat) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def test_floors_stand_upon_each_other_and_flats_side_by_side():
    facade = drawn(homes("101", "102", "201", "202", "301", "302"))

    assert plan(facade) == {"": [("3F", ["301", "302"]), ("2F", ["201", "202"]), ("1F", ["101", "102"])]}
    assert column(facade, "101") == column(facade, "301") < column(facade, "202")


def test_rooms_above_the_ninth_are_sorted_as_numbers():
    facade = drawn(homes("1001", "901", "201", "1010", "1002"))

    assert [rooms for _label, rooms in plan(facade)[""]] == [["1001", "1002", "1010"], ["901"], ["201"]]


def test_a_missing_flat_leaves_a_hole():
    facade = drawn(homes("101", "102", "103", "201", "203", "301", "302", "303"))

    assert column(facade, "203") == column(facade, "103") > column(facade, "102")


def test_flats_whose_numbers_tell_nothing_are_simply_put_side_by_side():
    odd = [
        home(room, floor=floor)
        for floor, room in [(1, "东侧"), (1, "西侧"), (2, "天台屋"), (2, "阁楼"), (3, "A-1"), (3, "值班室")]
    ]

    facade = drawn(odd)

    assert {flat.x for flat in facade.flats} == {flat.x for flat in facade.units[0].floors[0].flats}


def test_units_stand_side_by_side_each_as_high_as_it_is():
    low = homes("101", "102", "201", "202", unit="1单元")
    high = homes(*(f"{floor}0{flat}" for floor in range(1, 8) for flat in (1, 2)), unit="2单元")

    facade = drawn([*high, *low])

    first, second = facade.units
    assert (first.label, second.label) == ("1单元", "2单元")
    assert first.x + first.width < second.x
    assert first.top > second.top
    assert first.bottom == second.bottom == facade.ground
    assert [floor.label for floor in first.floors] == ["2F", "1F"]


def test_the_tenth_unit_stands_behind_the_second_and_flats_without_unit_come_last():
    facade = drawn([home("201", unit) for unit in ("10单元", "2单元", "")])

    assert [unit.label for unit in facade.units] == ["2单元", "10单元", ""]


def test_shops_below_the_flats_share_the_whole_width():
    facade = drawn([*homes("201", "202", "203", "204", unit="1单元"), *homes("商铺1", "商铺2")])

    (row,) = facade.podium
    left, right = row.flats
    assert [flat.home.room for flat in row.flats] == ["商铺1", "商铺2"]
    assert left.width == right.width > facade.flats[0].width
    assert right.x + right.width <= facade.right
    assert facade.podium_top >= facade.units[0].bottom


def test_shops_that_belong_to_no_unit_lie_below_flats_of_their_own_floor():
    facade = drawn([*homes("101", "102", "201", "202", unit="1单元"), *homes("商铺1", "商铺2", "商铺3")])

    assert plan(facade) == {"1单元": [("2F", ["201", "202"]), ("1F", ["101", "102"])]}
    assert [flat.home.room for flat in facade.podium[0].flats] == ["商铺1", "商铺2", "商铺3"]


def test_many_shops_wrap_rather_than_become_narrower_than_a_cell():
    facade = drawn([*homes("201", "202"), *homes(*(f"商铺{number}" for number in range(1, 15)))])

    assert len(facade.podium) == 3
    assert min(flat.width for flat in facade.flats) >= 76


def test_a_building_of_shops_only_has_them_all():
    facade = drawn(homes("商铺1", "商铺2"))

    assert (facade.units, len(facade.flats)) == ((), 2)


def test_basements_lie_below_the_ground():
    facade = drawn([*homes("101", "201"), home("负101", floor=-1), home("负201", floor=-2)])

    assert [floor.label for floor in facade.basement] == ["B1", "B2"]
    assert all(floor.y > facade.ground for floor in facade.basement)


def test_flats_on_unknown_floors_stand_apart_and_are_not_lost():
    facade = drawn([*homes("101", "201"), home("后座", floor=None)])

    assert [flat.home.room for floor in facade.loose for flat in floor.flats] == ["后座"]
    assert facade.loose[0].y > facade.ground


def test_a_building_of_which_no_floor_is_known_is_still_drawn():
    facade = drawn([home(room, floor=None) for room in ("东", "西", "南", "北")])

    assert (len(facade.flats), facade.loose, facade.labels) == (4, (), ())


def test_floors_that_are_left_out_show_as_a_break():
    facade = drawn(homes("301", "501", "601"))

    assert [floor for floor, _y in facade.labels] == ["6F", "5F", "3F"]
    assert len(facade.breaks) == 2  # the fourth floor, and the first and second


def test_a_very_high_building_has_all_its_floors():
    facade = drawn(homes(*(f"{floor}{flat:02d}" for floor in range(1, 35) for flat in range(1, 5))))

    assert len(facade.units[0].floors) == 34
    assert facade.height > 34 * 52


def test_a_long_name_is_cut_and_said_in_full():
    long = home("地下车库入口旁的值班室兼快递收发点", floor=1)

    facade = draw([long, home("102")], lambda _home: PLAIN)

    cut = next(flat for flat in facade.flats if flat.home is long)
    assert cut.name == "地下车库入口…"
    assert cut.words.startswith("3栋地下车库入口旁的值班室兼快递收发点")


def test_a_cell_says_all_that_it_shows():
    mark = Mark("green", "租住", "key-fill", "3", "3人", (Badge("star-fill", "有户代表"),))

    (flat,) = draw([home("502", "2单元")], lambda _home: mark).flats

    assert flat.words == "3栋2单元502, 3人, 租住, 有户代表"


def test_houses_of_one_household_stand_in_a_row_along_their_lane():
    lane = [home("1", building=f"凌边大街{number}号", floor=None) for number in (10, 2, 1)]
    other = [home("1", building=f"凌边二巷{number}号", floor=None) for number in (3,)]

    seen = front([*lane, *other, *homes("101", "201")], lambda _home: PLAIN)

    assert [facade.label for facade in seen.facades] == ["3栋"]
    lanes = {row.label: [house.name for house in row.houses] for row in seen.rows}
    assert lanes == {"凌边大街": ["1号", "2号", "10号"], "凌边二巷": ["3号"]}
    assert len(seen.flats) == 6


def test_a_single_flat_of_a_higher_floor_is_no_house():
    seen = front([home("501", building="1栋"), home("601", building="2栋")], lambda _home: PLAIN)

    assert ([facade.label for facade in seen.facades], seen.rows) == (["1栋", "2栋"], ())


def test_buildings_come_in_the_order_of_their_numbers():
    seen = front([h for number in (10, 9, 1) for h in homes("101", "201", building=f"{number}栋")], lambda _home: PLAIN)

    assert [facade.label for facade in seen.facades] == ["1栋", "9栋", "10栋"]


def test_the_legend_counts_each_mark_and_badge():
    badge = Badge("star-fill", "has a representative")
    marks = {
        "101": PLAIN,
        "102": Mark("grey", "Vacant", "door-closed"),
        "201": Mark("blue", "Lived in", "house-door-fill", badges=(badge,)),
    }

    facade = draw(homes(*marks), lambda one: marks[one.room])

    lines = [(str(line.label), line.symbol, line.count) for line in legend(facade.flats)]
    assert lines == [
        ("Lived in", "house-door-fill", 2),
        ("Vacant", "door-closed", 1),
        ("has a representative", "star-fill", 1),
    ]


ROOMS = st.one_of(
    st.builds(lambda floor, flat: (f"{floor}{flat:02d}", floor), st.integers(1, 33), st.integers(1, 12)),
    st.builds(lambda number: (f"商铺{number}", 1), st.integers(1, 30)),
    st.builds(lambda number: (f"负{number}", -1), st.integers(1, 5)),
    st.builds(lambda word: (word, None), st.text("东西南北ABC12", min_size=1, max_size=12)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ROOMS, st.sampled_from(["", "1单元", "2单元", "A座"])), min_size=1, max_size=60))
def test_whatever_the_building_every_household_has_a_cell_of_its_own_inside_the_drawing(rooms):
    built = [home(room, unit, pk=at, floor=floor) for at, ((room, floor), unit) in enumerate(rooms, start=1)]

    facade = drawn(built)

    assert sorted(flat.home.pk for flat in facade.flats) == list(range(1, len(built) + 1))
    assert not any(overlap(one, other) for one, other in combinations(facade.flats, 2))
    assert all(facade.left <= flat.x and flat.x + flat.width <= facade.right for flat in facade.flats)
    assert all(flat.y >= 0 and flat.y + flat.height <= facade.height for flat in facade.flats)
    assert all(flat.width >= 76 for flat in facade.flats)


@pytest.mark.parametrize("rooms", [("101",), ("商铺1",), ("负1",), ("无号",)])
def test_a_building_of_one_room_of_any_kind_can_be_drawn(rooms):
    assert len(drawn([home(room, floor=floor_of(room)) for room in rooms]).flats) == 1
