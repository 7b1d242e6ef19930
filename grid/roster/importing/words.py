"""What people write into the cells of a roster and what it means."""

from typing import TypeVar

T = TypeVar("T")


def words(text: str) -> frozenset[str]:
    """The words of a text, so that a list of words can be read."""
    return frozenset(text.split())


def meaning(what: T, text: str) -> dict[str, T]:
    return dict.fromkeys(text.split(), what)


# An empty cell, as people who fill every cell write it.
NOTHING = words(r"""- -- --- — —— – / // \ 、 . 。 * 无 暂无 没有 未知 不详 不清楚 未填 未登记 待补 待核
    n/a N/A NA null NULL None none nan NaN""")
EXCEL_ERRORS = words("#N/A #REF! #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC! #GETTING_DATA")

YES_NO = {
    **meaning(True, "是 有 对 √ ✓ ✔ ☑ v y yes true t 1 真 已 已动员 已参与 参与 参加 ok ● ★"),
    **meaning(False, "否 无 不 不是 没有 × ✗ ✘ ✕ ☒ x n no false f 0 假 未 未动员 未参与 不参与 不参加 没 非"),
}
REPRESENTS = {**YES_NO, **meaning(True, "户代表 代表 家庭代表")}
PARTY = {
    **YES_NO,
    **meaning(True, "党员 中共党员 中国共产党党员 共产党员 正式党员 预备党员 中共预备党员 中国共产党预备党员"),
    **meaning(
        False,
        """群众 普通群众 团员 共青团员 中国共产主义青年团团员 非党员 无党派 无党派人士 无党派民主人士 民主党派
        民革 民盟 民建 民进 农工党 致公党 九三学社 台盟 民革党员 民盟盟员 民建会员 民进会员 农工党党员 致公党党员
        九三学社社员 台盟盟员 少先队员 积极分子 入党积极分子""",
    ),
}
SEX = {  # GB/T 2261.1: 1 male, 2 female
    **meaning("male", "男 男性 男士 先生 m male man 1"),
    **meaning("female", "女 女性 女士 小姐 f female woman 2"),
}
OCCUPANCY = {
    **meaning(
        "registered",
        """户籍 户籍人口 户籍住户 本地户籍 户籍户 常住 常住人口 常住户 常住户籍 自住 自有 自有房 自有住房 业主 业主自住
        自购 产权人 在册 人户一致 人户合一 户在人在 本地 本地人口 本市户籍 户主自住 已入住 入住""",
    ),
    **meaning(
        "rented",
        """租住 租住户 租户 租客 租 出租 出租屋 出租房 已出租 租赁 承租 租房 租用 租住人口 流动 流动人口 外来 外来人口
        暂住 暂住人口 流动租住""",
    ),
    **meaning("vacant", "空置 空 空房 空户 空置房 空置户 空屋 空关 闲置 无人 无人居住 无人住 未入住 未住人 待售 待租"),
}
# In the place of a name: nobody lives here.
NOBODY = words("空置 空 空房 空户 空置房 空置户 空屋 空关 闲置 无人 无人居住 无人住 未入住 未住人 无住户")

TOTALS = words("合计 合计: 合计： 总计 总计: 总计： 小计 小计: 小计： 共计 累计 本页合计 本页小计 总数 总人数 总户数")
TOTALS |= {f"{first}{space}计" for first in "合总小共" for space in (" ", "　", "  ", "   ", "　　")}
# How the lines below and between the rows of a roster begin.
SIGNATURES = tuple(
    words("""填表 制表 审核 复核 审批 负责人 经办 填报 登记人 联系人 日期 时间 盖章 签名 签章 签字
    单位 社区书记 注: 注1 注意 说明 备注: 填写 统计人 录入 核对 采集 以上 以下空白 本表 打印 附: 附件""")
)
