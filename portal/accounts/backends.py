from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from .models import User


class SignInBackend(BaseBackend):
    """User name or mobile number, and a password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The active user with this password; the hasher runs once, whether the account exists, is active, or not."""
        if username is None or password is None:
            return None
        user = User.objects.by_sign_in(username)
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """The active user of a session: whoever is made inactive is out at their next request."""
        return User.objects.filter(pk=user_id, is_active=True).first()
