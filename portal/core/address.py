"""Where a request comes from, as far as our own proxies vouch for it."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address that reached the outermost of our `PROXY_COUNT` proxies; None for a Unix socket.

    Every proxy appends whom it talked to, so only the last entries of X-Forwarded-For are true: what stands further
    left was written by the client. (The ipware library counts otherwise: behind one proxy it believes the client.)
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    hops.append(request.META.get("REMOTE_ADDR", ""))
    outermost = hops[-1 - min(settings.PROXY_COUNT, len(hops) - 1)]
    try:
        address = ipaddress.ip_address(outermost)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
