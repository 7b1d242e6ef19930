"""Chinese text is found by any part of it, and nothing that is typed can be a command."""

import pytest
from django.contrib.contenttypes.models import ContentType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core import search

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
RARE = st.sampled_from("〇㐀䶵豈龎𠮷𨭎𪚥𰀀")
LATIN = st.sampled_from("abcXYZ019ａＢ３")
OTHER = st.sampled_from(" ，。'\"&|!():*\\<>-_%\n\t、·")
CHARACTERS = HAN | HAN | HAN | RARE | LATIN | OTHER
quick = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
pytestmark = pytest.mark.django_db


def finds(asked: str, text: str) -> bool:
    """Whether somebody who asks for this finds that text, as the database sees it."""
    wanted = search.query(asked)
    assert wanted is not None
    return ContentType.objects.annotate(stored=search.vector(text)).filter(stored=wanted)[:1].exists()


@quick
@given(st.text(HAN | RARE, min_size=2, max_size=30), st.data())
def test_any_part_of_two_characters_and_more_finds_the_text(text, data):
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))

    assert finds(text[start:end], text)


@quick
@given(st.text(CHARACTERS, max_size=20), st.text(HAN | RARE, min_size=1, max_size=6), st.text(CHARACTERS, max_size=20))
def test_it_is_found_among_letters_digits_and_signs(before, wanted, after):
    assert finds(wanted, before + wanted + after)


@quick
@given(st.text(CHARACTERS, min_size=1, max_size=40))
def test_a_text_finds_itself_unless_there_is_nothing_to_look_for(text):
    assert search.query(text) is None or finds(text, text)


@quick
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_nothing_that_is_typed_breaks_the_query(typed):
    assert search.query(typed) is None or finds(typed, "岐山中路三楼楼道堆满纸箱") in (True, False)


@pytest.mark.parametrize("single", ["楼", "〇", "𠮷"])
def test_a_single_character_finds_too(single):
    assert finds(single, f"大龙社区{single}道")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("路灯", "楼道路面有灯"),
        ("灯路", "路灯"),
        ("b栋", "a栋"),
        ("13", "130栋"),
        ("漏水 电梯", "三楼漏水"),
        ("!路灯", "没有灯"),
        ("路灯 | 电梯", "电梯"),
    ],
)
def test_what_is_not_there_is_not_found(asked, text):
    assert not finds(asked, text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("LED", "换了led灯"),
        ("３栋", "在3栋门口"),
        ("ｃ座", "C座一楼"),
        ("三楼 纸箱", "纸箱堆在三楼"),
        ("'; DROP TABLE", "table 和 drop"),
        ("楼道':*", "楼道"),
    ],
)
def test_capitals_width_order_and_signs_do_not_matter(asked, text):
    assert finds(asked, text)


@pytest.mark.parametrize("nothing", ["", "  ", "!&|", "'';--", "，。", "🏠"])
def test_where_there_is_nothing_to_look_for_there_is_no_query(nothing):
    assert search.query(nothing) is None


def test_tokens_are_pairs_of_chinese_and_whole_latin_words():
    assert search.tokens("3号楼LED灯，3号楼") == ["3", "号楼", "led", "灯"]
