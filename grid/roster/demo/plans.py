"""How many live in each community of the demonstration, in what kind of buildings, and who manages those.

大龙社区 is as large on 31 May 2023 as the real one is said to be; the two others are invented.
"""

from dataclasses import dataclass
from datetime import date

from grid.places.demo.atlas import DALONG, LINGBIAN, YONGSHAN
from grid.roster.models import Estate

CENSUS_FROM, CENSUS_TO = date(2021, 1, 4), date(2021, 6, 30)  # when the building leaders first went from door to door
REFERENCE = date(2023, 5, 31)


@dataclass(frozen=True)
class Plan:
    """What is counted in a community on the reference day."""

    households: int
    residents: int
    elders: int
    representatives: int
    mobilised: int


PLANS = {
    DALONG.code: Plan(5830, 13_201, elders=1644, representatives=2419, mobilised=8860),
    LINGBIAN.code: Plan(1904, 4386, elders=702, representatives=531, mobilised=2208),
    YONGSHAN.code: Plan(3512, 8057, elders=893, representatives=1147, mobilised=4630),
}


@dataclass(frozen=True)
class Shape:
    """What buildings have in common: how many units, floors, and flats beside one another; one of each is drawn.

    `houses` says how many stand in a lane; `shops` is the share of buildings with shops on the ground floor.
    """

    units: tuple[int, ...]
    floors: tuple[int, ...]
    flats: tuple[int, ...]
    areas: tuple[int, int]
    shops: float = 0.0
    houses: tuple[int, int] = (1, 1)


WALK_UP = Shape(units=(2,), floors=(7, 8, 9), flats=(2, 3), areas=(52, 88), shops=0.55)
GARDEN = Shape(units=(2,), floors=(8, 9), flats=(2, 3, 3), areas=(64, 104), shops=0.2)
COURT = Shape(units=(2,), floors=(7, 8, 9), flats=(3,), areas=(70, 110), shops=0.25)
TOWER = Shape(units=(1,), floors=(18, 24, 26, 28, 32), flats=(4,), areas=(78, 138))
OLD_HOUSE = Shape(units=(1,), floors=(3, 4, 5), flats=(1, 2, 2), areas=(48, 96), shops=0.3)
LANE = Shape(units=(1,), floors=(4, 5, 6), flats=(1, 2, 2), areas=(40, 85), houses=(10, 15))
SMALL_LANE = Shape(units=(1,), floors=(3, 4, 5), flats=(1, 1, 2), areas=(45, 90), houses=(5, 7))
COTTAGES = Shape(units=(1,), floors=(1,), flats=(1,), areas=(90, 180), houses=(20, 28))  # a family has the whole house
TOWN_HOUSE = Shape(units=(1,), floors=(5, 6, 7), flats=(3,), areas=(38, 70), shops=0.6)
SLIM = Shape(units=(1,), floors=(11, 11, 12), flats=(2,), areas=(82, 126))

SHAPES = {
    "岐山中路第一网格": WALK_UP,
    "岐山中路第二网格": WALK_UP,
    "龙基花园第一网格": GARDEN,
    "龙基花园第二网格": GARDEN,
    "富怡苑网格": COURT,
    "加富花园网格": COURT,
    "瀚御居网格": TOWER,
    "凌边大街网格": OLD_HOUSE,
    "凌边新村网格": LANE,
    "凌江苑网格": Shape(units=(2,), floors=(9,), flats=(4,), areas=(68, 108)),
    "永善大街东网格": TOWN_HOUSE,
    "永善大街西网格": TOWN_HOUSE,
    "永安新村南网格": SMALL_LANE,
    "永安新村北网格": COTTAGES,
    "桥兴花苑一期网格": SLIM,
    "桥兴花苑二期网格": SLIM,
    "碁华小区网格": Shape(units=(1,), floors=(7, 8), flats=(3,), areas=(60, 95), shops=0.3),
    "市莲雅居东区网格": SLIM,
    "市莲雅居西区网格": SLIM,
    "茂盛里网格": TOWN_HOUSE,
    "塱边新城一区网格": SLIM,
    "塱边新城二区网格": SLIM,
}


@dataclass(frozen=True)
class EstatePlan:
    """An estate with the grids whose building groups belong to it."""

    name: str
    grids: tuple[str, ...]
    company: str = ""
    council: str = Estate.Council.NONE


ESTATES = {
    DALONG.code: (
        EstatePlan("岐山中路小区", ("岐山中路第一网格", "岐山中路第二网格")),
        EstatePlan(
            "龙基花园",
            ("龙基花园第一网格", "龙基花园第二网格"),
            "番禺龙基物业服务有限公司",
            Estate.Council.COMMITTEE,
        ),
        EstatePlan("富怡苑", ("富怡苑网格",), "富怡物业管理有限公司", Estate.Council.PREPARING),
        EstatePlan("加富花园", ("加富花园网格",), "加富物业管理有限公司", Estate.Council.PROPERTY_COUNCIL),
        EstatePlan("瀚御居", ("瀚御居网格",), "瀚御居物业服务中心", Estate.Council.COMMITTEE),
    ),
    LINGBIAN.code: (EstatePlan("凌江苑", ("凌江苑网格",), "凌江物业管理有限公司", Estate.Council.COMMITTEE),),
    YONGSHAN.code: (
        EstatePlan(
            "桥兴花苑", ("桥兴花苑一期网格", "桥兴花苑二期网格"), "桥兴物业服务有限公司", Estate.Council.COMMITTEE
        ),
        EstatePlan("碁华小区", ("碁华小区网格",)),
        EstatePlan(
            "市莲雅居",
            ("市莲雅居东区网格", "市莲雅居西区网格"),
            "市莲雅居物业服务中心",
            Estate.Council.PROPERTY_COUNCIL,
        ),
        EstatePlan(
            "塱边新城", ("塱边新城一区网格", "塱边新城二区网格"), "塱边新城物业管理有限公司", Estate.Council.PREPARING
        ),
    ),
}
