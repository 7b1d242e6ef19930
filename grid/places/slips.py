"""A first password is shown once, to whoever made it, within ten minutes, and is nowhere else in the clear."""

import time
from typing import Any

from portal.core.personal import decrypt, encrypt

from .models import Appointment

SECONDS = 600
KEY = "slips"


def keep(session: Any, appointment: Appointment, first_password: str) -> None:
    """Keep a first password for its slip, encrypted, for one view within ten minutes."""
    session[KEY] = {**_in_time(session), str(appointment.pk): [time.time() + SECONDS, encrypt(first_password)]}


def take(session: Any, appointment: Appointment) -> str | None:
    """The first password for this slip, once; None when it was shown already or nobody came for it in time."""
    kept = _in_time(session)
    _until, cipher = kept.pop(str(appointment.pk), (0, ""))
    if KEY in session:
        session[KEY] = kept
    return decrypt(cipher) if cipher else None


def waiting(session: Any) -> list[int]:
    """The appointments whose slips nobody has seen yet."""
    return [int(pk) for pk in _in_time(session)]


def _in_time(session: Any) -> dict[str, list]:
    return {pk: slip for pk, slip in session.get(KEY, {}).items() if slip[0] > time.time()}
