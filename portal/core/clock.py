"""Asia/Shanghai defines a day, wherever the server or the reader stands."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in Shanghai time."""
    return timezone.now().astimezone(SHANGHAI)


def day_of(moment: datetime) -> date:
    """The Shanghai calendar day on which an aware moment falls."""
    return moment.astimezone(SHANGHAI).date()


def today() -> date:
    """The current Shanghai calendar day."""
    return day_of(timezone.now())


def start_of(day: date) -> datetime:
    """The first moment of a Shanghai day."""
    return datetime.combine(day, time.min, SHANGHAI)


def end_of(day: date) -> datetime:
    """The first moment after a Shanghai day: 24:00, which is when a day ends (Civil Code art. 203)."""
    if day == date.max:  # somebody may ask for it, and there is no day after it
        return datetime.combine(day, time.max, SHANGHAI)
    return start_of(day + timedelta(days=1))
