"""The ways in which real files are dirty, each saying what has to become of it; see `clean` for the rosters.

A dirtying takes a table (rows of cells with the headings first) and gives a `Dirty` one. Either everything stays as it
was (HEALED): the same rows are read; or something is NAMED: an error or a
warning stands at exactly the row and field the dirt is in.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from grid.roster.importing.template import BY_FIELD, FIELDS

from .clean import BUILDING_WORDS, FULL_WIDTH, INVISIBLE, NO, OCCUPANCIES, OF_AGE, SEXES, YES, Dirty, clean

# Each dirtying draws what it needs; None where the roster has nothing of the kind.
Dirtying = Callable[[st.DrawFn, Dirty], Dirty | None]
HEALED: dict[str, Dirtying] = {}
NAMED: dict[str, Dirtying] = {}
WHOLE: dict[str, Dirtying] = {}  # those of the whole table, which move rows or columns: healed, and done last


def healed(dirtying: Dirtying) -> Dirtying:
    HEALED[dirtying.__name__] = dirtying
    return dirtying


def is_named(dirtying: Dirtying) -> Dirtying:
    NAMED[dirtying.__name__] = dirtying
    return dirtying


def whole(dirtying: Dirtying) -> Dirtying:
    WHOLE[dirtying.__name__] = dirtying
    return dirtying


@st.composite
def dirtied(draw: st.DrawFn, roster: list[dict[str, Any]], *, named: bool = True, whole: bool = True) -> Dirty:
    """A roster with some dirt in different cells, then perhaps dirt of the whole table."""
    dirty = clean(roster)
    kinds = {**HEALED, **(NAMED if named else {})}
    for kind in draw(st.lists(st.sampled_from(sorted(kinds)), max_size=6)):
        dirty = _applied(draw, kind, kinds[kind], dirty)
    if whole:
        for kind in draw(st.lists(st.sampled_from(sorted(WHOLE)), max_size=3, unique=True)):
            dirty = _applied(draw, kind, WHOLE[kind], dirty)
    return dirty


def _applied(draw: st.DrawFn, kind: str, dirtying: Dirtying, dirty: Dirty) -> Dirty:
    after = dirtying(draw, dirty)
    return dirty if after is None else replace(after, what=(*after.what, kind))


def _at(name: str) -> int:
    return FIELDS.index(name)


def _cell(
    draw: st.DrawFn, dirty: Dirty, name: str, problem: bool, fits: Callable[[list[Any]], bool] = lambda _row: True
) -> tuple[int, Any] | None:
    """A row (its place in the table) whose cell of a field is filled and still clean, and what is in it."""
    at = _at(name)
    original = [
        place
        for place, row in enumerate(dirty.rows)
        if place
        and row[at] != ""
        and (place + 1, name) not in _touched(dirty)
        and not (problem and place + 1 in dirty.locked)
        and fits(row)
    ]
    if not original:
        return None
    place = draw(st.sampled_from(original))
    return place, dirty.rows[place][at]


def _touched(dirty: Dirty) -> set[tuple[int, str]]:
    return {(row, name) for row, name in dirty.named} | {
        (int(row), name) for row, _colon, name in (what.partition(":") for what in dirty.what if ":" in what)
    }


def _with(dirty: Dirty, place: int, name: str, value: Any, problem: bool = False) -> Dirty:
    rows = [list(row) for row in dirty.rows]
    rows[place][_at(name)] = value
    spot = (place + 1, name)
    return replace(
        dirty,
        rows=rows,
        what=(*dirty.what, f"{place + 1}:{name}"),
        named=dirty.named | {spot} if problem else dirty.named,
        lost=dirty.lost | {place + 1} if problem else dirty.lost,
        locked=dirty.locked | {place + 1} if problem else dirty.locked,
    )


def _changed(name: str, change: Callable[[st.DrawFn, Any], Any], problem: bool = False, **options: Any) -> Dirtying:
    def dirtying(draw: st.DrawFn, dirty: Dirty) -> Dirty | None:
        found = _cell(draw, dirty, name, problem, **options)
        if found is None:
            return None
        place, value = found
        return _with(dirty, place, name, change(draw, value), problem)

    return dirtying


def _spaced(draw: st.DrawFn, value: Any) -> str:
    """With something invisible somewhere in the text."""
    text = str(value)
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(INVISIBLE)) + text[at:]


def _around(draw: st.DrawFn, value: Any) -> str:
    return draw(st.sampled_from(INVISIBLE)) + str(value) + draw(st.sampled_from(INVISIBLE))


def _wide(_draw: st.DrawFn, value: Any) -> str:
    return str(value).translate(FULL_WIDTH)


def _is_han(row: list[Any]) -> bool:
    return "·" not in row[_at("name")] and not row[_at("name")].isascii()


for _name in ("room", "building", "unit", "id_number", "mobile", "relation", "estate", "group"):
    HEALED[f"spaces in {_name}"] = _changed(_name, _spaced)
for _name in ("name", "birth", "sex", "remark", "is_mobilised"):
    HEALED[f"spaces around {_name}"] = _changed(_name, _around)
for _name in ("room", "building", "id_number", "mobile", "birth", "floor"):
    HEALED[f"full-width {_name}"] = _changed(_name, _wide)
HEALED["spaces in name"] = _changed("name", _spaced, fits=_is_han)
HEALED["another dot in name"] = _changed(
    "name",
    lambda draw, text: text.replace("·", draw(st.sampled_from("•‧・．.∙"))),
    fits=lambda row: "·" in row[_at("name")],
)
HEALED["building by another word"] = _changed(
    "building", lambda draw, text: text.removesuffix("栋") + draw(st.sampled_from(BUILDING_WORDS))
)
HEALED["building as a number"] = _changed("building", lambda _draw, text: float(text.removesuffix("栋")))
HEALED["unit as a number"] = _changed("unit", lambda _draw, text: float(text.removesuffix("单元")))
HEALED["room as a number"] = _changed("room", lambda _draw, text: float(text))
HEALED["floor in words"] = _changed("floor", lambda draw, number: f"{number}{draw(st.sampled_from(['层', '楼', 'F']))}")
HEALED["floor missing"] = _changed("floor", lambda _draw, _number: "")
HEALED["area with its unit"] = _changed(
    "area_m2", lambda draw, number: f"{number}{draw(st.sampled_from(['㎡', '平方米', ' m2', '平']))}"
)
HEALED["mobile as a number"] = _changed("mobile", lambda _draw, text: float(text))
HEALED["mobile with hyphens"] = _changed("mobile", lambda _draw, text: f"{text[:3]}-{text[3:7]}-{text[7:]}")
HEALED["mobile with country"] = _changed(
    "mobile", lambda draw, text: draw(st.sampled_from(["+86 ", "86", "0086-"])) + text
)
HEALED["mobile with .0"] = _changed("mobile", lambda _draw, text: f"{text}.0")
HEALED["apostrophe"] = _changed("id_number", lambda _draw, text: f"'{text}")
HEALED["equals sign"] = _changed("id_number", lambda _draw, text: f'="{text}"')
HEALED["small x"] = _changed("id_number", lambda _draw, text: text.lower())
HEALED["id with spaces"] = _changed("id_number", lambda _draw, text: f"{text[:6]} {text[6:14]} {text[14:]}")
HEALED["yes by another word"] = _changed(
    "is_mobilised", lambda draw, text: draw(st.sampled_from(YES if text == "是" else NO))
)
HEALED["party by status"] = _changed(
    "is_party_member",
    lambda draw, text: draw(
        st.sampled_from(["中共党员", "党员", "预备党员"] if text == "是" else ["群众", "团员", "民盟"])
    ),
)
HEALED["sex by another word"] = _changed("sex", lambda draw, text: draw(st.sampled_from(SEXES[text])))
HEALED["occupancy by another word"] = _changed("occupancy", lambda draw, text: draw(st.sampled_from(OCCUPANCIES[text])))


def _another_date(draw: st.DrawFn, text: str) -> Any:
    day = date.fromisoformat(text)
    forms = [
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}-{day.month}-{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day:%Y-%m-%d} 00:00:00",
        float(f"{day:%Y%m%d}"),
        day,
    ]
    serial = (day - date(1899, 12, 30)).days
    if serial > 2200:
        forms.append(float(serial))
    return draw(st.sampled_from(forms))


HEALED["date in another form"] = _changed("birth", _another_date)
HEALED["birth missing"] = _changed("birth", lambda _draw, _text: "", fits=lambda row: row[_at("id_number")] != "")
HEALED["sex missing"] = _changed("sex", lambda _draw, _text: "", fits=lambda row: row[_at("id_number")] != "")


def _another_digit(draw: st.DrawFn, text: str) -> str:
    at = draw(st.integers(0, 16))
    return text[:at] + draw(st.sampled_from([digit for digit in "0123456789" if digit != text[at]])) + text[at + 1 :]


NAMED["id as a number"] = _changed("id_number", lambda _draw, text: float(text.replace("X", "0")), True)
NAMED["id in scientific notation"] = _changed(
    "id_number", lambda _draw, text: f"{float(text.replace('X', '0')):.11E}", True
)
NAMED["id ruined, then text"] = _changed("id_number", lambda _draw, text: text[:15] + "000", True)
NAMED["id mistyped"] = _changed("id_number", _another_digit, True)
NAMED["id of 15 digits"] = _changed("id_number", lambda _draw, text: text[:6] + text[8:17], True)
NAMED["id cut off"] = _changed("id_number", lambda draw, text: text[: draw(st.integers(1, 14))], True)
NAMED["id is a passport"] = _changed("id_number", lambda _draw, _text: "E12345678", True)
NAMED["formula failed"] = _changed("id_number", lambda draw, _text: draw(st.sampled_from(["#N/A", "#REF!"])), True)
NAMED["landline"] = _changed("mobile", lambda draw, _text: draw(st.sampled_from(["0754-88123456", "88123456"])), True)
NAMED["mobile too short"] = _changed("mobile", lambda _draw, text: text[:-1], True)
NAMED["mobile rounded"] = _changed("mobile", lambda _draw, text: f"{text[0]}.{text[1:6]}E+10", True)
NAMED["impossible date"] = _changed(
    "birth", lambda draw, _text: draw(st.sampled_from(["1990-02-30", "2090-01-01", "不记得"])), True
)
NAMED["date without a day"] = _changed(
    "birth", lambda _draw, text: text[:7].replace("-", ""), True, fits=lambda row: row[_at("id_number")] == ""
)
NAMED["another birth than the ID number's"] = _changed(
    "birth",
    lambda _draw, text: (date.fromisoformat(text) + timedelta(days=1)).isoformat(),
    True,
    fits=lambda row: len(str(row[_at("id_number")])) == 18,
)
NAMED["another sex than the ID number's"] = _changed(
    "sex",
    lambda _draw, text: "女" if text == "男" else "男",
    True,
    fits=lambda row: len(str(row[_at("id_number")])) == 18,
)
NAMED["neither yes nor no"] = _changed("is_mobilised", lambda _draw, _text: "也许", True)
NAMED["no sex"] = _changed("sex", lambda _draw, _text: "?", True)
NAMED["no floor"] = _changed("floor", lambda _draw, _number: "高层", True)
NAMED["no area"] = _changed("area_m2", lambda draw, _number: draw(st.sampled_from(["约九十", -3, 0])), True)
NAMED["no kind of residence"] = _changed(
    "occupancy", lambda _draw, _text: "其他情况", True, fits=lambda row: row[_at("name")] != ""
)
NAMED["name missing"] = _changed("name", lambda _draw, _text: "", True)
NAMED["name lost in another encoding"] = _changed("name", lambda _draw, text: text[0] + "\ufffd" + text[1:], True)
NAMED["room missing"] = _changed("room", lambda _draw, _text: "", True)
NAMED["room made a date"] = _changed("room", lambda _draw, _text: date(2023, 3, 2), True)
NAMED["lived in and vacant"] = _changed(
    "occupancy", lambda _draw, _text: "空置", True, fits=lambda row: row[_at("name")] != ""
)


@is_named
def the_same_id_number_for_another(draw: st.DrawFn, dirty: Dirty) -> Dirty | None:
    """Somebody below has somebody's ID number."""
    at = _at("id_number")
    holders = [p for p, row in enumerate(dirty.rows) if p and len(str(row[at])) == 18 and not _is_touched(dirty, p)]
    if len(holders) < 2:
        return None
    first, second = holders[0], holders[-1]
    if dirty.rows[first][_at("name")] == dirty.rows[second][_at("name")]:
        return None
    return _with(_locked(dirty, first), second, "id_number", dirty.rows[first][at], True)


@is_named
def a_second_representative(draw: st.DrawFn, dirty: Dirty) -> Dirty | None:
    for place in range(2, len(dirty.rows)):
        above, row = dirty.rows[place - 1], dirty.rows[place]
        if (
            above[3:6] == row[3:6]
            and above[_at("is_representative")] == "是"
            and row[_at("name")]
            and row[_at("birth")] < OF_AGE.isoformat()
            and not _is_touched(dirty, place)
            and not _is_touched(dirty, place - 1)
        ):
            mobilised = _with(_locked(dirty, place - 1), place, "is_mobilised", "是")
            return _with(mobilised, place, "is_representative", "是", True)
    return None


@whole
def title_and_remark(draw: st.DrawFn, dirty: Dirty) -> Dirty:
    above = [["大龙社区居民花名册"], ["填表日期：2023年5月31日", "", "单位：大龙社区居委会"], ["姓名和房号必须填写"]]
    return _moved(dirty, above[: draw(st.integers(1, 3))])


@whole
def total_and_signature(draw: st.DrawFn, dirty: Dirty) -> Dirty:
    below = [
        ["合计", "", "", "", "", "", "", 1234.5, 12],
        ["合 计", "", "", "", "", 4],
        ["共 12 户 34 人"],
        ["填表人：陈家生", "", "", "审核人：李四", "", "", "日期：2023年5月31日"],
        [""] * len(dirty.rows[0]),
    ]
    added = draw(st.lists(st.sampled_from(below), min_size=1, max_size=3))
    return replace(dirty, rows=[*dirty.rows, *added], origin=(*dirty.origin, *[0] * len(added)))


@whole
def blank_rows_between(draw: st.DrawFn, dirty: Dirty) -> Dirty | None:
    if dirty.merges or any(name in ("room", "building") for _row, name in dirty.named):
        return None
    place = draw(st.integers(1, len(dirty.rows)))
    width = len(dirty.rows[0])
    blank = [draw(st.sampled_from(["", " ", "\u3000"]))] + [""] * (width - 1)
    rows = [*dirty.rows[:place], blank, *dirty.rows[place:]]
    origin = (*dirty.origin[:place], 0, *dirty.origin[place:])
    return replace(dirty, rows=rows, origin=origin, **_renumbered(dirty, lambda row: row + (row > place)))


@whole
def columns_in_another_order(draw: st.DrawFn, dirty: Dirty) -> Dirty | None:
    if dirty.merges:
        return None
    width = len(dirty.rows[0])
    order = draw(st.permutations(range(width)))
    rows = [[row[at] if at < len(row) else "" for at in order] for row in dirty.rows]
    return replace(dirty, rows=rows) if _is_plain(dirty) else None


@whole
def other_headings(draw: st.DrawFn, dirty: Dirty) -> Dirty:
    by_heading = {column.heading: sorted(column.synonyms) for column in BY_FIELD.values()}
    header = next(place for place, row in enumerate(dirty.rows) if "姓名" in row)
    rows = [list(row) for row in dirty.rows]
    rows[header] = [
        draw(st.sampled_from([text, f"{text}*", f" {text} ", f"{text}（必填）", *by_heading[text]])) if text else text
        for text in rows[header]
    ]
    return replace(dirty, rows=rows)


@whole
def merged_flats(draw: st.DrawFn, dirty: Dirty) -> Dirty | None:
    """What is the same for a flat stands once, in cells merged over its rows."""
    if not _is_plain(dirty) or dirty.merges:
        return None
    rows, merges = [list(row) for row in dirty.rows], []
    for name in ("building", "unit", "room"):
        at, first = _at(name), 1
        for place in range(2, len(rows) + 1):
            if place < len(rows) and dirty.rows[place][3:6] == dirty.rows[first][3:6]:
                rows[place][at] = ""
                continue
            if place - first > 1:
                merges.append((first + 1, at, place, at))
            first = place
    return replace(dirty, rows=rows, merges=tuple(merges)) if merges else None


def _locked(dirty: Dirty, place: int) -> Dirty:
    return replace(dirty, locked=dirty.locked | {place + 1})


def _is_touched(dirty: Dirty, place: int) -> bool:
    return any(row == place + 1 for row, _name in _touched(dirty))


def _is_plain(dirty: Dirty) -> bool:
    """Whether the headings are still the first row, and no flat has been made another."""
    return dirty.rows[0][:1] == [BY_FIELD[FIELDS[0]].heading] and not any(
        name in ("room", "building", "unit") for _row, name in _touched(dirty)
    )


def _moved(dirty: Dirty, above: list[list[Any]]) -> Dirty:
    by = len(above)
    merges = tuple((first + by, left, last + by, right) for first, left, last, right in dirty.merges)
    origin = (*[0] * by, *dirty.origin)
    return replace(
        dirty, rows=[*above, *dirty.rows], merges=merges, origin=origin, **_renumbered(dirty, lambda row: row + by)
    )


def _renumbered(dirty: Dirty, number: Callable[[int], int]) -> dict[str, Any]:
    return {
        "named": frozenset((number(row), name) for row, name in dirty.named),
        "lost": frozenset(number(row) for row in dirty.lost),
    }
