"""Text that stands on one line wherever it is shown: on a phone, in a reminder, in a mail."""

import unicodedata
from typing import Any

from django import forms

UNSEEN = ("Cc", "Cf")  # control characters; those that only tell a screen how to show others, back to front for one


def one_line(text: str) -> str:
    """The text with one blank wherever it had any white space, line breaks among it, and without unseen characters."""
    return " ".join("".join(one for one in text if one.isspace() or unicodedata.category(one) not in UNSEEN).split())


class LineField(forms.CharField):
    """A field whose text stands on one line, whatever was pasted or sent."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(one_line(value) if isinstance(value, str) else value)
