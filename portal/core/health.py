"""What a load balancer asks: does the process live, and could it serve somebody now."""

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from .access import public

log = structlog.get_logger(__name__)


def broker() -> Redis:
    """A connection to the broker that gives up after a second."""
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=None)


def database_answers() -> bool:
    """Whether the database answers a question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_answers() -> bool:
    """Whether the broker answers a question."""
    try:
        with broker() as redis:
            return bool(redis.ping())
    except RedisError:
        return False


@public
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """This process runs; nothing else is asked, so that a sick database does not get healthy web servers restarted."""
    return HttpResponse("ok", content_type="text/plain")


@public
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while database and broker answer, else 503 and which of them does not."""
    state = {"database": database_answers(), "broker": broker_answers()}
    ready = all(state.values())
    if not ready:
        log.warning("health.not_ready", **state)
    return JsonResponse({"ready": ready, **state}, status=200 if ready else 503)
