"""Links that open nothing are counted by where they come from: whoever guesses on and on is let wait.

Nobody guesses 192 bits; this keeps the attempt from costing anything. A link that opens is never in the way of it, for
behind one address of a mobile network thousands of people live.
"""

from datetime import datetime, timedelta

from axes.models import AccessFailureLog
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.throttle import network_of
from portal.core.address import client_address

MOST, WITHIN = 30, timedelta(minutes=15)


def count_miss(request: HttpRequest) -> datetime | None:
    """Write down that a link opened nothing; when this address has had too many, the moment to try again."""
    where, now = f"link:{network_of(client_address(request))}", timezone.now()
    # Without an address: these are no failures to sign in, and stand in nobody's way who does.
    misses = AccessFailureLog.objects.filter(username=where, ip_address=None, attempt_time__gt=now - WITHIN)
    times = list(misses.order_by("-attempt_time").values_list("attempt_time", flat=True)[:MOST])
    if len(times) >= MOST:
        return times[-1] + WITHIN
    AccessFailureLog.objects.create(username=where, ip_address=None)
    return None
