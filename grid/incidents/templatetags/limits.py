"""Limits in words: working days, whole and half."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format

from grid.incidents.timing import days_in_words

register = template.Library()


@register.simple_tag
def working_days(*, days: Decimal, short: bool = False) -> str:
    """“3 working days”, “same day”; `short` leaves the unit to the column's heading."""
    if short and days:
        return number_format(days.normalize() if days % 1 else int(days))
    return days_in_words(days)
