import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

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
