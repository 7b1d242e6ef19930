"""Names by which people are sorted and found, and how a name is written."""

import pytest

from portal.core.pinyin import LONGEST, LONGEST_INITIALS, NameKeys, keys_of, latin, written_name


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("陈丽芳", ("chenlifang", "clf", "丽芳")),
        ("陈伟", ("chenwei", "cw", "伟")),
        ("陈", ("chen", "c", "")),
        ("欧阳锋", ("ouyangfeng", "oyf", "锋")),
        ("司徒美堂", ("situmeitang", "stmt", "美堂")),
        ("诸葛亮", ("zhugeliang", "zgl", "亮")),
        ("吕布", ("lvbu", "lb", "布")),
        ("阿依古丽·买买提", ("ayigulimaimaiti", "ayglmmt", "买买提")),
        ("单·巴特尔", ("danbateer", "dbte", "巴特尔")),
        ("John Smith", ("johnsmith", "js", "")),
        ("Zoë O'Neil", ("zoeoneil", "zo", "")),
        ("", ("", "", "")),
    ],
)
def test_a_name_has_its_keys(name, keys):
    assert keys_of(name) == NameKeys(*keys)


@pytest.mark.parametrize(
    ("surname", "read"),
    [
        ("单", "shan"), ("曾", "zeng"), ("解", "xie"), ("仇", "qiu"), ("区", "ou"), ("查", "zha"), ("任", "ren"),
        ("冼", "xian"), ("朴", "piao"), ("盖", "ge"), ("华", "hua"), ("纪", "ji"), ("乐", "yue"), ("翟", "zhai"),
        ("覃", "qin"), ("缪", "miao"), ("尹", "yin"), ("沈", "shen"), ("石", "shi"), ("车", "che"), ("卜", "bu"),
    ],
)  # fmt: skip
def test_a_surname_is_read_as_a_surname(surname, read):
    assert keys_of(f"{surname}小红").sort_key == f"{read}xiaohong"


@pytest.mark.parametrize(
    ("name", "read"), [("尉迟恭", "yuchigong"), ("尉明", "weiming"), ("单于明", "chanyuming"), ("万俟卨", "moqixie")]
)
def test_a_compound_surname_is_read_whole(name, read):
    assert keys_of(name).sort_key == read


@pytest.mark.parametrize(("name", "read"), [("王曾", "wangceng"), ("李重", "lizhong"), ("陈任", "chenren")])
def test_the_same_character_in_a_given_name_is_read_as_usual(name, read):
    assert keys_of(name).sort_key == read


def test_keys_fit_their_columns():
    long = keys_of("陈" * 60)

    assert (len(long.sort_key), len(long.initials)) == (LONGEST, LONGEST_INITIALS)


@pytest.mark.parametrize(
    ("typed", "letters"), [("Chen Li-fang", "chenlifang"), ("ＬＶ", "lv"), ("lü", "lv"), ("é 3", "e3"), ("陈", "")]
)
def test_letters_are_run_together(typed, letters):
    assert latin(typed) == letters


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("陈 丽　芳", "陈丽芳"),
        ("  陈丽芳\u200b ", "陈丽芳"),
        ("陈\t丽芳\n", "陈丽芳"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提 ・ 艾力", "买买提·艾力"),
        ("买买提．艾力", "买买提·艾力"),
        ("John   Smith", "John Smith"),
        ("J. Smith", "J. Smith"),
        ("Ｊｏｈｎ", "John"),
        ("   ", ""),
    ],
)
def test_a_name_is_written_in_one_way(typed, name):
    assert written_name(typed) == name
    assert written_name(name) == name
