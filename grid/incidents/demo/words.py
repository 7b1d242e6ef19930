"""What people write: where it is, what they saw and what was done, told so that the three agree."""

import random
import re
from pathlib import Path
from typing import NamedTuple

FLOORS = "一二三四五六七八九"
WHEN = ("今天早上", "昨晚", "前天傍晚", "这两天", "上周末")
SINCE = ("一个多星期", "十来天", "半个月", "快一个月")
NUMBERS = ("两", "三", "四", "五")
ELDERS = ("梁婆婆", "黎伯", "冯婆婆", "谭伯", "区婆婆", "麦婆婆", "简伯", "邓婆婆", "何伯", "霍婆婆")
IN_SUMMER = re.compile("暴雨|台风|大雨|夏天|暑假|蚊")
SUMMER = range(4, 11)

BLOCK = re.compile(r"^\D{2,}?([A-D]?\d.*|[东西南北]\d.*|[一二三四五六七八九十]巷)$")
SPAN = re.compile(r"(\d+)–(\d+)")


class Case(NamedTuple):
    """One thing that happens in a category; braces are filled in by the `Speaker`."""

    where: str
    said: str
    done: str

    @property
    def is_of_summer(self) -> bool:
        return bool(IN_SUMMER.search(self.said))


def read_cases(text: str) -> dict[str, list[Case]]:
    """Cases by category code: after “#” the category, after “@” where, then what was seen, after “=” what was done."""
    cases: dict[str, list[Case]] = {}
    lines = text.split("\n")
    for position, line in enumerate(lines):
        if line.startswith("# "):
            current = cases.setdefault(line[2:], [])
        elif line.startswith("@ "):
            current.append(Case(line[2:], lines[position + 1], lines[position + 2].removeprefix("= ")))
    return cases


CASES: dict[str, list[Case]] = {}
for file in sorted((Path(__file__).parent / "cases").glob("*.txt")):
    CASES |= read_cases(file.read_text(encoding="utf-8"))


class Speaker:
    """Speaks of one incident: whatever is asked, it is the same case, floor and flat."""

    def __init__(self, chance: random.Random, category: str, *, group: str, month: int) -> None:
        cases = CASES[category]
        self.case = chance.choice([one for one in cases if month in SUMMER or not one.is_of_summer] or cases)
        floor = chance.randint(2, 8)
        self.slots = {
            "block": block_of(group, chance),
            "floor": f"{FLOORS[floor - 1]}楼",
            "above": f"{FLOORS[floor]}楼",
            "flat": f"{floor}0{chance.randint(1, 4)}房",
            "when": chance.choice(WHEN),
            "since": chance.choice(SINCE),
            "n": chance.choice(NUMBERS),
            "elder": chance.choice(ELDERS),
        }

    @property
    def where(self) -> str:
        return self.case.where.format(**self.slots)

    @property
    def said(self) -> str:
        return self.case.said.format(**self.slots)

    @property
    def done(self) -> str:
        return self.case.done.format(**self.slots)


def block_of(group: str, chance: random.Random) -> str:
    """One building of a building group, as people there call it: 13栋 of 岐山中路12–14栋楼栋小组."""
    found = BLOCK.match(group.removesuffix("楼栋小组"))
    block = found[1] if found else ""
    if span := SPAN.search(block):
        first, last = int(span[1]), int(span[2])
        step = 2 if block.endswith("号") else 1  # street numbers are odd on one side and even on the other
        block = block.replace(span[0], str(chance.randrange(first, last + 1, step)))
    return f"{block}{chance.randint(1, 12)}号" if block.endswith("巷") else block


TO_OPEN = ("", "", "", "已电话核实情况属实。", "与巡楼记录一致，立案处理。", "已到现场看过，情况属实。")
TO_DISPATCH = (
    "",
    "请今天内到现场看一看，先拍照。",
    "请按期限处理，有困难及时退回说明。",
    "住户比较着急，麻烦先电话联系一下。",
    "请联系物业一起处理，处理后拍照上传。",
    "老人家反映的，上门时请耐心一些。",
)
TO_WHISTLE = ("社区无执法权限，请贵办到场处置。", "超出社区处置能力，吹哨报到，请支持。", "请派员联合社区到现场核查。")
ON_TAKING = ("", "", "", "收到，马上去。", "已联系，下午上门。", "收到，约了师傅明天来。")
DECLINED = (
    "经现场核实，未发现所反映的情况。",
    "与前几天的一件为同一事项，已合并告知，不重复受理。",
    "属业主与物业合同约定的收费服务，已告知联系物业服务中心。",
    "不在本社区范围内，已引导向所在社区反映。",
    "正在法院诉讼中的纠纷，按规定不予受理，已做解释。",
)
HANDED_BACK = (
    "不在我负责的范围，请转给管这一片的同事。",
    "需要专业队伍带设备处理，我这边处理不了。",
    "到现场看过，属物业专有设备，请派给社区协调。",
)
HANDED_BACK_BY_DEPARTMENT = (
    "经现场核查，不涉及我办执法事项，建议由社区协调物业处理。",
    "权属不清，请社区先协助确认产权单位后再转来。",
)
KEPT = ("这一片一直由您负责，请先到现场看，需要支援再联系社区。", "权属已核实，属贵办职责，请按期处理。")
NEEDS_TIME = ("配件要从厂家调货，预计要多几天。", "住户出差未回，约好周末上门。", "要等施工队排期，已和物业敲定时间。")
NOT_SOLVED = ("过了两天又和原来一样，请再来看看。", "只处理了一半，另一处还没有弄。", "当时好了，昨晚又坏了。")
REOPENED = ("情况属实，重新派人处理。", "已电话核实，重新立案，请彻底处理。")
PASSED_ON = ("就在您楼下，麻烦就近跟进。", "我这几天在外培训，请您接手。")
PASSED_UP_TO_GRID = ("和住户谈了两次都不肯配合，请网格出面。", "涉及好几栋楼，楼里协调不了。")
PASSED_UP_TO_STREET = ("涉及多个部门，社区协调不了，请街道牵头。", "需要执法手段，请街道吹哨。")
TO_WHISTLE_BY_STREET = ("街道吹哨，请贵办牵头，三个工作日内到场。",)
SUSPENDED = ("等专业公司排期检测，暂时无法施工。", "业主回老家，约好下周开门查看。")
VOIDED = ("同一来电重复录入，以先录的一件为准。", "录错楼栋，已另行登记。")
LOOKED_AT = ("", "到现场看过，已经处理好。", "照片与现场一致。", "问过报事的街坊，属实。", "巡楼时顺便看了，没有问题。")
CLOSED = {
    "solved": ("", "", "核查属实，同意结案。", "已回复反映人，结案。", "处理到位，结案。"),
    "partly": ("公共部位已处理，户内部分由业主自行维修。", "先作临时处理，彻底整改已列入明年计划。"),
    "explained": ("属业主之间的约定，已向反映人解释清楚。", "不违反规定，已上门说明情况。"),
    "unsolved": ("产权单位已注销，暂时找不到责任主体，已向反映人说明。",),
}
SETTLED_CONFIRMED = ("", "照片清楚，确认。", "小事不出楼，辛苦了。", "现场看过，属实。")
RATED = {
    "satisfied": (
        "",
        "很快就处理好了，谢谢！",
        "态度好，效率高。",
        "打过电话没多久就来人了，满意。",
        "街坊都说好。",
        "辛苦网格员了。",
    ),
    "fairly": ("处理了，就是等得久了一点。", "基本解决，希望以后定期检查。", "还可以。", ""),
    "dissatisfied": ("过两天又这样了，没有根本解决。", "只处理了一半，希望再跟进。", "没有人和我说结果。"),
}
SENT_BACK = {
    "stairwell": ("转角里面还有一些没清完，请再跑一趟。", "晚上看还是不行，请再处理。"),
    "fire": ("第二天又出现了，请再上门一次并加强巡查。", "只处理了一处，另一处还在。"),
    "building": ("下雨又渗了，请师傅返工。", "修补的地方颜色没干就裂开，请重做。"),
    "utilities": ("住户说当晚又出问题，请彻底检查一次。", "现场没有恢复原状，路面还有泥沙。"),
    "lift": ("试用时还是松动，请重新固定。", "异响还在，请维保再查。"),
    "sanitation": ("角落里还剩一堆，请清理干净。", "味道还是很大，请再冲洗消毒。"),
    "green": ("只剪了一边，另一边还挡着。", "枝叶堆在路边没有运走。"),
    "traffic": ("早上去看又停满了，请再处理。", "坑补得不平，积水还在。"),
    "order": ("街坊反映这两晚又有，请再沟通一次。", "还没有落实，请继续跟进。"),
    "neighbours": ("其中一方说没有谈拢，请再约一次。", "承诺的维修还没有动工，请跟进。"),
    "care": ("家属说还没有人联系，请再上门一次。", "材料还差一份，请协助补齐。"),
    "other": ("反映人说没有收到答复，请再回复。", "还没有完成，请继续跟进。"),
}
