"""Logs that can be handed to an engineer: structured, one line a request, without personal data."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware
from structlog.typing import EventDict, Processor, WrappedLogger

from .address import client_address

SCRUBBED = "•••"
SECRET_KEYS = re.compile(r"password|passwd|secret|token|mobile|phone|id_number|id_card|authorization|cookie|csrf", re.I)

# Digits as people write them: full-width too, in groups, with a country code before.
_GAP = r"[ \u00a0\u3000.\-－–—]?"
_MOBILE = rf"(?:(?:\+|＋|00)?[8８][6６]{_GAP})?[1１][3-9３-９]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
_ID_NUMBER = rf"[1-9１-９]\d{{5}}{_GAP}[12１２]\d{{7}}{_GAP}\d{{3}}[\dXxＸｘ]"
_OF_LINK = r"(?<=/v/)[\w-]{8,}"  # whoever knows the address of a link may use it
# Request ids and checksums are digits by chance and must stay whole.
_IDENTIFIER = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}"
PATTERN = re.compile(
    rf"{_OF_LINK}|(?<![0-9a-z])(?P<kept>{_IDENTIFIER})(?![0-9a-z])|(?<!\d)(?:{_ID_NUMBER}|{_MOBILE})(?!\d)"
)


def scrub(value: Any) -> Any:
    """The value with mobile numbers (11 digits) and identity numbers (18 characters) taken out, however deep."""
    if isinstance(value, str):
        return PATTERN.sub(lambda match: match["kept"] or SCRUBBED, value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Mapping):
        return {scrub(key): SCRUBBED if _is_secret(key) else scrub(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [scrub(item) for item in value]
    if isinstance(value, HttpRequest):
        return f"{value.method} {value.path}"  # without the query, in which people search for people
    text = scrub(str(value))
    return value if isinstance(value, (int, float)) and text == str(value) else text


def _is_secret(key: Any) -> bool:
    return isinstance(key, str) and bool(SECRET_KEYS.search(key))


def scrub_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The last processor before rendering: whatever the others added passes through it as well."""
    kept = {key: event.pop(key) for key in ("_record", "_from_structlog") if key in event}
    return {**scrub(event), **kept}


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]
# One list for the life of a process: loggers keep the one with which they began.
PROCESSORS: list[Processor] = [
    structlog.stdlib.filter_by_level,
    *SHARED,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


def logging_config(level: str, *, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING: structlog and the standard library through the same processors, to standard error.

    Sets structlog up on the way, so that a process that read the settings logs alike everywhere.
    """
    structlog.configure(
        processors=PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*SHARED, structlog.stdlib.ExtraAdder()],
                "processors": [
                    structlog.processors.format_exc_info,
                    scrub_personal_data,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # The request log says it already, with the request's id.
            "django.server": {"handlers": [], "propagate": False},
            "django.request": {"level": "ERROR"},
            "django.db.backends": {"level": "INFO"},  # never the statements, whatever the level
            "axes": {"level": max(logging.WARNING, logging.getLevelName(level))},
            "celery.beat": {"level": "WARNING"},
        },
    }


class RequestLogMiddleware(RequestMiddleware):
    """One line for every request: its id, who, how it ended. Never the query, in which people search for people."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Who asks; every page looks at its reader, so that it need not look as if nobody had."""
        structlog.contextvars.bind_contextvars(user_id=request.user.pk)

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """The client's address, as far as the trusted proxies vouch for it."""
        structlog.contextvars.bind_contextvars(ip=client_address(request))
