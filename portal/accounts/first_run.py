"""The code that whoever started an empty portal has, and a passer-by has not."""

import hmac

from django.conf import settings

from .services import CALM_DIGITS, CALM_LETTERS


def setup_code() -> str:
    """Twelve characters (48 bits) that follow from the secret key: `hkmw-4827-qrst`; the same at every start."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"portal.first_run", "sha256")
    groups = (CALM_LETTERS, CALM_DIGITS, CALM_LETTERS)
    return "-".join(
        "".join(alphabet[byte % len(alphabet)] for byte in digest[4 * place : 4 * place + 4])
        for place, alphabet in enumerate(groups)
    )


def is_setup_code(text: str) -> bool:
    """Whether this is the code, however it is written; takes the same time for any wrong one."""
    typed = "".join(char for char in text.lower() if char.isalnum())
    return hmac.compare_digest(typed.encode(), setup_code().replace("-", "").encode())
