import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from .access import View

log = structlog.get_logger(__name__)


class DeclaredAccessMiddleware:
    """A view whose permission was forgotten answers 403 and shows nothing."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: tuple, kwargs: dict) -> None:
        if not hasattr(view, "access"):
            log.error("access.undeclared", path=request.path)
            raise PermissionDenied


class CompressionMiddleware(GZipMiddleware):
    """Pages travel compressed; photos and spreadsheets are compressed in themselves.

    Against guessing secrets from lengths (BREACH), Django adds a random length to each page and masks its token anew.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
