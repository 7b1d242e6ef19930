"""石碁镇 as it is shown: three communities of three sizes, their grids, and what their building groups are called.

大龙社区 is drawn after the real one: five estates, seven grids, 113 building groups. The estates stand in the names of
grids and building groups. The two others are invented.
"""

from collections.abc import Iterator
from dataclasses import dataclass

DISTRICT = ("440113", "番禺区")
STREET = ("440113106", "石碁镇")
DEPARTMENTS = (
    "综合行政执法办",
    "应急管理办",
    "综合治理办",
    "市政环卫所",
    "石碁派出所",
    "市场监管所",
    "规划建设办",
    "社会事务办",
)


@dataclass(frozen=True)
class Grid:
    """A grid and its building groups: `pattern` says how each of `parts` is called."""

    name: str
    pattern: str
    parts: str

    @property
    def groups(self) -> Iterator[str]:
        for part in self.parts.split():
            yield f"{self.pattern.format(part)}楼栋小组"


@dataclass(frozen=True)
class Community:
    """A community with its people: how many work there, and how many building groups have no leader just now."""

    code: str
    name: str
    grids: tuple[Grid, ...]
    staff: int
    social_workers: int
    vacancies: int = 0


def _numbers(first: int, last: int) -> str:
    return " ".join(map(str, range(first, last + 1)))


DALONG = Community(
    "440113106001",
    "大龙社区",
    (
        Grid(
            "岐山中路第一网格",
            "岐山中路{}栋",
            "1–2 3 4–6 7 8 9–10 11 12–14 15 16 17–18 19 20 21–23 24 25 26–27 28 29–30 31",
        ),
        Grid(
            "岐山中路第二网格",
            "岐山中路{}栋",
            "32 33–34 35 36 37–39 40 41–42 43 44 45–46 47 48 49–51 52 53 54–55 56 57 58–60",
        ),
        Grid("龙基花园第一网格", "龙基花园{}栋", "A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 B1 B2 B3 B4 B5 B6 B7 B8"),
        Grid("龙基花园第二网格", "龙基花园{}栋", "C1 C2 C3 C4 C5 C6 C7 C8 C9 D1 D2 D3 D4 D5 D6 D7 D8"),
        Grid("富怡苑网格", "富怡苑{}栋", "1 2 3 4–5 6 7 8 9 10–11 12 13 14 15 16–17 18"),
        Grid("加富花园网格", "加富花园{}栋", "东1 东2 东3 东4 东5 东6–7 东8 西1 西2 西3 西4–5 西6 西7"),
        Grid("瀚御居网格", "瀚御居{}", "1栋一单元 1栋二单元 2栋 3栋 4栋 5栋一单元 5栋二单元 6栋 7栋 8栋 9栋"),
    ),
    staff=5,
    social_workers=2,
)
LINGBIAN = Community(
    "440113106002",
    "凌边社区",
    (
        Grid("凌边大街网格", "凌边大街{}号", "2–18 20–36 38–52 54–70 1–15 17–33 35–49 51–67 69–83 85–97"),
        Grid("凌边新村网格", "凌边新村{}巷", "一 二 三 四 五 六 七 八 九 十"),
        Grid("凌江苑网格", "凌江苑{}栋", _numbers(1, 8)),
    ),
    staff=3,
    social_workers=1,
    vacancies=3,
)
YONGSHAN = Community(
    "440113106003",
    "永善社区",
    (
        Grid("永善大街东网格", "永善大街{}号", _numbers(1, 15)),
        Grid("永善大街西网格", "永善大街{}号", _numbers(16, 29)),
        Grid("永安新村南网格", "永安新村南{}巷", _numbers(1, 16)),
        Grid("永安新村北网格", "永安新村北{}巷", _numbers(1, 15)),
        Grid("桥兴花苑一期网格", "桥兴花苑{}栋", _numbers(1, 16)),
        Grid("桥兴花苑二期网格", "桥兴花苑{}栋", _numbers(17, 31)),
        Grid("碁华小区网格", "碁华小区{}座", _numbers(1, 14)),
        Grid("市莲雅居东区网格", "市莲雅居东{}栋", _numbers(1, 15)),
        Grid("市莲雅居西区网格", "市莲雅居西{}栋", _numbers(1, 16)),
        Grid("茂盛里网格", "茂盛里{}号", _numbers(1, 14)),
        Grid("塱边新城一区网格", "塱边新城A{}栋", _numbers(1, 15)),
        Grid("塱边新城二区网格", "塱边新城B{}栋", _numbers(1, 15)),
    ),
    staff=7,
    social_workers=2,
    vacancies=11,
)
COMMUNITIES = (DALONG, LINGBIAN, YONGSHAN)
