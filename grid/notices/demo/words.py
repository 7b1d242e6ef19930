"""What the street, the communities and the grids had to tell: a letter a row, the months it belongs to, and to whom."""

from typing import NamedTuple

from grid.notices.models import Audience

EVERYONE, LEADERS, GRIDS = Audience.EVERYONE, Audience.LEADERS, Audience.GRID_LEADERS
REPRESENTATIVES, RESIDENTS, COMMITTEES = Audience.REPRESENTATIVES, Audience.RESIDENTS, Audience.COMMITTEES


class Letter(NamedTuple):
    """A text; `days` until an answer is wanted (0: none)."""

    title: str
    body: str
    audience: str
    days: int = 0
    urgent: bool = False


STREET = (
    Letter(
        "关于报送上半年群防群治情况的通知",
        "各社区居委会：\n请于规定日期前把上半年群防群治情况报街道综合治理办，"
        "内容包括队伍、巡查、宣传三部分，数字以平台统计为准，不另填表。",
        COMMITTEES,
        10,
    ),
    Letter(
        "台风防御工作提示",
        "各社区、各网格、各楼长：\n气象部门预计今明两天有大风和强降雨。请通知住户收好阳台和窗台的花盆、晾衣架，不要在大树和广告牌下停留。\n"
        "低洼楼栋请提前把车辆移到高处。遇险先打 119，再报居委会值班电话。",
        EVERYONE,
        2,
        True,
    ),
    Letter(
        "电动自行车违规充电专项整治",
        "各楼长：\n本月起全街道开展电动自行车进楼入户、飞线充电专项整治。请每周至少巡楼一次，发现问题随手上报，劝导不听的由社区联系执法办。",
        LEADERS,
        14,
    ),
    Letter(
        "网格长业务培训安排",
        "各网格长：\n培训在街道二楼会议室举行，上午九点开始，内容是事件分级处置和上门走访。请带手机，现场操作。因事不能参加的请提前向社区请假。",
        GRIDS,
        7,
    ),
)
COMMUNITY = (
    Letter(
        "高龄津贴年度认证",
        "请各楼长逐户告知：年满 70 周岁、已领取高龄津贴的老人，请在规定日期前带身份证到居委会，或用手机人脸认证。\n"
        "行动不便的老人，居委会安排人员上门办理，请楼长把门牌号报给李敏。",
        REPRESENTATIVES,
        12,
    ),
    Letter(
        "停水通知",
        "因供水管道抢修，明天上午 8 时至下午 6 时停水。请提前储水，检查家中水龙头是否关好。"
        "恢复供水后先放水几分钟再使用。",
        RESIDENTS,
        2,
        True,
    ),
    Letter(
        "楼长例会",
        "本月楼长例会在居委会一楼议事厅召开，晚上七点半开始。请带上本月巡楼发现的问题，重点说一说楼道堆物和高空抛物。",
        LEADERS,
        6,
    ),
    Letter(
        "灭蚊消杀和清理积水",
        "本周末社区统一做灭蚊消杀。请住户翻盆倒罐，清理阳台、天台积水，消杀时关好门窗，看管好小孩和宠物。",
        RESIDENTS,
        5,
    ),
    Letter(
        "城乡居民医保开始缴费",
        "下一年度城乡居民医保已开始缴费，可以在手机上办，也可以到居委会办。低保、特困、重度残疾人员由政府资助，不用自己缴。",
        REPRESENTATIVES,
        20,
    ),
    Letter(
        "消防演练",
        "周六上午十点在岐山中路小区广场举行消防演练，教大家用灭火器和逃生。请楼长组织本楼住户参加，每楼不少于五人。",
        LEADERS,
        8,
    ),
    Letter(
        "防范电信网络诈骗",
        "近日有人冒充社区工作人员打电话，要求转账办理养老认证。居委会不会打电话要钱、要验证码。请提醒家里的老人，有疑问先打居委会电话。",
        REPRESENTATIVES,
        10,
        True,
    ),
    Letter(
        "加装电梯意愿摸底",
        "请楼长了解本楼住户对加装电梯的想法：同意、不同意、还要再想想，都请如实记下，不替住户作主。结果报网格长汇总。",
        LEADERS,
        15,
    ),
    Letter(
        "国庆期间值班安排",
        "节日期间居委会照常值班，上午八点半到下午五点半。请网格长、楼长各安排一次巡楼，发现火灾、燃气隐患立即应急上报。",
        EVERYONE,
    ),
    Letter(
        "垃圾分类投放点调整",
        "自下月起，富怡苑东门的垃圾投放点移到南门，投放时间是早七点到九点、晚六点到九点。大件垃圾请先打物业电话预约。",
        EVERYONE,
    ),
)
GRID = (
    Letter("请各楼补报空置房", "请各楼长核对本楼空置房，有变化的在平台上改好。三天内完成。", LEADERS, 3),
    Letter(
        "楼道清理日",
        "本周日上午清理楼道堆物，物业派车收大件。请逐户告知，要留的东西请收回家里，没有人认领的统一清走。",
        RESIDENTS,
        4,
    ),
    Letter("天台门检查", "连日下雨，请检查天台门和排水口，堵了的随手上报。", LEADERS, 2),
)
WRONG = Letter(
    "义诊活动时间",
    "周三上午九点，社区卫生服务中心在大龙公园义诊，量血压、测血糖，不收费。请告诉本楼的老人。",
    LEADERS,
)
RIGHT = (
    "周四上午九点，社区卫生服务中心在大龙公园义诊，量血压、测血糖，不收费。请告诉本楼的老人。前一份通知的日期写错了。"
)
