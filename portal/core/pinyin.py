"""By which letters a Chinese name is sorted and found: 陈丽芳 is `chenlifang`, `clf`, and 丽芳 without the surname."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from pypinyin import Style, lazy_pinyin

from .search import HAN

# Surnames that are read otherwise than the character alone; 区 and 冼 are frequent around Guangzhou.
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "翟": "zhai", "覃": "qin", "查": "zha",
    "任": "ren", "朴": "piao", "盖": "ge", "华": "hua", "洗": "xian", "冼": "xian", "纪": "ji", "乐": "yue",
    "牟": "mu", "员": "yun", "缪": "miao", "繁": "po", "祭": "zhai", "尉": "wei", "召": "shao", "折": "she",
    "黑": "he", "卜": "bu", "褚": "chu", "种": "chong", "宓": "mi", "晁": "chao", "逄": "pang", "郗": "xi",
    "隗": "wei", "訾": "zi", "佴": "nai", "厍": "she", "哈": "ha", "都": "du", "幺": "yao", "句": "gou",
    "石": "shi", "沈": "shen", "燕": "yan", "葛": "ge", "车": "che", "重": "chong", "长": "zhang", "宿": "su",
    "秘": "bi", "撒": "sa", "应": "ying", "奇": "qi", "过": "guo", "令": "ling",
}  # fmt: skip
COMPOUND = {
    "欧阳": "ou yang", "司徒": "si tu", "司马": "si ma", "上官": "shang guan", "诸葛": "zhu ge", "夏侯": "xia hou",
    "皇甫": "huang fu", "尉迟": "yu chi", "公孙": "gong sun", "慕容": "mu rong", "令狐": "ling hu", "宇文": "yu wen",
    "长孙": "zhang sun", "司空": "si kong", "端木": "duan mu", "东方": "dong fang", "南宫": "nan gong", "独孤": "du gu",
    "澹台": "tan tai", "万俟": "mo qi", "淳于": "chun yu", "单于": "chan yu", "申屠": "shen tu", "轩辕": "xuan yuan",
    "钟离": "zhong li", "闻人": "wen ren", "赫连": "he lian", "呼延": "hu yan", "百里": "bai li", "西门": "xi men",
}  # fmt: skip
HAN_RANGES = tuple(zip(HAN[1::3], HAN[3::3], strict=True))
DOTS = "·•・‧∙⋅᛫"
BETWEEN_HAN = re.compile(f"(?<=[{HAN}]) (?=[{HAN}])")
LONGEST = 160
LONGEST_INITIALS = 40


class NameKeys(NamedTuple):
    """What a name is found by; all in small letters, the given name as it is written."""

    sort_key: str
    initials: str
    given_name: str


@lru_cache(maxsize=65_536)
def keys_of(name: str) -> NameKeys:
    """The keys of a name; one that is not Chinese is sorted as it is written and has its words' first letters."""
    if not name or not _is_han(name[0]):
        return _foreign(name)
    surname, read = _surname(name)
    given = name[len(surname) :]
    if "·" in name:  # 阿依古丽·买买提 has no surname: what stands behind the dot is searched for by itself
        surname, read, given = "", [], name
    syllables = [*read, *(typed for typed in map(_read, given) if typed)]
    return NameKeys(
        "".join(syllables)[:LONGEST],
        "".join(s[0] for s in syllables)[:LONGEST_INITIALS],
        given.partition("·")[2] or given,
    )


def written_name(text: str) -> str:
    """A name as it is kept: 陈 丽芳 without the space, one kind of dot in 买买提·艾力, one space in John Smith."""
    plain = "".join(
        "·" if char in DOTS else " " if unicodedata.category(char) in ("Zs", "Cc") else char
        for char in unicodedata.normalize("NFKC", text)
        if unicodedata.category(char) != "Cf"
    )
    plain = re.sub(f" *· *|(?<=[{HAN}])[.](?=[{HAN}])", "·", " ".join(plain.split()))
    return BETWEEN_HAN.sub("", plain)


def latin(text: str) -> str:
    """Letters as a reader types them, run together: `Chen Li-fang` is `chenlifang`."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ü", "v"))
    return "".join(char for char in plain if char.isascii() and char.isalnum())


def _surname(name: str) -> tuple[str, list[str]]:
    if len(name) > 2 and name[:2] in COMPOUND:
        return name[:2], COMPOUND[name[:2]].split()
    return name[0], [SURNAMES.get(name[0]) or _read(name[0])]


@lru_cache(maxsize=32_768)
def _read(char: str) -> str:
    """One character in pinyin without tones, ü as v; a letter is itself, and a mark is nothing."""
    return latin(lazy_pinyin(char, style=Style.NORMAL)[0])


def _foreign(name: str) -> NameKeys:
    words = [word for word in (latin(part) for part in name.replace("·", " ").split()) if word]
    return NameKeys("".join(words)[:LONGEST], "".join(word[0] for word in words)[:LONGEST_INITIALS], "")


def _is_han(char: str) -> bool:
    return char == HAN[0] or any(first <= char <= last for first, last in HAN_RANGES)
