"""Guessing passwords is slow, and never slow for the owner.

Every attempt is written down before the password is looked at and struck out again when it was right, so that a burst
of attempts at once passes no limit. Limits on strangers' devices and on devices where the account signed in before
(`devices`) are apart: what strangers do never stands in the owner's way. An account is one account however its user
name or mobile number is typed, and one that does not exist is treated as one that does.

Axes asks and tells (`AXES_HANDLER`), and its failure log is the store. Columns used in our own way: `username` holds
the key of the account, never what was typed; `user_agent` the mark of a known device.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from axes.handlers.base import AxesHandler
from axes.models import AccessFailureLog
from django.db import connection, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.core.address import client_address
from portal.core.personal import blind_index, normalised_mobile

from .devices import known_device
from .models import User

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Caller:
    """Who tries from where: the account's key, the address (None: unknown), the mark of a known device ("": none)."""

    account: str
    address: str | None
    device: str = ""


@dataclass(frozen=True)
class Limit:
    """At most `most` failures `within` a time, among those that count together with this caller's."""

    name: str
    most: int
    within: timedelta
    counts: Callable[[Caller, Caller], bool]


# A hall of a hundred building leaders, each with a first password on paper, signs in through one address: that limit is
# wide, and whoever succeeds takes their own failures back out of it.
STRANGERS = (
    Limit("pair", 6, timedelta(minutes=10), lambda a, b: (a.account, a.address) == (b.account, b.address)),
    Limit("account", 20, timedelta(minutes=30), lambda a, b: a.account == b.account),
    Limit("address", 60, timedelta(minutes=15), lambda a, b: a.address == b.address is not None),
)
KNOWN = (
    Limit("device", 10, timedelta(minutes=10), lambda a, b: (a.account, a.device) == (b.account, b.device)),
    Limit("devices", 40, timedelta(minutes=30), lambda a, b: a.account == b.account),
)
LONGEST = max(limit.within for limit in STRANGERS + KNOWN)


@dataclass
class Attempt:
    """One try at a password: `open_at` None lets it pass, else says when the next one may; `limit` says why."""

    caller: Caller
    open_at: datetime | None = None
    limit: str = ""

    def forgive(self) -> None:
        """The password was right: this attempt and the same caller's failures before it do not count."""
        caller = self.caller
        same = AccessFailureLog.objects.filter(username=caller.account, user_agent=caller.device)
        (same if caller.device else same.filter(ip_address=caller.address)).delete()


@transaction.atomic
def attempt(caller: Caller) -> Attempt:
    """Count a try unless a limit is reached; tries of one account or one address wait for each other here."""
    _lock(caller)
    full = _full_limits(caller, timezone.now())
    if full:
        return Attempt(caller, *max(full))
    AccessFailureLog.objects.create(username=caller.account, ip_address=caller.address, user_agent=caller.device)
    return Attempt(caller)


def forget_old() -> int:
    """Delete failures that no limit looks at any more; returns how many."""
    return AccessFailureLog.objects.filter(attempt_time__lt=timezone.now() - LONGEST).delete()[0]


def account_key(user: User | None, typed: str = "") -> str:
    """One key for every way to write an account; for one that does not exist, a fingerprint of what was typed."""
    return f"user:{user.pk}" if user else f"nobody:{blind_index(normalised_mobile(typed).lower())[:32]}"


def network_of(address: str | None) -> str | None:
    """The address of an IPv4 client; of an IPv6 client its /64, within which it may take any address it likes."""
    if address is None or ipaddress.ip_address(address).version == 4:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)


class Throttle(AxesHandler):
    """What axes asks before a password is looked at, and tells afterwards."""

    def is_allowed(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        typed = str((credentials or {}).get("username") or "")
        user = User.objects.by_sign_in(typed)
        tried = attempt(
            Caller(account_key(user, typed), network_of(client_address(request)), known_device(request, user))
        )
        request.sign_in_attempt = tried  # type: ignore[attr-defined]
        if tried.open_at:
            log.warning("sign_in.throttled", user_id=user and user.pk, limit=tried.limit)
        return tried.open_at is None

    def user_logged_in(self, sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        if tried := getattr(request, "sign_in_attempt", None):
            tried.forgive()

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """Forget failures of an account, of an address, or all; behind the commands `axes_reset…` as well."""
        failures = AccessFailureLog.objects.all()
        account = Q(username=account_key(User.objects.by_sign_in(username), username)) if username else Q()
        address = Q(ip_address=network_of(ip_address)) if ip_address else Q()
        return failures.filter(account | address if ip_or_username else account & address).delete()[0]


def too_many(request: HttpRequest, response: HttpResponse, credentials: dict | None = None) -> HttpResponse:
    """429, in words: when the next attempt may be made. The same for an account that does not exist."""
    return refused(request, request.sign_in_attempt.open_at)  # type: ignore[attr-defined]


def refused(request: HttpRequest, open_at: datetime) -> HttpResponse:
    """The page that says when to try again."""
    seconds = max(1, round((open_at - timezone.now()).total_seconds()))
    context = {"open_at": open_at, "minutes": -(-seconds // 60)}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _full_limits(caller: Caller, now: datetime) -> list[tuple[datetime, str]]:
    """The limits that let this caller wait: until when, and their names."""
    recent = Q(username=caller.account) | Q(ip_address=caller.address, ip_address__isnull=False)
    rows = list(
        AccessFailureLog.objects.filter(recent, attempt_time__gt=now - LONGEST)
        .order_by("-attempt_time")
        .values_list("username", "ip_address", "user_agent", "attempt_time")
    )
    full = []
    for limit in KNOWN if caller.device else STRANGERS:
        times = [
            at
            for account, address, device, at in rows
            if at > now - limit.within
            and bool(device) == bool(caller.device)
            and limit.counts(caller, Caller(account, address, device))
        ]
        if len(times) >= limit.most:
            full.append((times[limit.most - 1] + limit.within, limit.name))
    return full


def _lock(caller: Caller) -> None:
    """Hold the account's and the address's place in the queue until the transaction ends, always in the same order."""
    keys = sorted({f"sign-in:{caller.account}", f"sign-in:{caller.address or caller.account}"})
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
