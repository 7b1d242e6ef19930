"""抽查: of the small things settled on the spot some are drawn; somebody looks at those on site before they close."""

import hmac

from django.conf import settings

PURPOSE = b"portal.incidents.sampling:"
WHOLE = 2**64


def is_drawn(number: int, percent: int) -> bool:
    """Whether the incident of this number is among the `percent` of a hundred that are looked at.

    The draw follows from the number and the portal's key alone: nobody can tell beforehand what it will be, and nobody
    gets another one by trying again. 0 draws none, 100 draws all.
    """
    drawn = hmac.digest(settings.SECRET_KEY.encode(), PURPOSE + str(number).encode(), "sha256")
    return int.from_bytes(drawn[:8], "big") * 100 < percent * WHOLE
