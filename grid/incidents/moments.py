"""On which day a deadline falls, as the database says it."""

from django.db.models import DateTimeField, Func


class LastMoment(Func):
    """The last moment before a deadline, so that 24:00 belongs to the day that ends (`workdays.calendar.last_day_of`).

    Said through UTC without a zone: only then it is immutable, and an index may be built on it.
    """

    template = "timezone('UTC', timezone('UTC', %(expressions)s) - interval '1 microsecond')"
    output_field = DateTimeField()
