"""What the rooms below this one have to remind of, and may not say themselves: work, posts, the calendar, addresses."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from grid.places.models import Appointment, Level, Place, Role
from portal.accounts.models import User
from portal.core.clock import day_of
from portal.jobs.models import Job
from portal.workdays.models import CalendarYear

from .models import Reminder
from .registry import Due, Group, Kind, Pace, collects, offer, register

DAYS_BEFORE = (7, 30)  # the nearest first: whoever is told of 7 days is not told of 30 as well
DECEMBER = 12
YOURS_ENDS = _("Your post “%(post)s” ends on %(day)s.")
THEIRS_ENDS = _("The post “%(post)s” ends on %(day)s and nobody follows yet.")
in_words = lazy(lambda day: date_format(day, "DATE_FORMAT"), str)  # in the language of whoever reads it
NO_CALENDAR = _("The days off of %(year)s are not entered. Until then deadlines there are uncertain.")


def _still_unseen(reminders: Sequence[Reminder]) -> Collection[int]:
    subjects = {one.subject_id for one in reminders}
    seen = set(Job.objects.filter(pk__in=subjects, seen_at__isnull=False).values_list("pk", flat=True))
    return {one.pk for one in reminders if one.subject_id not in seen}


def _still_ending(reminders: Sequence[Reminder]) -> Collection[int]:
    """Those whose post still ends on the day they name."""
    named = {one.pk: one.stage.split() for one in reminders}
    ends = dict(Appointment.objects.filter(pk__in={pk for pk, *_day in named.values()}).values_list("pk", "until"))
    return {pk for pk, (post, until, *_left) in named.items() if str(ends.get(int(post))) == until}


def _still_unknown(reminders: Sequence[Reminder]) -> Collection[int]:
    known = set(CalendarYear.objects.values_list("year", flat=True))
    return {one.pk for one in reminders if _year_of(one) not in known}


def _year_of(reminder: Reminder) -> int:
    return int(reminder.stage[:4])


def _to_year(reminder: Reminder) -> str:
    return reverse("workdays:year", args=[_year_of(reminder)])


offer(
    Group(
        "posts",
        _("Posts"),
        _("Appointments that end, duties that pass from one to another."),
        "people",
        Pace.DIGEST,
        order=50,
    ),
    Group(
        "portal",
        _("The portal"),
        _("Alerts about personal data, the calendar, long work that is done."),
        "info-circle",
        order=60,
    ),
)
register(
    Kind("jobs.ended", _("Your work is done"), "portal", still=_still_unseen),
    Kind("posts.ending", _("Your post ends"), "posts", still=_still_ending),
    Kind("posts.vacant_soon", _("A post becomes vacant"), "posts", still=_still_ending),
    Kind("workdays.unknown", _("A year without a calendar"), "portal", still=_still_unknown, leads_to=_to_year),
    Kind(
        "reminders.address_refused",
        _("Your e-mail address"),
        "portal",
        leads_to=lambda _reminder: reverse("reminders:settings"),
        channels=(),
    ),
)


@collects("posts.ending", every=timedelta(hours=3))
def own_posts(now: datetime) -> Iterator[Due]:
    """Whoever holds a post hears 30 and 7 days before its last day; not when they hold it on."""
    for post, stage in _ending(now):
        about, subject = (Place, post.place_id) if post.place_id else (User, post.user_id)
        yield Due(post.user_id, about, subject, YOURS_ENDS, stage, _words(post))


@collects("posts.vacant_soon", every=timedelta(hours=3))
def posts_to_fill(now: datetime) -> Iterator[Due]:
    """Whoever appoints to a post hears of its end as long as nobody was appointed after it."""
    follows = Appointment.objects.filter(role=OuterRef("role"), place=OuterRef("place"), stands_in_for=None)
    followed = follows.filter(since__gte=OuterRef("until")).exclude(until=F("since"))
    found = _ending(now, ~Exists(followed), stands_in_for=None, place__isnull=False)
    posts = [(post, post.place, stage) for post, stage in found if post.place]
    offices = _offices({_appointed_by(place) for _post, place, _stage in posts})
    for post, place, stage in posts:
        for user in offices.get(_appointed_by(place), ()):
            if user != post.user_id:
                yield Due(user, Place, place.pk, THEIRS_ENDS, stage, _words(post))


@collects("workdays.unknown", every=timedelta(hours=6))
def unknown_years(now: datetime) -> Iterator[Due]:
    """Whoever keeps the calendar hears once a month of a year that is not known: the next one from 1 December on."""
    day = day_of(now)
    wanted = {day.year, day.year + 1} if day.month == DECEMBER else {day.year}
    missing = sorted(wanted - set(CalendarYear.objects.filter(year__in=wanted).values_list("year", flat=True)))
    keepers = Appointment.objects.current(day).filter(role=Role.STREET_ADMIN).values_list("user", flat=True)
    for user in sorted(set(keepers)) if missing else ():
        for year in missing:
            yield Due(user, User, user, NO_CALENDAR, f"{year} {day:%Y-%m}", {"year": year})


def _ending(now: datetime, *conditions: Any, **only: Any) -> Iterator[tuple[Appointment, str]]:
    """Posts whose last day comes, with the stage of it; who is appointed to the same post anew goes on holding it."""
    day = day_of(now)
    same = Appointment.objects.filter(
        user=OuterRef("user"), role=OuterRef("role"), since__lte=OuterRef("until")
    ).filter(Q(until=None) | Q(until__gt=OuterRef("until")))
    anew = same.filter(Q(place=OuterRef("place")) | Q(department=OuterRef("department")))
    first_without = day + timedelta(days=max(DAYS_BEFORE) + 1)
    found = Appointment.objects.current(day).filter(*conditions, ~Exists(anew), **only, until__lte=first_without)
    for post in found.select_related("place__parent", "department").order_by("pk"):
        left = (post.last_day - day).days if post.last_day else 0
        yield post, f"{post.pk} {post.until} {next(days for days in DAYS_BEFORE if left <= days)}"


def _words(post: Appointment) -> dict[str, object]:
    where = post.place or post.department
    return {"post": format_lazy("{} · {}", where, Role(post.role).label), "day": in_words(post.last_day)}


def _appointed_by(place: Place) -> tuple[int, str] | None:
    """The office that appoints below it: of the community, and above it of the street."""
    if place.level > Level.COMMUNITY:
        return place.community_id or 0, Role.SECRETARY
    return (place.parent_id or 0, Role.STREET_ADMIN) if place.is_community else None


def _offices(wanted: set[tuple[int, str] | None]) -> dict[tuple[int, str] | None, list[int]]:
    places = {one[0] for one in wanted if one}
    held = Appointment.objects.current().filter(place__in=places, role__in=(Role.SECRETARY, Role.STREET_ADMIN))
    found: dict[tuple[int, str] | None, list[int]] = {}
    for place, role, user in held.order_by("pk").values_list("place", "role", "user"):
        found.setdefault((place, role), []).append(user)
    return found
