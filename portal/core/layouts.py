"""How crispy lays our forms out: the fields come from our components, the errors stand at the top of the page."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, LayoutObject
from django.forms import BaseForm
from django.template import Context
from django.utils.functional import Promise
from django.utils.safestring import SafeString


class Sheet(Fieldset):
    """Fields on a white card; its first argument is the heading."""

    template = "components/sheet.html"

    def __init__(self, legend: str | Promise, *fields: str | LayoutObject, **kwargs: Any) -> None:
        super().__init__(legend, *fields, **kwargs)


class Columns(Div):
    """Cards side by side on a desktop, one below the other on a phone."""

    css_class = "columns"


class IfThere(LayoutObject):
    """Fields that a form has for some of its readers only."""

    def __init__(self, *fields: str) -> None:
        self.fields = list(fields)

    def render(self, form: BaseForm, context: Context, **kwargs: Any) -> SafeString:
        there = Layout(*(name for name in self.fields if name in form.fields))
        return there.render(form, context, **kwargs)


def laid_out(*parts: str | LayoutObject) -> FormHelper:
    """A helper for `{% crispy form %}` inside the page's own form element."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.form_show_errors = False
    helper.layout = Layout(*parts)
    return helper
