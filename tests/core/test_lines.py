"""What somebody pastes into a field of one line."""

import pytest
from django import forms

from portal.core.lines import LineField, one_line


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("停水通知", "停水通知"),
        ("  停水\r\nBcc: x@example.org\u2028今晚  ", "停水 Bcc: x@example.org 今晚"),
        ("停\x00水\u202e\u200b通知", "停水通知"),
        ("\n\t ", ""),
    ],
)
def test_it_becomes_one_line_without_what_nobody_sees(pasted: str, kept: str) -> None:
    assert one_line(pasted) == kept


def test_a_field_of_nothing_but_line_breaks_is_empty() -> None:
    class Form(forms.Form):
        title = LineField(max_length=4)

    assert Form({"title": "\r\n\u200b"}).errors["title"].data[0].code == "required"
    assert Form({"title": "停水\n\n\n1"}).is_valid()
