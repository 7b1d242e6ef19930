"""The category tree a street starts with: 12 groups, each category with its own first handler and limits.

Working days for general / serious / urgent, 0 meaning the same day. The groups follow the 12345 hotline and
GB/T 30428.2 (数字化城管 部件和事件分类); the limits are the customary ones of a community, and each street makes
its own of them. `install` adds what is missing and never changes what was edited.
"""

from decimal import Decimal
from typing import NamedTuple

from grid.places.models import Role

from .models import Category, CategoryGroup, CategoryRule

LEADER, GRID, STAFF, SOCIAL, DEPARTMENT = (
    Role.BUILDING_LEADER,
    Role.GRID_LEADER,
    Role.STAFF,
    Role.SOCIAL_WORKER,
    Role.DEPARTMENT_OFFICER,
)


ACCEPT_DAYS = Decimal(1)
ACT_DAYS = {DEPARTMENT: Decimal(2)}  # a department has farther to come; everybody else begins within a day


class Row(NamedTuple):
    code: str
    name: str
    name_en: str
    first_handler: Role
    days: tuple[int, int, int]
    settle_alone: bool = False


CATALOGUE: dict[tuple[str, str, str, str], list[Row]] = {
    ("stairwell", "楼道环境", "Stairwells", "door-open"): [
        Row("clutter", "楼道堆物", "Things left in the stairwell", LEADER, (2, 1, 0), True),
        Row("stairwell_dirt", "楼道脏乱", "Dirty stairwell", LEADER, (2, 1, 1), True),
        Row("stairwell_light", "楼道灯不亮", "Stairwell light out", LEADER, (3, 2, 1), True),
        Row("small_ads", "牛皮癣小广告", "Illegal small ads", LEADER, (3, 1, 1), True),
        Row("entrance_door", "单元门、对讲损坏", "Entrance door or intercom broken", STAFF, (5, 3, 1)),
    ],
    ("fire", "消防安全", "Fire safety", "fire"): [
        Row("fire_lane", "消防通道占用", "Fire lane blocked", GRID, (1, 1, 0), True),
        Row("flying_wire", "飞线充电", "Charging by a wire from the window", LEADER, (1, 1, 0), True),
        Row("ebike_upstairs", "电动车进楼入户", "E-bike taken upstairs", LEADER, (1, 0, 0), True),
        Row("fire_equipment", "消防设施损坏缺失", "Fire equipment broken or missing", STAFF, (3, 1, 0)),
        Row("gas", "燃气隐患", "Gas hazard", DEPARTMENT, (1, 0, 0)),
    ],
    ("building", "房屋安全", "Building safety", "bricks"): [
        Row("falling_wall", "外墙脱落、渗水", "Facade falling off or leaking", STAFF, (10, 5, 1)),
        Row("roof_leak", "屋面渗漏", "Leaking roof", STAFF, (15, 7, 2)),
        Row("thrown_objects", "高空抛物隐患", "Things thrown or falling from above", GRID, (2, 1, 0)),
        Row("illegal_building", "违法搭建", "Illegal building", DEPARTMENT, (15, 10, 3)),
        Row("renovation", "装修扰民、破坏结构", "Renovation noise or damage", STAFF, (5, 2, 1)),
    ],
    ("utilities", "水电气网", "Water, power, network", "lightning-charge"): [
        Row("water_outage", "停水、水压不足", "No water or low pressure", STAFF, (2, 1, 0)),
        Row("drain", "下水道堵塞", "Blocked drain", STAFF, (3, 1, 0)),
        Row("power_outage", "停电、线路老化", "Power cut or old wiring", STAFF, (2, 1, 1)),
        Row("cables", "弱电线缆杂乱", "Tangled cables", GRID, (10, 5, 2)),
        Row("manhole", "井盖缺失破损", "Manhole cover missing or broken", GRID, (1, 0, 0)),
    ],
    ("lift", "电梯与设施", "Lifts and facilities", "tools"): [
        Row("lift_fault", "电梯故障", "Lift fault", STAFF, (2, 1, 0)),
        Row("lift_trapped", "电梯困人", "Trapped in a lift", STAFF, (0, 0, 0)),
        Row("handrail", "扶手、台阶损坏", "Handrail or step broken", GRID, (5, 3, 1), True),
        Row("fitness", "健身、儿童设施损坏", "Playground or fitness equipment broken", STAFF, (7, 3, 1)),
        Row("barrier_free", "无障碍设施问题", "Barrier-free access", STAFF, (7, 5, 2)),
    ],
    ("sanitation", "环境卫生", "Sanitation", "trash3"): [
        Row("rubbish", "垃圾乱堆放", "Rubbish left lying", GRID, (2, 1, 0), True),
        Row("rubbish_sorting", "垃圾分类不到位", "Rubbish not sorted", LEADER, (3, 2, 1), True),
        Row("dead_corner", "卫生死角", "Neglected corner", GRID, (3, 2, 1), True),
        Row("pests", "蚊鼠虫害", "Mosquitoes, rats, pests", STAFF, (5, 3, 2)),
        Row("bulky_waste", "大件、装修垃圾", "Bulky or renovation waste", GRID, (3, 2, 0)),
    ],
    ("green", "绿化园林", "Greenery", "tree"): [
        Row("tree_danger", "树木倾倒隐患", "Tree about to fall", STAFF, (3, 1, 0)),
        Row("pruning", "树木修剪", "Tree to be pruned", STAFF, (10, 7, 3)),
        Row("green_occupied", "毁绿种菜", "Green space turned into plots", GRID, (7, 5, 3)),
    ],
    ("traffic", "停车交通", "Parking and traffic", "p-square"): [
        Row("parking", "车辆乱停放", "Cars parked anywhere", GRID, (2, 1, 1)),
        Row("zombie_car", "僵尸车", "Abandoned car", DEPARTMENT, (15, 10, 5)),
        Row("bikes", "共享单车、电动车乱停", "Bicycles and e-bikes in the way", LEADER, (2, 2, 1), True),
        Row("charging_pile", "充电桩不足、损坏", "Charging points missing or broken", STAFF, (10, 5, 3)),
        Row("road", "路面破损、积水", "Road damaged or flooded", DEPARTMENT, (7, 3, 1)),
    ],
    ("order", "公共秩序", "Public order", "megaphone"): [
        Row("noise", "噪声扰民", "Noise", LEADER, (3, 1, 0)),
        Row("dogs", "犬只不牵绳、伤人", "Dogs off the lead or biting", GRID, (3, 1, 0)),
        Row("monitoring", "监控盲区、损坏", "Surveillance blind spot or broken camera", STAFF, (7, 5, 1)),
        Row("stranger", "可疑人员、诈骗", "Suspicious persons, fraud", GRID, (1, 0, 0)),
        Row("business", "占道经营、油烟", "Street trading, cooking fumes", DEPARTMENT, (5, 3, 1)),
    ],
    ("neighbours", "邻里矛盾", "Neighbours", "people"): [
        Row("dispute", "邻里纠纷", "Dispute between neighbours", LEADER, (7, 3, 1)),
        Row("leak_dispute", "楼上漏水纠纷", "Leak from the flat above", GRID, (7, 3, 1)),
        Row("family", "家庭矛盾", "Family conflict", SOCIAL, (5, 2, 0)),
        Row("property_company", "物业服务投诉", "Complaint about the property company", STAFF, (7, 3, 2)),
    ],
    ("care", "民生关爱", "Care", "heart-pulse"): [
        Row("elderly_alone", "独居老人求助", "Elderly living alone need help", SOCIAL, (1, 1, 0)),
        Row("hardship", "困难家庭求助", "Family in hardship", SOCIAL, (5, 3, 1)),
        Row("children", "儿童、青少年关爱", "Children and youth", SOCIAL, (3, 1, 0)),
        Row("disabled", "残疾人服务", "Service for the disabled", SOCIAL, (5, 3, 2)),
        Row("missing", "人员走失", "Missing person", GRID, (0, 0, 0)),
    ],
    ("other", "咨询与其他", "Enquiries and other", "chat-dots"): [
        Row("policy", "政策咨询", "Question about a policy", STAFF, (1, 1, 1), True),
        Row("procedure", "办事指引", "How to get something done", STAFF, (1, 1, 0), True),
        Row("suggestion", "意见建议", "Suggestion", STAFF, (10, 7, 5)),
        Row("other", "其他", "Something else", STAFF, (5, 3, 1)),
    ],
}


def install() -> None:
    """Add the groups, categories and first versions of their rules that are missing; runs after every migration."""
    known = set(Category.objects.values_list("code", flat=True))
    for position, ((code, name, name_en, icon), rows) in enumerate(CATALOGUE.items(), start=1):
        missing = [row for row in rows if row.code not in known]
        if not missing:
            continue
        group, _created = CategoryGroup.objects.get_or_create(
            code=code, defaults={"name": name, "name_en": name_en, "icon": icon, "order": position}
        )
        Category.objects.bulk_create([_category(group, rows.index(row), row) for row in missing], ignore_conflicts=True)
    _install_rules()


def _install_rules() -> None:
    rows = {row.code: row for rows in CATALOGUE.values() for row in rows}
    without = Category.objects.filter(code__in=rows, rules=None)
    rules = [_rule(category, rows[category.code]) for category in without]
    CategoryRule.objects.bulk_create(rules, ignore_conflicts=True)


def _category(group: CategoryGroup, order: int, row: Row) -> Category:
    return Category(group=group, code=row.code, name=row.name, name_en=row.name_en, order=order)


def _rule(category: Category, row: Row) -> CategoryRule:
    general, serious, urgent = row.days
    return CategoryRule(
        category=category,
        number=1,
        first_handler=row.first_handler,
        accept_days=ACCEPT_DAYS,
        act_days=ACT_DAYS.get(row.first_handler, Decimal(1)),
        days_general=general,
        days_serious=serious,
        days_urgent=urgent,
        settle_alone=row.settle_alone,
    )
