"""What exclusion constraints compare, without any extension of the database."""

from django.db.models import F, Func, Value


def ids(field: str) -> Func:
    """An id as a one-element range: range types have a GiST operator class without any extension."""
    return Func(F(field), F(field), Value("[]"), function="int8range")


def days(since: str = "since", until: str = "until") -> Func:
    return Func(F(since), F(until), function="daterange")
