"""How people want to be told: an address that is theirs, how soon for which kind of message, and when not at all."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core import audit, outbox
from portal.core.clock import day_of
from portal.core.keys import key_of
from portal.core.refusals import Refused, refusals
from portal.reminders.channels import channels
from portal.reminders.models import Delivery, Preference
from portal.reminders.registry import Pace, groups, kinds
from portal.reminders.timing import leaves_at, within

TOPIC = "reminders.confirm"
NOT_SO_FAST, A_DAY = timedelta(minutes=1), 5  # between two links, and how many of them in a day


class _Links(PasswordResetTokenGenerator):
    """Tokens that show that somebody reads an address: good for three days, once, and for no other address."""

    key_salt = "portal.reminders.confirm"

    def _now(self) -> datetime:
        """Counted in one time zone, wherever the server stands."""
        return timezone.now().replace(tzinfo=None)

    def _make_hash_value(self, user: Preference, timestamp: int) -> str:  # type: ignore[override]
        return f"{user.pk} {user.email} {user.email_confirmed_at} {timestamp}"


_links = _Links()


def preference_of(user: User) -> Preference:
    """What a user has chosen; before they choose anything, what the groups propose."""
    return Preference.objects.filter(pk=user.pk).first() or Preference(user=user)


@transaction.atomic
def set_address(user: User, *, email: str, actor: User, at: datetime | None = None) -> Preference:
    """Keep an address, "" for none, and send a link to it; nothing else is mailed to it before the link was used.

    Raises Refused while the portal sends no mails, and when too many links were asked for.
    """
    preference, now = _locked(user), at or timezone.now()
    is_same = email == preference.email
    if is_same and (not email or preference.email_confirmed_at):
        return preference
    with refusals() as refuse:
        if email and not channels.items["email"].is_open():
            refuse(_("This portal does not send e-mails yet. Ask whoever runs it."), field="email")
    preference.email, preference.email_confirmed_at, preference.email_refused_at = email, None, None
    preference.refusals = 0
    if not is_same:
        audit.record("reminders.address_set" if email else "reminders.address_removed", user, actor=actor, at=now)
    if email:
        _send_link(preference, now, field="email")
    preference.save()
    return preference


@transaction.atomic
def send_link(user: User, *, actor: User, at: datetime | None = None) -> Preference:
    """Send the link once more. Raises Refused without an address that waits for it, and when asked too often."""
    preference = _locked(user)
    with refusals() as refuse:
        if not preference.email or preference.email_confirmed_at:
            refuse(_("There is no address that waits to be confirmed."))
    _send_link(preference, at or timezone.now())
    preference.save()
    return preference


def token_for(preference: Preference) -> str:
    """What the link of a mail carries: letters, digits and hyphens."""
    return f"{preference.pk}-{_links.make_token(preference)}"  # type: ignore[arg-type]


def waiting_for(token: str) -> Preference:
    """Whose address a link confirms. Raises Refused for a link that is old, was used, or never was one."""
    pk, _hyphen, rest = token.partition("-")
    for preference in Preference.objects.filter(pk=key_of(pk)):
        if preference.email and _links.check_token(preference, rest):  # type: ignore[arg-type]
            return preference
    raise Refused(_("This link is no longer good, or was used already. Ask for a new one in the portal."))


@transaction.atomic
def confirm(token: str, *, at: datetime | None = None) -> Preference:
    """Let mails go to the address that a link was sent to. Raises Refused for a link that is good no longer."""
    preference = _locked(waiting_for(token).user)
    waiting_for(token)  # as it stands now that nobody else can use it
    preference.email_confirmed_at, preference.email_refused_at = at or timezone.now(), None
    preference.save()
    audit.record("reminders.address_confirmed", preference.user, actor=preference.user, at=at)
    return preference


@transaction.atomic
def choose(
    user: User,
    *,
    paces: Mapping[str, str],
    quiet_from: time,
    quiet_until: time,
    digest_at: time,
    actor: User,
    at: datetime | None = None,
) -> Preference:
    """Keep how soon, when not, and at what time the daily mail comes; what waits to leave follows from now on.

    Raises Refused when the daily mail would come in the quiet hours, and for a group or a pace that does not exist.
    """
    preference, now = _locked(user), at or timezone.now()
    with refusals() as refuse:
        for group, pace in paces.items():
            if group not in groups.items or pace not in Pace.values:
                refuse(_("Choose one of those offered."), field=group)
        if within(digest_at, quiet_from, quiet_until):
            words = {"until": f"{quiet_until:%H:%M}"}
            refuse(_("That lies in your quiet hours. Choose %(until)s or later.") % words, field="digest_at")
    preference.paces = {**preference.paces, **paces}
    preference.quiet_from, preference.quiet_until, preference.digest_at = quiet_from, quiet_until, digest_at
    preference.save()
    _plan_anew(preference, now)
    audit.record("reminders.preferences_changed", user, actor=actor, at=now, data={"paces": preference.paces})
    return preference


def _locked(user: User) -> Preference:
    Preference.objects.get_or_create(user=user)
    return Preference.objects.select_for_update(of=("self",)).select_related("user").get(pk=user.pk)


def _send_link(preference: Preference, now: datetime, *, field: str = "") -> None:
    last = preference.link_sent_at
    sent_today = preference.links_sent if last and day_of(last) == day_of(now) else 0
    with refusals() as refuse:
        if last and now - last < NOT_SO_FAST:
            refuse(_("A link has just been sent. Look into your mailbox, or try again in a minute."), field=field)
        elif sent_today >= A_DAY:
            refuse(_("So many links were sent today that no more can be. Try again tomorrow."), field=field)
    preference.link_sent_at, preference.links_sent = now, sent_today + 1
    outbox.send(TOPIC, preference=preference.pk)


def _plan_anew(preference: Preference, now: datetime) -> None:
    """What has not been taken yet leaves as it would if it were written now, or not at all."""
    waiting = Delivery.objects.waiting().filter(user=preference.pk, bundle=None).select_related("reminder")
    rows = list(waiting.select_for_update(of=("self",)))
    for row in rows:
        kind = kinds.items.get(row.reminder.kind)
        leaves = leaves_at(preference, kind, now) if kind else None
        if leaves is None:
            row.ended_at, row.outcome = now, Delivery.Outcome.OFF
        else:
            row.available_at = leaves
    Delivery.objects.bulk_update(rows, ["available_at", "ended_at", "outcome"], batch_size=1000)


@transaction.atomic
def refused(preference: Preference, *, at: datetime | None = None) -> None:
    """Note that the mail server takes nothing for this address, so that its owner reads so beside it."""
    still = Preference.objects.filter(pk=preference.pk, email_confirmed_at=None, link_sent_at=preference.link_sent_at)
    still.update(email_refused_at=at or timezone.now())
