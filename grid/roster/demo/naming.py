"""Invented people: names of their generation, ID numbers and mobile numbers that belong to nobody."""

import random
from collections import Counter
from datetime import date

from grid.places.demo.names import ELDER_MEN, ELDER_WOMEN, SURNAMES, YOUNGER_MEN, YOUNGER_WOMEN, entries, mobile
from grid.roster.models import Resident
from portal.core.identity import check_digit

MALE, FEMALE = Resident.Sex.MALE, Resident.Sex.FEMALE
NOBODYS_DIVISION = "449999"  # GB/T 2260 has never had it: no ID number begins like this
FIRST_MOBILE = 10_000_000  # below this are the accounts and the callers of the demonstration

# People come from elsewhere, too: surnames that are rare around Guangzhou.
ELSEWHERE = "王张刘杨赵周孙马宋覃韦龚向田石翟单解查易贺武段侯邵孟秦尹薛雷白常贾龙汪夏"

# First and second characters of given names by sex and the last year of birth for which they are usual.
CHARACTERS = (
    (1956, FEMALE, "丽秀玉桂淑惠凤月少翠瑞素佩碧群转润艳婉杏柳银兰顺带", "芳英珍兰华娥仪贞莲芬霞玲云好娟梅娣环琼菊"),
    (1956, MALE, "炳锦耀柏树汉绍日金兆广沛福锡启润炽庆德应继仲", "坤添荣林权根明基昌水棠霖成洪华标森祥雄尧良文泉柏"),
    (1979, FEMALE, "丽惠美少慧洁燕彩锦雪红建国文雅海小晓秋春伟志", "芳玲华珍仪霞娟琼芬梅英红燕萍群平云媚珊"),
    (1979, MALE, "伟志国建永文卫俊健锦耀振家少小晓海汉广新", "强明华雄东忠康军辉文斌平波勇荣杰新民峰良"),
    (2003, FEMALE, "晓嘉雅思洁倩诗静佩海颖巧舒丹绮淑美秋梓慧咏婉敏", "彤欣雯敏仪文韵君珊燕怡玲婷妮静琪晴琳诗莹妍"),
    (2003, MALE, "俊嘉伟健志子家永浩文晓梓启展炜国锐泽冠宇铭", "杰豪文鹏健乐坚然轩峰航勇坤栋彬楷恒华明辉聪"),
    (9999, FEMALE, "梓子欣雨诗思语若芷心可晴昕悦一沐", "涵萱彤妍悦晴怡琪桐瑶恩然昕玥"),
    (9999, MALE, "梓子浩宇俊奕睿铭沐一晨煜皓嘉泽承", "轩涵宇睿泽辰洋霖航熙阳铭然"),
)  # fmt: skip
WOMEN = {row.split()[0] for pool in (ELDER_WOMEN, YOUNGER_WOMEN) for row in entries(pool)}
ELDERS = {row.split()[0] for pool in (ELDER_WOMEN, ELDER_MEN) for row in entries(pool)}
YOUNGER = {row.split()[0] for pool in (YOUNGER_WOMEN, YOUNGER_MEN) for row in entries(pool)}


class Namer:
    """Gives names; families find together by their surnames."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        rows = [row.split() for row in entries(SURNAMES)]
        self.surnames = [surname for _often, surname, _typed in rows]
        self.weights = [int(often) for often, _surname, _typed in rows]

    def surname(self, *, from_elsewhere: float = 0.0) -> str:
        """A surname as frequent as around Guangzhou, or with some probability one from elsewhere."""
        if self.chance.random() < from_elsewhere:
            return self.chance.choice(ELSEWHERE)
        return self.chance.choices(self.surnames, self.weights)[0]

    def given(self, sex: str, birth: date) -> str:
        """A given name usual for somebody born then; in between, one character was the fashion."""
        first, second = next(
            (first, second) for until, of, first, second in CHARACTERS if of == sex and birth.year <= until
        )
        if 1962 <= birth.year <= 1998 and self.chance.random() < 0.2:
            return self.chance.choice(second)
        return self.chance.choice(first) + self.chance.choice(second)


class Numbers:
    """Hands out numbers, each once: whoever has one, has it alone."""

    def __init__(self) -> None:
        self.born: Counter[tuple[date, str]] = Counter()
        self.mobiles = FIRST_MOBILE

    def id_number(self, birth: date, sex: str) -> str:
        """Valid by its check digit, of a division that was never assigned."""
        self.born[birth, sex] += 1
        sequence = 2 * self.born[birth, sex] + (sex == MALE)
        first = f"{NOBODYS_DIVISION}{birth:%Y%m%d}{sequence:03d}"
        return first + check_digit(first)

    def mobile(self) -> str:
        """Of a range that no operator has been given."""
        self.mobiles += 1
        return mobile(self.mobiles)


def surname_of(full: str) -> str:
    """The surname of one of the accounts of the demonstration."""
    return next(full[:length] for length in (2, 1) if full[:length] in _surnames())


def sex_of(full: str) -> str:
    """Whether the name of one of the accounts is a woman's or a man's."""
    return FEMALE if full.removeprefix(surname_of(full)) in WOMEN else MALE


def is_elder_name(full: str) -> bool:
    """Whether one of the accounts has a name of the older generation."""
    given = full.removeprefix(surname_of(full))
    return given in ELDERS and given not in YOUNGER


def _surnames() -> set[str]:
    return {row.split()[1] for row in entries(SURNAMES)}
