"""The columns of a roster: how the template names them and how other files do."""

from dataclasses import dataclass
from io import BytesIO

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .words import words

INDISPENSABLE = ("building", "room", "name")


@dataclass(frozen=True)
class Column:
    """One column of the template; `synonyms` are what committees' own files call it."""

    field: str
    heading: str
    synonyms: frozenset[str]
    explanation: str | Promise
    choices: tuple[str, ...] = ()
    width: int = 12
    as_text: bool = False  # Excel must not take it for a number or a date


YES_NO = ("是", "否")
COLUMNS: tuple[Column, ...] = (
    Column(
        "grid",
        "网格",
        words(
            """网格名称 网格名 所属网格 所在网格 网格编号 网格号 苑区 居民苑区 苑区网格 居民苑区网格 片区 所属片区"""
        ),
        _("The grid's name or number within the community."),
    ),
    Column(
        "group",
        "楼栋小组",
        words("""小组 楼组 楼栋组 楼长小组 楼栋小组名称 所属楼栋小组 所属小组 居民小组 楼小组 微网格 楼栋微网格"""),
        _("May be left out: then each building is a building group."),
        width=14,
    ),
    Column(
        "estate",
        "楼盘",
        words("""小区 小区名称 楼盘名称 所属小区 所在小区 住宅小区 物业小区 所属楼盘 小区名 楼盘小区 居住小区 院落"""),
        _("The housing estate the building belongs to."),
        width=16,
    ),
    Column(
        "building",
        "楼栋",
        words("""栋 幢 座 楼号 栋号 幢号 座号 楼栋号 楼幢 楼幢号 楼座 楼座号 栋别 楼宇 楼 几栋 几幢 楼栋名称 所在楼栋
            所属楼栋 房屋楼栋 栋座 栋幢 栋楼 楼房号 大楼 building"""),
        _("Required. As people call it: 3栋, A座."),
        as_text=True,
    ),
    Column(
        "unit",
        "单元",
        words("""单元号 单元名称 梯 梯号 梯位 门洞 所在单元 几单元 楼栋单元 楼门 unit"""),
        _("Left blank where the building has none."),
        as_text=True,
    ),
    Column(
        "room",
        "房号",
        words("""房间 房间号 房间号码 室 室号 房室 户号 门牌 门牌号 门牌号码 房屋号 房屋编号 户室 户室号 房室号 房号室
            住房号 单元房号 房屋门牌 房门号 室内号 房 套房号 铺位号 room"""),
        _("Required. 502, or 商铺3 for a shop."),
        as_text=True,
    ),
    Column(
        "floor",
        "楼层",
        words("""层 所在楼层 层号 楼层号 所在层 几楼 floor"""),
        _("Left blank, the room number tells it: 502 is on the fifth floor."),
    ),
    Column(
        "area_m2",
        "建筑面积",
        words(
            """面积 房屋面积 住房面积 建面 产权面积 房屋建筑面积 房产面积 住宅面积 套内建筑面积 平方 平方米 平米 m2"""
        ),
        _("In square metres."),
    ),
    Column(
        "name",
        "姓名",
        words("""居民姓名 名字 名称 住户姓名 成员姓名 家庭成员 家庭成员姓名 人员姓名 户主姓名 业主姓名 居民 住户 人员
            成员 姓名全称 中文姓名 住户名称 住户名字 居住人姓名 居住人 实际居住人 常住人口姓名 户籍人员 name"""),
        _("Required, except where the flat is vacant."),
    ),
    Column(
        "relation",
        "与户主关系",
        words("""关系 与户主的关系 户主关系 家庭关系 与户主之关系 与房主关系 与业主关系 成员关系 和户主关系 同户主关系
            与户主 与本户关系 与户代表关系 称谓 家庭成员关系"""),
        _("Head of household, spouse, son, daughter, parent …"),
        width=14,
    ),
    Column(
        "is_representative",
        "是否户代表",
        words("""户代表 是否为户代表 居民户代表 家庭代表 住户代表 居住户代表 是否居民代表 是户代表 户代表是否
            是否家庭代表"""),
        _("Yes or no; one person of each household at most."),
        YES_NO,
    ),
    Column(
        "is_mobilised",
        "是否参与动员",
        words("""参与动员 是否动员 动员 是否已动员 是否参加动员 已动员 动员情况 参与动员情况 是否被动员 参加动员
            是否动员群众"""),
        _("Yes or no. Representatives always take part."),
        YES_NO,
        width=14,
    ),
    Column(
        "sex",
        "性别",
        words("""男女 性別 男/女 性别 sex gender"""),
        _("Left blank, the ID number tells it."),
        ("男", "女"),
        8,
    ),
    Column(
        "id_number",
        "身份证号",
        words("""身份证 身份证号码 公民身份号码 公民身份证号码 公民身份证号 证件号 证件号码 身份号码 身份证件号码
            身份证件号 居民身份证 居民身份证号 居民身份证号码 身份证明号码 有效证件号码 身份证编号 二代身份证
            18位身份证号 证件编号 idcard idnumber idno"""),
        _("18 characters. The column is formatted as text: Excel ruins longer numbers."),
        width=22,
        as_text=True,
    ),
    Column(
        "birth",
        "出生日期",
        words("""出生年月日 出生年月 生日 出生 出生时间 生年月日 出生日 出生日子 诞生日期 birthday birth"""),
        _("Like 1957-03-08. Left blank, the ID number tells it."),
    ),
    Column(
        "mobile",
        "手机号",
        words("""手机 手机号码 联系电话 电话 电话号码 联系方式 联系手机 移动电话 本人电话 联络电话 联系号码 住户电话
            居民电话 手提电话 手机电话 联系人电话 常用电话 电话手机 手机/电话 电话/手机 本人手机 本人联系方式 mobile
            phone tel"""),
        _("A mobile number of 11 digits."),
        width=16,
        as_text=True,
    ),
    Column(
        "is_party_member",
        "是否党员",
        words("""党员 政治面貌 是否中共党员 中共党员 是否为党员 党员身份 政治身份 是否共产党员 面貌"""),
        _("Yes or no; a column 政治面貌 is understood too."),
        YES_NO,
    ),
    Column(
        "occupancy",
        "居住类别",
        words("""居住类型 居住性质 居住情况 居住状态 居住状况 房屋状态 房屋使用情况 房屋使用状态 人口类别 人口类型
            人口性质 人员类别 人员类型 人员性质 居民类别 居民类型 住户类型 住户类别 住户性质 户籍/租住
            户籍/租住/空置 自住/出租 居住方式 入住情况"""),
        _("Registered residence, rented or vacant."),
        ("户籍", "租住", "空置"),
    ),
    Column(
        "remark",
        "备注",
        words("""备注说明 说明 附注 其他 备注信息 注 其它 情况说明 备注栏 remark note"""),
        _("Up to 200 characters."),
        width=24,
    ),
)
FIELDS: tuple[str, ...] = tuple(column.field for column in COLUMNS)
BY_FIELD: dict[str, Column] = {column.field: column for column in COLUMNS}
EXAMPLE = (
    "第1网格", "3栋小组", "龙基花园", "3栋", "2单元", "502", 5, 89.5, "陈家生", "户主", "是", "是", "男",
    "449999195703081235", "1957-03-08", "13800138000", "否", "户籍", "",
)  # fmt: skip


def template_workbook() -> bytes:
    """An empty roster to fill in, with lists to choose from; a second sheet explains each column by example."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        bold = book.add_format({"bold": True, "bg_color": "#f0f3f7", "border": 1, "text_wrap": True, "valign": "top"})
        needed = book.add_format({"bold": True, "bg_color": "#fdecea", "border": 1, "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        roster = book.add_worksheet(gettext("Roster"))
        explained = book.add_worksheet(gettext("How to fill it in"))
        for index, column in enumerate(COLUMNS):
            head = needed if column.field in INDISPENSABLE else bold
            roster.set_column(index, index, column.width, text if column.as_text else None)
            roster.write_string(0, index, column.heading, head)
            if column.choices:
                roster.data_validation(1, index, 20_000, index, {"validate": "list", "source": list(column.choices)})
            explained.write_string(index + 1, 0, column.heading, head)
            explained.write_string(index + 1, 1, str(column.explanation), wrapped)
            explained.write_string(index + 1, 2, str(EXAMPLE[index]), wrapped)
            explained.write_string(index + 1, 3, " / ".join(column.choices), wrapped)
        for index, heading in enumerate(
            (gettext("Column"), gettext("What to enter"), gettext("Example"), gettext("Choices"))
        ):
            explained.write_string(0, index, heading, bold)
        explained.set_column(0, 0, 16)
        explained.set_column(1, 1, 60)
        explained.set_column(2, 3, 24)
        roster.freeze_panes(1, 0)
    return buffer.getvalue()
