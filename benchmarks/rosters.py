"""Rosters of any size as committees keep them, and a database to bring them into."""

import itertools
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from grid.roster.importing.template import COLUMNS

SURNAMES = "陈李黄张梁何罗刘林吴郭周杨叶邓谢王曾朱冯"
GIVEN = "家生丽芳伟强建国志明敏婷国华海燕秀英永康少芬玉兰文杰晓东嘉欣子轩雨涵俊浩思琪"
HEADINGS = [column.heading for column in COLUMNS]
COMMUNITY = "440113106001"
FLATS = 24  # of a building group; with the households below, some sixty residents
BORN_FROM = date(1935, 1, 1)


def people(count: int) -> Iterator[list[str]]:
    """So many rows of the template: 7 grids, households of one to four, everybody with their numbers."""
    from portal.core.identity import check_digit

    chance = random.Random(count)  # noqa: S311 - makes up rows, not secrets
    number = itertools.count()
    for flat in itertools.count():
        group, in_group = divmod(flat, FLATS)
        grid, floor, side = group % 7 + 1, in_group // 2 + 1, in_group % 2 + 1
        for member in range(chance.choice((1, 2, 2, 3, 3, 4))):
            serial = next(number)
            if serial == count:
                return
            birth = BORN_FROM + timedelta(days=(serial * 7919) % 31_000)
            start = f"440113{birth:%Y%m%d}{serial // 31_000:02d}{serial % 10}"
            name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
            yield [
                f"第{grid}网格", f"第{group + 1}小组", "", f"{group + 1}栋", "", f"{floor}0{side}", "", "86.5", name,
                ("户主", "配偶", "子", "女")[member], "是" if member == 0 else "", "是" if member < 2 else "否", "",
                start + check_digit(start), "", f"13{serial:09d}", "是" if serial % 9 == 0 else "否", "户籍", "",
            ]  # fmt: skip


def write_xlsx(file: Path, count: int) -> None:
    """A roster as Excel keeps it, numbers as text."""
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, values in enumerate([HEADINGS, *people(count)]):
            for column, value in enumerate(values):
                if value:
                    sheet.write_string(row, column, value)


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database beside the others of the server; gone afterwards."""
    import django

    from portal import embedded

    os.environ["BENCH_DATABASE"] = f"bench_{os.getpid()}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    embedded.ensure_started()
    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db("postgres", verbosity=0)
        embedded.release()


def open_community():
    """大龙社区, empty."""
    from grid.places.models import Level, Place
    from grid.places.services import open_place

    parent = None
    for level, digits, name in (
        (Level.DISTRICT, 6, "番禺区"),
        (Level.STREET, 9, "石碁镇"),
        (Level.COMMUNITY, 12, "大龙社区"),
    ):
        found = Place.objects.filter(code=COMMUNITY[:digits]).first()
        parent = found or open_place(level=level, code=COMMUNITY[:digits], name=name, parent=parent, actor=None)
    return parent
