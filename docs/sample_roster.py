"""A clerk's roster file: a title above, other names of columns, merged cells, a total below. Nobody in it exists."""

from io import BytesIO

import xlsxwriter

TITLE = "大龙社区岐山中路12–14栋居民情况登记表"
HEADINGS = "序号 网格 楼栋小组 楼号 单元 门牌号 姓名 关系 性别 身份证号码 联系电话 政治面貌 居住情况".split()  # noqa: SIM905
GRID, GROUP = "岐山中路第一网格", "岐山中路12–14栋楼栋小组"
# Building, unit, room, name, relation, sex, ID number, mobile, politics, residence; numbers that belong to nobody.
GOOD = (
    ("13栋", "1单元", "102", "郭锦添", "户主", "男", "449999195803120932", "154 0011 2201", "中共党员", "户籍"),
    ("13栋", "1单元", "102", "谭惠珍", "配偶", "女", "449999196007190942", "15400112202", "群众", "户籍"),
    ("13栋", "2单元", "502", "麦晓彤", "户主", "女", "449999199111030926", "15400112203", "群众", "租住"),
    ("14栋", "2单元", "302", "冼志鹏", "户主", "男", "449999198509250916", "１５４００１１２２０４", "群众", "租住"),
    ("14栋", "2单元", "302", "冼子涵", "女", "女", "449999201604110924", "", "", "租住"),
)
BAD = (
    ("14栋", "2单元", "502", "邓兆棠", "户主", "男", "449999194712050938", "15400112205", "群众", "户籍"),
    ("14栋", "2单元", "502", "霍秀兰", "配偶", "女", 449999195002180000.0, "15400112206", "群众", "户籍"),
    ("14栋", "2单元", "502", "邓永康", "子", "女", "449999197806150914", "1540011220", "团员", "户籍"),
)


def sample(*, with_errors: bool) -> bytes:
    """The file, with mistakes in it or without."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet, text = book.add_worksheet("居民登记"), book.add_format({"num_format": "@"})
    sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, TITLE)
    sheet.write(1, 0, "填表说明：一人一行，空置房只填房号")
    sheet.write_row(2, 0, HEADINGS)
    rows = GOOD + (BAD if with_errors else ())
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number + 2, 0, (number, GRID, GROUP, *row), text)
    sheet.write(len(rows) + 3, 0, "合计")
    sheet.write(len(rows) + 3, 6, f"{len(rows)}人")
    book.close()
    return buffer.getvalue()
