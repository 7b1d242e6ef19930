"""Addresses: two ways of writing one flat have the same keys, and a key is written like itself."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grid.roster.addresses import building_key, floor_of, is_shop, parse_address, room_key, unit_key

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
NUMBERS = st.integers(1, 99)
FLATS = st.builds(lambda floor, flat: f"{floor}{flat:02d}", st.integers(1, 33), st.integers(1, 12))
MESSES = st.sampled_from(
    [str, lambda text: text.translate(FULL_WIDTH), lambda text: f" {text} ", lambda text: f"{text}\u3000"]
)
TEXT = st.text(
    st.sampled_from("0123456789０５ABCab栋幢座楼号单元室房铺商店一二十百三〇# -－ 岐山中路龙基花园层负")
    | st.characters(codec="utf-8"),
    max_size=20,
)


@pytest.mark.parametrize("text", ["3栋", "3幢", "３ 栋", "3号楼", "3#", "三栋", "3座", "03栋", "3"])
def test_one_building_written_in_many_ways_has_one_key(text):
    assert building_key(text) == "3"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("岐山中路3栋", "岐山中路3"),
        ("A3栋", "a3"),
        ("Ａ３栋", "a3"),
        ("凌边大街12号", "凌边大街12"),
        ("十二栋", "12"),
        ("会所", "会所"),
    ],
)
def test_what_tells_buildings_apart_stays_in_the_key(text, key):
    assert building_key(text) == key


@pytest.mark.parametrize("text", ["2单元", "二单元", "2梯", "２ 单元", "02单元", "2"])
def test_one_unit_written_in_many_ways_has_one_key(text):
    assert unit_key(text) == "2"


@pytest.mark.parametrize("text", ["502", "502室", "502房", "５０２", "0502", " 502 ", "502号"])
def test_one_room_written_in_many_ways_has_one_key(text):
    assert room_key(text) == "502"


def test_a_shop_is_not_the_flat_of_the_same_number():
    assert room_key("商铺3") != room_key("3")
    assert room_key("3号铺") != room_key("3号")


@pytest.mark.parametrize(
    ("room", "floor"),
    [
        ("502", 5),
        ("1203", 12),
        ("3304室", 33),
        ("商铺3", 1),
        ("12B", 12),
        ("５０２", 5),
        ("5", None),
        ("值班室", None),
        ("0", None),
    ],
)
def test_the_floor_is_read_from_the_room(room, floor):
    assert floor_of(room) == floor


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("3-502", ("3", "", "502")),
        ("3栋502", ("3", "", "502")),
        ("3栋2单元502", ("3", "2", "502")),
        ("A3-2-1203", ("a3", "2", "1203")),
        ("３栋５０２", ("3", "", "502")),
        ("三栋502", ("3", "", "502")),
        ("502", ("", "", "502")),
        ("陈家生", None),
        ("13800138000", None),
        ("3", None),
        ("", None),
    ],
)
def test_what_somebody_types_is_taken_for_an_address_or_not(text, sought):
    assert parse_address(text) == sought


@given(TEXT)
@example("号号")
@example("3号楼栋")
def test_a_key_is_the_key_of_itself(text):
    for key in (building_key, unit_key, room_key):
        assert key(key(text)) == key(text)


@given(NUMBERS, st.sampled_from(["栋", "幢", "号楼", "#", "座", ""]), MESSES)
def test_however_a_building_is_written_its_number_is_its_key(number, word, mess):
    assert building_key(mess(f"{number}{word}")) == str(number)


@given(FLATS, st.sampled_from(["室", "房", "号房", ""]), MESSES)
def test_however_a_room_is_written_its_number_is_its_key_and_tells_the_floor(flat, word, mess):
    assert room_key(mess(f"{flat}{word}")) == flat
    assert floor_of(mess(f"{flat}{word}")) == int(flat[:-2])


@given(NUMBERS, NUMBERS, FLATS, MESSES)
def test_a_flat_is_found_by_what_is_written_on_its_door(building, unit, flat, mess):
    wanted = (str(building), str(unit), flat)

    assert parse_address(mess(f"{building}栋{unit}单元{flat}")) == wanted
    assert parse_address(mess(f"{building}-{unit}-{flat}")) == wanted


@given(TEXT)
def test_nothing_that_is_typed_breaks_the_reading(text):
    assert (parse_address(text) is None) or parse_address(text).room
    assert is_shop(text) in (True, False)
    floor = floor_of(text)
    assert floor is None or 1 <= floor <= 120
