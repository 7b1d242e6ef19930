"""Which column of a file holds what: the header row found, its headings understood, the user's corrections kept."""

import re
import unicodedata
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from .template import BY_FIELD, COLUMNS, FIELDS, INDISPENSABLE
from .words import words

HEADER_WITHIN = 30  # rows; further down nobody begins a table
LONGEST_HEADING = 24  # characters; a longer text is a remark
FEWEST = 2  # recognised headings that make a row the header
REMEMBERED, EXACT, LIKELY, CHOSEN = "remembered", "exact", "likely", "chosen"
ORDER = {CHOSEN: 0, REMEMBERED: 1, EXACT: 2, LIKELY: 3}
IGNORED = frozenset({"序号", "编号", "序", "no", "no.", "行号", "问题", "problems"})
# Headings that hold a known word and mean something else.
OTHERS = words("""拼音 曾用 紧急 监护 签名 签字 开户 网格员 网格长 楼长 栋长 组长 房东 负责人 填表 采集 登记人 出租人
    户主身份 配偶 工作 地址 户籍地 籍贯 年龄 民族 学历 文化 婚姻 职业 单位 人数 户数 时间 固定电话 座机 固话 微信 qq
    邮箱 车牌 产权证 有效期 照片 复印 类型 入党 所在支部 党组织 党支部""")
AROUND = re.compile(r"[\s*＊:：、,，.。·_\-]+")
IN_BRACKETS = re.compile(r"[(\[【〔{<《].*?[)\]】〕}>》]")


class HasHead(Protocol):
    """What of a sheet is looked at: its first rows, numbered as Excel numbers them."""

    @property
    def head(self) -> Sequence[tuple[int, Sequence[Any]]]: ...


def heading_key(text: Any) -> str:
    """A heading without spaces, marks, and what stands in brackets: `手 机 号*（必填）` is `手机号`."""
    plain = unicodedata.normalize("NFKC", text).lower() if isinstance(text, str) else ""
    return AROUND.sub("", IN_BRACKETS.sub("", plain)) or AROUND.sub("", plain)


WORDS: dict[str, str] = {
    heading_key(word): column.field for column in COLUMNS for word in (column.heading, *column.synonyms)
}
TOO_BROAD = words("名称 说明 其他 其它 人员 成员 居民 住户 房间 关系 出生 动员 小组 平方 面貌")
QUESTIONS = ("是否", "有无")
# Looked for inside a heading, the longest first; a single character would be found everywhere.
INSIDE = sorted((word for word in {*WORDS} - TOO_BROAD if len(word) > 1 and not word.isascii()), key=len, reverse=True)


def field_of(heading: str, remembered: Map[str, str]) -> tuple[str, str]:
    """The field a heading means and how sure that is; two empty texts when nobody knows."""
    key = heading_key(heading)
    if not key or key in IGNORED or len(key) > LONGEST_HEADING:
        return "", ""
    if key in remembered:
        return remembered[key], REMEMBERED
    if key in WORDS:
        return WORDS[key], EXACT
    if not any(word in key for word in OTHERS):
        asks = key.startswith(QUESTIONS)
        for word in INSIDE:
            if word in key and asks == WORDS[word].startswith("is_"):
                return WORDS[word], LIKELY
    return "", ""


@dataclass(frozen=True)
class Mapping:
    """Which column (counted from 0) holds which field, what of that is doubtful, and what is missing."""

    header: int  # number of the last header row, 0 when none was found
    headings: list[str]
    columns: dict[str, int]
    confidence: dict[str, str]
    unknown: list[int] = field(default_factory=list)  # columns whose heading nobody knows
    doubles: dict[str, list[int]] = field(default_factory=dict)  # fields with more than one candidate

    @property
    def missing(self) -> list[str]:
        """Indispensable fields without a column."""
        return [name for name in INDISPENSABLE if name not in self.columns]

    def corrected(self, chosen: Map[str, int | None]) -> "Mapping":
        """With the user's word over the guess: a field's column, or None to leave the field out.

        A column belongs to one field: whoever is given it takes it from the guess. Raises ValueError for a field or
        column there is not, or a column given twice.
        """
        given = [index for index in chosen.values() if index is not None]
        if len(set(given)) != len(given) or not set(chosen) <= set(FIELDS):
            raise ValueError("a field there is not, or a column given twice")
        if any(isinstance(index, bool) or not 0 <= index < len(self.headings) for index in given):
            raise ValueError("a column there is not")
        columns = {name: at for name, at in self.columns.items() if name not in chosen and at not in given}
        confidence = {name: self.confidence[name] for name in columns}
        for name, index in chosen.items():
            if index is not None:
                columns[name], confidence[name] = index, CHOSEN
        used = set(columns.values())
        return replace(
            self,
            columns={name: columns[name] for name in FIELDS if name in columns},
            confidence=confidence,
            unknown=[at for at, text in enumerate(self.headings) if at not in used and _is_telling(text)],
            doubles={name: at for name, at in self.doubles.items() if name not in chosen and name in columns},
        )

    def memory(self) -> dict[str, str]:
        """What to remember of this for the community's next file: headings that their own words do not tell."""
        return {
            heading_key(self.headings[index]): name
            for name, index in self.columns.items()
            if heading_key(self.headings[index]) and self.confidence[name] in (CHOSEN, REMEMBERED)
        }

    def as_dict(self) -> dict[str, Any]:
        """As JSON can keep it; headings only, nothing of the rows."""
        return {
            "header": self.header,
            "headings": self.headings,
            "columns": self.columns,
            "confidence": self.confidence,
            "unknown": self.unknown,
            "doubles": self.doubles,
        }

    @classmethod
    def from_dict(cls, stored: Map[str, Any]) -> "Mapping":
        return cls(**stored)


def guess(sheet: HasHead, remembered: Map[str, str] | None = None) -> Mapping:
    """The header row below titles and remarks and what its headings mean; `remembered` is what `memory` gave before.

    A file in which no header is found has no columns and its first row as headings, for the user to choose from.
    """
    known = {heading_key(text): name for text, name in (remembered or {}).items() if name in FIELDS}
    rows = list(sheet.head)[:HEADER_WITHIN]
    best: tuple[int, int, list[str]] = (0, 0, [])
    for position, (number, values) in enumerate(rows):
        texts = _texts(values)
        best = max(best, (_score(texts, known), -number, texts), key=lambda found: found[:2])
        if position + 1 < len(rows):
            below, under = rows[position + 1][0], _texts(rows[position + 1][1])
            if _score(under, known) >= 1 and _is_heading_row(under, known):
                both = _stacked(texts, under, known)
                if _score(both, known) > max(_score(texts, known), _score(under, known)):
                    best = max(best, (_score(both, known), -below, both), key=lambda found: found[:2])
    score, number, texts = best
    if score < FEWEST:
        first = next((_texts(values) for _number, values in rows if any(_texts(values))), [])
        return Mapping(0, first, {}, {}, unknown=[at for at, text in enumerate(first) if text])
    return _understood(-number, texts, known)


def is_header(sheet: HasHead) -> bool:
    """Whether the first rows of a sheet hold a header of a roster: a name and something of an address or a number."""
    columns = guess(sheet).columns
    return "name" in columns and not columns.keys().isdisjoint({"room", "building", "id_number", "mobile"})


def _understood(number: int, texts: list[str], known: Map[str, str]) -> Mapping:
    candidates: dict[str, list[tuple[int, int, str]]] = {}
    for index, text in enumerate(texts):
        name, confidence = field_of(text, known)
        if name:
            rank = ORDER[confidence] * 2 + (heading_key(text) != heading_key(BY_FIELD[name].heading))
            candidates.setdefault(name, []).append((rank, index, confidence))
    columns, sure, doubles = {}, {}, {}
    for name in FIELDS:
        if found := sorted(candidates.get(name, [])):
            # A column that only resembles the heading is no rival to one that is called by it.
            rivals = [index for rank, index, _how in found if rank == found[0][0]]
            columns[name], sure[name] = found[0][1], found[0][2]
            if len(rivals) > 1:
                doubles[name] = rivals
    used = set(columns.values())
    unknown = [at for at, text in enumerate(texts) if at not in used and _is_telling(text)]
    return Mapping(number, texts, columns, sure, unknown, doubles)


def _is_telling(heading: str) -> bool:
    return bool(heading) and heading_key(heading) not in IGNORED


def _texts(values: Sequence[Any]) -> list[str]:
    return [" ".join(value.split()) if isinstance(value, str) else "" for value in values]


def _score(texts: Sequence[str], known: Map[str, str]) -> int:
    """How many different fields a row names; a heading that only resembles one counts half."""
    found: dict[str, int] = {}
    for text in texts:
        if text:
            name, confidence = field_of(text, known)
            if name:
                found[name] = max(found.get(name, 0), 1 if confidence == LIKELY else 2)
    return sum(found.values()) // 2 if len(found) > 1 else 0


def _is_heading_row(texts: Sequence[str], known: Map[str, str]) -> bool:
    """Whether every text of a row is a heading: below a header stand its own second line, or the first person."""
    filled = [text for text in texts if text]
    return bool(filled) and all(heading_key(text) in known or heading_key(text) in WORDS for text in filled)


def _stacked(above: list[str], below: list[str], known: Map[str, str]) -> list[str]:
    """Two header rows as one: the lower heading where it says something, else the upper one."""
    width = max(len(above), len(below))
    above, below = above + [""] * (width - len(above)), below + [""] * (width - len(below))
    return [low if low and field_of(low, known)[0] else high or low for high, low in zip(above, below, strict=True)]
