"""What a layout does with fields that a form leaves out."""

import pytest
from django import forms
from django.template import Context

from portal.core.layouts import IfThere, Sheet, laid_out


class Form(forms.Form):
    name = forms.CharField()
    forget = forms.BooleanField(required=False)


def drawn(form: forms.Form, *fields: str | IfThere) -> str:
    return laid_out(Sheet("", *fields)).render_layout(form, Context())


def test_a_field_for_some_readers_is_drawn_for_them_alone():
    whole, without = Form(), Form()
    del without.fields["forget"]

    assert [drawn(form, "name", IfThere("forget")).count("forget") > 0 for form in (whole, without)] == [True, False]


def test_a_layout_that_names_no_field_is_a_mistake():
    with pytest.raises(Exception, match="nobody"):
        drawn(Form(), "name", "nobody")
