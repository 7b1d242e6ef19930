"""Days off as the General Office of the State Council published them (部分节假日安排的通知), year by year.

A new year is added here when its notice is out; installations that have entered it themselves keep what they entered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from portal.core.refusals import Text

NAMES: dict[str, Text] = {
    "元旦": _("New Year's Day"),
    "春节": _("Spring Festival"),
    "清明节": _("Tomb-Sweeping Day"),
    "劳动节": _("Labour Day"),
    "端午节": _("Dragon Boat Festival"),
    "中秋节": _("Mid-Autumn Festival"),
    "国庆节": _("National Day"),
}


def in_words(name: str) -> str:
    """A holiday's name in the reader's language, where the law's own names are used; else as it was entered."""
    return "、".join(str(NAMES.get(part, part)) for part in name.split("、"))


@dataclass(frozen=True)
class Holiday:
    """One holiday: off from `first` to `last` inclusive, made up for by working on the weekend days `worked`."""

    name: str
    first: date
    last: date
    worked: tuple[date, ...] = ()

    def days(self) -> Iterator[tuple[date, bool]]:
        """Every day it changes or names, with whether people work on it."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset), False
        for day in self.worked:
            yield day, True


@dataclass(frozen=True)
class Arrangement:
    """The notice for one year; `source` is its document number (文号)."""

    year: int
    source: str
    holidays: tuple[Holiday, ...]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _holiday(name: str, first: str, last: str, *worked: str) -> Holiday:
    return Holiday(name, _day(first), _day(last), tuple(map(_day, worked)))


ARRANGEMENTS = (
    Arrangement(
        2021,
        "国办发明电〔2020〕27号",
        (
            _holiday("元旦", "2021-01-01", "2021-01-03"),
            _holiday("春节", "2021-02-11", "2021-02-17", "2021-02-07", "2021-02-20"),
            _holiday("清明节", "2021-04-03", "2021-04-05"),
            _holiday("劳动节", "2021-05-01", "2021-05-05", "2021-04-25", "2021-05-08"),
            _holiday("端午节", "2021-06-12", "2021-06-14"),
            _holiday("中秋节", "2021-09-19", "2021-09-21", "2021-09-18"),
            _holiday("国庆节", "2021-10-01", "2021-10-07", "2021-09-26", "2021-10-09"),
        ),
    ),
    Arrangement(
        2022,
        "国办发明电〔2021〕11号",
        (
            _holiday("元旦", "2022-01-01", "2022-01-03"),
            _holiday("春节", "2022-01-31", "2022-02-06", "2022-01-29", "2022-01-30"),
            _holiday("清明节", "2022-04-03", "2022-04-05", "2022-04-02"),
            _holiday("劳动节", "2022-04-30", "2022-05-04", "2022-04-24", "2022-05-07"),
            _holiday("端午节", "2022-06-03", "2022-06-05"),
            _holiday("中秋节", "2022-09-10", "2022-09-12"),
            _holiday("国庆节", "2022-10-01", "2022-10-07", "2022-10-08", "2022-10-09"),
        ),
    ),
    Arrangement(
        2023,
        "国办发明电〔2022〕16号",
        (
            _holiday("元旦", "2022-12-31", "2023-01-02"),
            _holiday("春节", "2023-01-21", "2023-01-27", "2023-01-28", "2023-01-29"),
            _holiday("清明节", "2023-04-05", "2023-04-05"),
            _holiday("劳动节", "2023-04-29", "2023-05-03", "2023-04-23", "2023-05-06"),
            _holiday("端午节", "2023-06-22", "2023-06-24", "2023-06-25"),
            _holiday("中秋节、国庆节", "2023-09-29", "2023-10-06", "2023-10-07", "2023-10-08"),
        ),
    ),
    Arrangement(
        2024,
        "国办发明电〔2023〕7号",
        (
            _holiday("元旦", "2024-01-01", "2024-01-01"),
            _holiday("春节", "2024-02-10", "2024-02-17", "2024-02-04", "2024-02-18"),
            _holiday("清明节", "2024-04-04", "2024-04-06", "2024-04-07"),
            _holiday("劳动节", "2024-05-01", "2024-05-05", "2024-04-28", "2024-05-11"),
            _holiday("端午节", "2024-06-10", "2024-06-10"),
            _holiday("中秋节", "2024-09-15", "2024-09-17", "2024-09-14"),
            _holiday("国庆节", "2024-10-01", "2024-10-07", "2024-09-29", "2024-10-12"),
        ),
    ),
    Arrangement(
        2025,
        "国办发明电〔2024〕12号",
        (
            _holiday("元旦", "2025-01-01", "2025-01-01"),
            _holiday("春节", "2025-01-28", "2025-02-04", "2025-01-26", "2025-02-08"),
            _holiday("清明节", "2025-04-04", "2025-04-06"),
            _holiday("劳动节", "2025-05-01", "2025-05-05", "2025-04-27"),
            _holiday("端午节", "2025-05-31", "2025-06-02"),
            _holiday("国庆节、中秋节", "2025-10-01", "2025-10-08", "2025-09-28", "2025-10-11"),
        ),
    ),
    Arrangement(
        2026,
        "国办发明电〔2025〕7号",
        (
            _holiday("元旦", "2026-01-01", "2026-01-03", "2026-01-04"),
            _holiday("春节", "2026-02-15", "2026-02-23", "2026-02-14", "2026-02-28"),
            _holiday("清明节", "2026-04-04", "2026-04-06"),
            _holiday("劳动节", "2026-05-01", "2026-05-05", "2026-05-09"),
            _holiday("端午节", "2026-06-19", "2026-06-21"),
            _holiday("中秋节", "2026-09-25", "2026-09-27"),
            _holiday("国庆节", "2026-10-01", "2026-10-07", "2026-09-20", "2026-10-10"),
        ),
    ),
)
