"""ID numbers: what they tell, and every way of being none."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from portal.core.identity import (
    CHECK_DIGITS,
    EARLIEST,
    IdNumber,
    Kind,
    check_digit,
    mask_id_number,
    normalised_id_number,
    parse_id_number,
)

TODAY = date(2023, 5, 31)
HOLDERS = st.builds(
    lambda start, birth, sequence: f"{start}{birth:%Y%m%d}{sequence:03}",
    st.sampled_from(["440511", "110105", "659004", "810000", "820000", "830000", "911156", "944840"]),
    st.dates(date(EARLIEST, 1, 1), TODAY),
    st.integers(0, 999),
)
NUMBERS = HOLDERS.map(lambda first17: first17 + check_digit(first17))


def code(text):
    with pytest.raises(ValidationError) as refusal:
        parse_id_number(text, TODAY)
    assert str(refusal.value.messages[0])
    return refusal.value.code


@pytest.mark.parametrize(
    ("number", "told"),
    [
        # The two examples of GB 11643-1999.
        ("11010519491231002X", IdNumber("11010519491231002X", date(1949, 12, 31), "female", Kind.RESIDENT)),
        ("440524188001010014", IdNumber("440524188001010014", date(1880, 1, 1), "male", Kind.RESIDENT)),
        ("810000199408230021", IdNumber("810000199408230021", date(1994, 8, 23), "female", Kind.PERMIT)),
        ("830000199201300022", IdNumber("830000199201300022", date(1992, 1, 30), "female", Kind.PERMIT)),
        ("911124198108030024", IdNumber("911124198108030024", date(1981, 8, 3), "female", Kind.FOREIGNER)),
    ],
)
def test_a_number_tells_birth_and_sex(number, told):
    assert parse_id_number(number) == told


@given(NUMBERS)
def test_every_number_so_made_is_one(number):
    told = parse_id_number(number, TODAY)

    assert told.number == number
    assert f"{told.birth:%Y%m%d}" == number[6:14]
    assert told.sex == ("male" if int(number[16]) % 2 else "female")


@given(NUMBERS, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_no_mistyped_character_goes_unnoticed(number, at, char):
    """MOD 11-2 finds every single wrong character (ISO 7064)."""
    if number[at] != char:
        code(number[:at] + char + number[at + 1 :])


@given(NUMBERS, st.integers(0, 16))
def test_nor_do_two_that_changed_places(number, at):
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if swapped != number:
        code(swapped)


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_refused_with_a_code(text):
    try:
        told = parse_id_number(text).number
    except ValidationError as refusal:
        told = refusal.code
    assert len(told) == 18 or told in {"scientific", "length", "characters", "region", "birth", "check_digit"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.40511E+17", "scientific"),
        ("4.40511195703081E17", "scientific"),
        ("440511570308123", "length"),
        ("", "length"),
        ("4405111957030812321", "length"),
        ("44051119570308123Y", "characters"),
        ("4405111957030812X2", "length"),
        ("990511195703081232", "region"),
        ("160511195703081232", "region"),
        ("440511195713081232", "birth"),
        ("440511195702301232", "birth"),
        ("440511202306011232", "birth"),
        ("440511187912311232", "birth"),
        ("440511195703081231", "check_digit"),
    ],
)
def test_what_is_none_is_refused_with_its_reason(text, expected):
    assert code(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "440511195703081232",
        "４４０５１１１９５７０３０８１２３２",
        "440511 19570308 1232",
        "440511-19570308-1232",
        "\u200b440511195703081232\n",
    ],
)
def test_what_people_paste_is_brought_into_form(text):
    assert normalised_id_number(text) == "440511195703081232"


@pytest.mark.parametrize("x", ["x", "X", "ｘ", "Ｘ", "Х"])
def test_every_x_is_an_x(x):
    assert normalised_id_number("11010519491231002" + x) == "11010519491231002X"


def test_all_eleven_check_digits_occur():
    assert {check_digit(f"4405111957030{n:04}") for n in range(200)} == set(CHECK_DIGITS)


def test_nobody_is_born_tomorrow(time_machine):
    time_machine.move_to("2023-05-31 23:00 +0800")
    first17 = "44051120230601123"

    with pytest.raises(ValidationError):
        parse_id_number(first17 + check_digit(first17))

    time_machine.move_to("2023-06-01 00:30 +0800")
    assert parse_id_number(first17 + check_digit(first17)).birth == date(2023, 6, 1)


@pytest.mark.parametrize(
    ("number", "masked"),
    [("440511195703081232", "440*************32"), ("44051119", "440***19"), ("4405", "****"), ("", "")],
)
def test_a_mask_shows_neither_birth_nor_the_whole(number, masked):
    assert mask_id_number(number) == masked
