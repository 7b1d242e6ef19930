import unicodedata
from typing import Any

import rules
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.personal import EncryptedCharField, blind_index, mask_mobile, normalised_mobile

USERNAME = RegexValidator(
    r"^[a-z][a-z0-9_.-]{2,29}$",
    _("Use 3 to 30 small letters, digits, dots, hyphens or underscores, beginning with a letter."),
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user with a hashed password; without one nobody can sign in as them."""
        user = self.model(username=username.lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def by_sign_in(self, text: str) -> "User | None":
        """The user whose user name or mobile number this is."""
        username, index = unicodedata.normalize("NFKC", text).strip().lower(), blind_index(normalised_mobile(text))
        return self.filter(models.Q(username=username) | models.Q(mobile_index=index)).first()


class User(AbstractBaseUser):
    """Somebody who signs in. What they may do follows from their appointments, never from this row."""

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "中文"
        ENGLISH = "en", "English"

    username = models.CharField(_("user name"), max_length=30, validators=[USERNAME])
    name = models.CharField(_("name"), max_length=60)
    mobile = EncryptedCharField(_("mobile number"), blank=True)
    mobile_index = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 many have none
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.CHINESE)
    large_type = models.BooleanField(_("large type"), default=False)
    must_change_password = models.BooleanField(default=False)
    consented_version = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(mobile_index=""), name="user_mobile_index_not_empty"),
            models.UniqueConstraint(
                fields=["username"], name="user_name_once", violation_error_message=_("This user name is taken.")
            ),
            models.UniqueConstraint(
                fields=["mobile_index"],
                name="user_mobile_once",
                violation_error_message=_("Somebody else signs in with this mobile number."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the blind index in step with the number it finds."""
        self.mobile_index = blind_index(self.mobile) or None
        if kwargs.get("update_fields") and "mobile" in kwargs["update_fields"]:
            kwargs["update_fields"] = {*kwargs["update_fields"], "mobile_index"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Everybody has a page of their own and sees nobody else's."""
        return reverse("accounts:profile")

    @property
    def masked_mobile(self) -> str:
        return mask_mobile(self.mobile)

    def has_perm(self, permission: str, subject: Any = None) -> bool:
        """Whether a rule grants the permission, anywhere (no subject) or on this subject; inactive users hold none."""
        return self.is_active and rules.has_perm(permission, self, subject)


class Consent(models.Model):
    """A user agreed to one version of the purposes for which their data are used (PIPL art. 14, 15)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="consents")
    version = models.CharField(max_length=20)
    given_at = models.DateTimeField(_("given at"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "version"], condition=models.Q(withdrawn_at=None), name="consent_stands_once"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(withdrawn_at__gte=models.F("given_at")),
                name="consent_given_before_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.version}"
