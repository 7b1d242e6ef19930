"""Response headers that Django has no setting for."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

# Of what somebody has put in or had made: it runs nothing, is embedded nowhere, and is never taken for anything else.
DOWNLOAD = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def download(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to be kept under this name, with the headers of DOWNLOAD."""
    kept_as = content_disposition_header(as_attachment=True, filename=name)
    headers = DOWNLOAD | {"Content-Disposition": str(kept_as)}
    return HttpResponse(content, content_type=content_type, headers=headers)


class HeadersMiddleware:
    """What a page may load and use; and no browser keeps a page of ours unless its view says so (ASVS 14.3.2).

    The content security policy is the same for every page, so it is put together once: no script of ours needs a nonce.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = build_policy()
        allowed = settings.PERMISSIONS_POLICY.items()
        self.permissions = ", ".join(f"{device}=({' '.join(sources)})" for device, sources in allowed)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, self.policy)
        response.headers.setdefault("Permissions-Policy", self.permissions)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
