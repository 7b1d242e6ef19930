"""Clean rosters at random, as the template has them: a list of dicts by field."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from portal.core.identity import check_digit

from .sheets import Merge, table

SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐周叶苏庄吕江何蓝欧阳"
GIVEN = "家丽建国明秀英伟芳娜敏静强磊军洋勇艳杰娟涛超霞平刚桂香云兰凤洁梅琳素玉萍红娥玲芬燕彩春菊"
DIVISIONS = ("440511", "440507", "350203", "110105", "830000", "810000")
OLDEST, OF_AGE, YOUNGEST = date(1920, 1, 1), date(2005, 5, 1), date(2023, 5, 1)
FULL_WIDTH = str.maketrans({code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
INVISIBLE = ("\u200b", "\ufeff", "\u00a0", "\u3000", " ", "\t", "\u202c", "\u2060")
YES = ("√", "Y", "yes", "1", 1.0, "有", "对", "✓", " 是 ", "ＹＥＳ", True)
NO = ("×", "N", "no", "0", 0.0, "无", "不是", "✗", "否 ", "Ｎ", False)
SEXES = {"男": ("M", "男性", " 男", "1", 1.0, "male", "Ｍ"), "女": ("F", "女性", "女 ", "2", 2.0, "female")}
OCCUPANCIES = {
    "户籍": ("常住", "自住", "业主", "户籍人口", "户 籍"),
    "租住": ("租户", "出租", "租客", "流动人口", "租 住"),
    "空置": ("空", "空房", "无人居住", "闲置"),
}
BUILDING_WORDS = ("栋", "幢", "号楼", "座", "#")


@dataclass(frozen=True)
class Dirty:
    """A table with dirt in it: where problems have to be named (row from 1, field), and the merged cells."""

    rows: list[list[Any]]
    named: frozenset[tuple[int, str]] = frozenset()
    merges: tuple[Merge, ...] = ()
    what: tuple[str, ...] = ()
    lost: frozenset[int] = frozenset()  # rows of which something may be missing in the end
    locked: frozenset[int] = frozenset()  # rows on which something named hangs: nothing else is to go wrong in them
    origin: tuple[int, ...] = ()  # the row of the clean table that each row was, 0 for none


def id_numbers(birth: date, sex: str) -> st.SearchStrategy[str]:
    """ID numbers of somebody; those ending in 000 are left out, for they are pointed out as doubtful."""

    def number(division: str, sequence: int) -> str:
        odd = sequence * 2 + (1 if sex == "男" else 0)
        first17 = f"{division}{birth:%Y%m%d}{odd:03}"
        return first17 + check_digit(first17)

    return st.builds(number, st.sampled_from(DIVISIONS), st.integers(0, 499)).filter(lambda n: not n.endswith("000"))


@st.composite
def rosters(draw: st.DrawFn, most_flats: int = 5) -> list[dict[str, Any]]:
    """A clean roster: no two people of one number, each flat's rows together, one representative a flat at most."""
    rows: list[dict[str, Any]] = []
    numbers: set[str] = set()
    flats = draw(
        st.lists(
            st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 12), st.integers(1, 4)),
            min_size=1,
            max_size=most_flats,
            unique=True,
        )
    )
    for building, unit, floor, flat in sorted(flats):
        home = {
            "grid": f"第{(building + 1) // 2}网格",
            "group": f"{building}栋小组",
            "estate": "龙基花园",
            "building": f"{building}栋",
            "unit": f"{unit}单元",
            "room": f"{floor}{flat:02}",
            "floor": floor,
        }
        people = draw(st.integers(0, 4))
        if not people:
            rows.append({**home, "occupancy": "空置"})
            continue
        home["area_m2"] = draw(st.sampled_from(["", 89.5, 72, 120.25]))
        home["occupancy"] = draw(st.sampled_from(["户籍", "租住"]))
        names: set[str] = set()
        for place in range(people):
            person = draw(_people(numbers, names, YOUNGEST if place else OF_AGE))
            person["relation"] = "户主" if place == 0 else draw(st.sampled_from(["配偶", "子", "女", "父母", ""]))
            person["is_representative"] = "是" if place == 0 and draw(st.booleans()) else "否"
            if person["is_representative"] == "是":
                person["is_mobilised"] = "是"
            rows.append({**home, **person})
    return rows


@st.composite
def _people(draw: st.DrawFn, numbers: set[str], names: set[str], youngest: date) -> dict[str, Any]:
    birth = draw(st.dates(OLDEST, youngest))
    sex = draw(st.sampled_from("男女"))
    han = st.builds(str.__add__, st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2))
    name = draw(
        st.one_of(han, han, han, st.sampled_from(["买买提·吐尔逊", "John Smith", "阿依古丽·买买提"])).filter(
            lambda text: text not in names
        )
    )
    number = draw(id_numbers(birth, sex).filter(lambda text: text not in numbers))
    mobile = draw(st.integers(13_000_000_000, 19_999_999_999).map(str).filter(lambda text: text not in numbers))
    numbers |= {number, mobile}
    names.add(name)
    return {
        "name": name,
        "is_mobilised": draw(st.sampled_from(["是", "否"])),
        "sex": sex,
        "id_number": number if draw(st.integers(0, 4)) else "",
        "birth": birth.isoformat(),
        "mobile": mobile if draw(st.integers(0, 3)) else "",
        "is_party_member": draw(st.sampled_from(["是", "否"])),
        "remark": draw(st.sampled_from(["", "每周三值班", "需要扶手"])),
    }


def clean(roster: list[dict[str, Any]]) -> Dirty:
    rows = table(roster)
    return Dirty(rows, origin=tuple(range(1, len(rows) + 1)))
