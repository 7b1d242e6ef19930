"""Personal identifiers: encrypted at rest, found by a blind index, shown masked."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import unicodedata
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

MOBILE = re.compile(r"1[3-9][0-9]{9}")
BETWEEN_DIGITS = {"Zs", "Cc", "Cf", "Pd"}  # spaces, tabs, the invisible marks around a copied contact, dashes
VERSION = b"\x01"


def _key(purpose: bytes) -> bytes:
    return hmac.digest(settings.FIELD_KEY.encode(), b"portal.personal:" + purpose, "sha256")


def encrypt(text: str) -> str:
    """AES-256-GCM with a random nonce; the same text never gives the same cipher twice."""
    nonce = secrets.token_bytes(12)
    return base64.b64encode(VERSION + nonce + AESGCM(_key(b"cipher")).encrypt(nonce, text.encode(), VERSION)).decode()


def decrypt(cipher: str) -> str:
    """The text behind `encrypt`. Raises cryptography's InvalidTag when it was tampered with or the key is another."""
    try:
        raw = base64.b64decode(cipher, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidTag from error
    if raw[:1] != VERSION or len(raw) < 1 + 12 + 16:
        raise InvalidTag
    return AESGCM(_key(b"cipher")).decrypt(raw[1:13], raw[13:], VERSION).decode()


def blind_index(value: str) -> str:
    """A keyed fingerprint that finds an exact value without storing it; "" for no value."""
    return hmac.new(_key(b"index"), value.encode(), hashlib.sha256).hexdigest() if value else ""


def normalised_mobile(text: str) -> str:
    """Eleven ASCII digits from what people type or paste: full-width digits, spaces, hyphens, +86."""
    plain = unicodedata.normalize("NFKC", text)
    digits = "".join(c for c in plain if c not in "()." and unicodedata.category(c) not in BETWEEN_DIGITS)
    return re.sub(r"^(\+|00)?86(?=1[0-9]{10}$)", "", digits)


def clean_mobile(text: str) -> str:
    """A mainland mobile number in its normal form.

    Raises ValidationError when it is none (11 digits beginning 13–19, MIIT numbering plan).
    """
    mobile = normalised_mobile(text)
    if not MOBILE.fullmatch(mobile):
        raise ValidationError(_("Enter a mobile number of 11 digits, for example 13800138000."), code="mobile")
    return mobile


def mask_mobile(mobile: str) -> str:
    """138****1234; anything shorter is hidden whole."""
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= 11 else "*" * len(mobile)


def mask_name(name: str) -> str:
    """陈*生, 陈*: the first character stays, of three and more the last one too."""
    if len(name) <= 1:
        return name
    return f"{name[0]}*" if len(name) == 2 else f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


class EncryptedCharField(models.TextField):
    """Text that only the application can read; empty stays empty. It cannot be filtered: use a blind index."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None
