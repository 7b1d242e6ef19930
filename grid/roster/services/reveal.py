"""Full numbers: each is shown once, for a reason, on record, and so many a day; and who opened whose page.

Source: PIPL art. 6 and 51 (as little as the purpose needs, every access recorded).
"""

from typing import Any

import structlog
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.places.models import Appointment, Level, Place, Role
from grid.places.territory import territory_of
from grid.roster.models import Resident
from grid.roster.rules import COMMITTEE
from portal.accounts.models import User
from portal.core import audit
from portal.core.clock import start_of, today
from portal.core.models import AuditEntry
from portal.core.refusals import Refused, refusals
from portal.reminders.services import remind

log = structlog.get_logger(__name__)

REVEALED, SEEN = "resident.revealed", "resident.seen"
NUMBERS = ("mobile", "id_number")


class QuotaReached(Refused):
    """This user has seen as many full numbers today as anybody needs."""


@transaction.atomic
def reveal(resident: Resident, *, what: str, reason: str, actor: User) -> str:
    """One full number of somebody, "mobile" or "id_number"; the look is on record with its reason.

    Raises Refused without a reason or when there is no such number, QuotaReached when the day's quota is used up. Looks
    of one user are counted one after the other, so that many at once see no more than the quota.
    """
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    with refusals() as refuse:
        if not reason.strip():
            refuse(_("Say why you need it: the resident may ask."), field="reason")
        if what not in NUMBERS or not getattr(resident, what):
            refuse(_("There is no such number."), field="what")
    if left_today(actor) <= 0:
        words = {"quota": quota_of(actor)}
        raise QuotaReached(_("You have seen %(quota)s full numbers today; more can be seen tomorrow.") % words)
    audit.record(REVEALED, resident, actor=actor, note=reason.strip(), data={"what": what})
    number: str = getattr(resident, what)
    return number


def quota_of(user: Any) -> int:
    """How many full numbers somebody may see in a day: the office, which rings people up, more than others."""
    in_office = any(post.role in COMMITTEE for post in territory_of(user).posts)
    return settings.REVEALS_A_DAY_IN_OFFICE if in_office else settings.REVEALS_A_DAY


def left_today(user: Any) -> int:
    """How many more full numbers this user may see today; never below 0."""
    seen = AuditEntry.objects.filter(actor=user, recorded_at__gte=start_of(today()), action=REVEALED).count()
    return max(0, quota_of(user) - seen)


@transaction.atomic
def alert(resident: Resident, *, actor: User) -> None:
    """Tell whoever is responsible for the community that somebody wants to see more numbers than the quota: once a day.

    The secretary is told, of their own looks the street.
    """
    log.warning("roster.reveal_quota", user_id=actor.pk, quota=quota_of(actor))
    community = Place.objects.get(community=resident.community_id, level=Level.COMMUNITY)
    for user in _responsible(community, actor):
        remind(
            user,
            kind="roster.reveal_quota",
            about=community,
            stage=f"{today().isoformat()} {actor.pk}",
            text=gettext_lazy("%(name)s has reached the daily limit of full numbers looked at. Ask what for."),
            words={"name": actor.name},
        )


def see(resident: Resident, *, actor: User) -> None:
    """Note that somebody opened the page of a resident: once a day for each reader, which is what one wants to know.

    Two tabs opened at the same moment may note it twice; that harms nobody.
    """
    here = AuditEntry.objects.filter(
        subject_type=ContentType.objects.get_for_model(Resident), subject_id=resident.pk, actor=actor, action=SEEN
    )
    if not here.filter(happened_at__gte=start_of(today())).exists():
        audit.record(SEEN, resident, actor=actor)


def _responsible(community: Place, actor: User) -> list[User]:
    posts = Appointment.objects.current().exclude(user=actor).filter(user__is_active=True).select_related("user")
    secretaries = posts.filter(place=community, role=Role.SECRETARY)
    return [post.user for post in secretaries or posts.filter(place=community.parent_id, role=Role.STREET_ADMIN)]
