"""Passwords, consent and preferences of those who sign in."""

import secrets
from datetime import datetime
from typing import Any

from axes.utils import reset as forget_failures
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.refusals import refusals

from .models import Consent, User

CONSENT_VERSION = "2026-11"  # raise it when the purposes change: everyone is asked again
CALM_LETTERS = "abcdefghjkmnpqrstuvwxyz"  # without i, l, o: read aloud and from paper
CALM_DIGITS = "23456789"


def first_password() -> str:
    """Three groups that an elderly reader can type from a slip, 48 bits: `hkmw-4827-qrst`."""
    letters = ["".join(secrets.choice(CALM_LETTERS) for _i in range(4)) for _j in range(2)]
    digits = "".join(secrets.choice(CALM_DIGITS) for _i in range(4))
    return f"{letters[0]}-{digits}-{letters[1]}"


def set_first_password(user: User) -> str:
    """Replace a password by a first one that must be changed; every open session ends, for its hash is another.

    Failed attempts are forgotten: whoever holds the new slip has often just used theirs up.
    """
    first = first_password()
    user.set_password(first)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    forget_failures(username=user.username)
    return first


def signed_in(user: User) -> None:
    """Keep for the auditor that somebody came in."""
    audit.record("account.signed_in", user, actor=user)


@transaction.atomic
def change_password(user: User, *, old: str, new: str, actor: User) -> User:
    """Replace a user's own password. Raises Refused when the old one is wrong or the new one too easy to guess."""
    user = User.objects.select_for_update().get(pk=user.pk)
    with refusals() as refuse:
        if not user.check_password(old):
            refuse(_("This is not your present password."), field="old")
        if old == new:
            refuse(_("Choose a password that differs from the present one."), field="new")
        try:
            validate_password(new, user)
        except ValidationError as error:
            for message in error.messages:
                refuse(message, field="new")
    user.set_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    audit.record("account.password_changed", user, actor=actor)
    return user


def standing_consent(user: User) -> Consent | None:
    """The user's consent to the purposes as they stand now."""
    return user.consents.filter(version=CONSENT_VERSION, withdrawn_at=None).first()


@transaction.atomic
def consent(user: User, *, actor: User, at: datetime | None = None) -> User:
    """Record that the user agrees to the purposes as they stand (PIPL art. 13–17); agreeing twice is agreeing once."""
    _given, is_new = Consent.objects.get_or_create(
        user=user, version=CONSENT_VERSION, withdrawn_at=None, defaults={"given_at": at or timezone.now()}
    )
    user.consented_version = CONSENT_VERSION
    user.save(update_fields=["consented_version"])
    if is_new:
        audit.record("account.consented", user, actor=actor, at=at, data={"version": CONSENT_VERSION})
    return user


@transaction.atomic
def withdraw_consent(user: User, *, actor: User) -> User:
    """Take consent back; what was done with it stays lawful, and the portal serves nobody without (PIPL art. 15)."""
    now = timezone.now()
    withdrawn = user.consents.filter(withdrawn_at=None).update(withdrawn_at=now)
    user.consented_version = ""
    user.save(update_fields=["consented_version"])
    if withdrawn:
        audit.record("account.consent_withdrawn", user, actor=actor, at=now, data={"version": CONSENT_VERSION})
    return user


@transaction.atomic
def prefer(user: User, *, actor: User, **preferences: Any) -> User:
    """Change how the screens look and speak for a user: `language`, `large_type`."""
    unknown = preferences.keys() - {"language", "large_type"}
    if unknown:
        raise TypeError(f"not a preference: {sorted(unknown)}")
    for name, value in preferences.items():
        setattr(user, name, value)
    user.save(update_fields=list(preferences))
    return user
