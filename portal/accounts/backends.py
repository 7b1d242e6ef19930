from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db import connection
from django.http import HttpRequest

from portal.core.written import columns, made

from .models import User

# Asked with every page, and written out: the ORM takes several times as long to say it as PostgreSQL to answer.
FOUND = f"SELECT {columns('who', User)} FROM {User._meta.db_table} who WHERE who.id = %s AND who.is_active"  # noqa: S608


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
        with connection.cursor() as cursor:
            cursor.execute(FOUND, [user_id])
            row = cursor.fetchone()
        return made(User, iter(row)) if row else None
