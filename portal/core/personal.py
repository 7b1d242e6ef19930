"""Personal identifiers: encrypted at rest, found by a blind index, shown masked."""

import base64
import binascii
import hmac
import re
import secrets
import unicodedata
from functools import lru_cache
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


@lru_cache(maxsize=8)
def _key(field_key: str, purpose: bytes) -> bytes:
    return hmac.digest(field_key.encode(), b"portal.personal:" + purpose, "sha256")


@lru_cache(maxsize=4)
def _cipher(field_key: str) -> AESGCM:
    return AESGCM(_key(field_key, b"cipher"))


def encrypt_bytes(content: bytes) -> bytes:
    """AES-256-GCM with a random nonce; the same content never gives the same cipher twice."""
    nonce = secrets.token_bytes(12)
    return VERSION + nonce + _cipher(settings.FIELD_KEY).encrypt(nonce, content, VERSION)


def decrypt_bytes(raw: bytes) -> bytes:
    """The content behind `encrypt_bytes`. Raises InvalidTag when it was tampered with or the key is another."""
    if raw[:1] != VERSION or len(raw) < 1 + 12 + 16:
        raise InvalidTag
    return _cipher(settings.FIELD_KEY).decrypt(raw[1:13], raw[13:], VERSION)


def encrypt(text: str) -> str:
    """`encrypt_bytes` for a text, as a text."""
    return base64.b64encode(encrypt_bytes(text.encode())).decode()


def decrypt(cipher: str) -> str:
    """The text behind `encrypt`. Raises cryptography's InvalidTag when it was tampered with or the key is another."""
    try:
        raw = base64.b64decode(cipher, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidTag from error
    return decrypt_bytes(raw).decode()


def blind_index(value: str) -> str:
    """A keyed fingerprint that finds an exact value without storing it; "" for no value."""
    return hmac.digest(_key(settings.FIELD_KEY, b"index"), value.encode(), "sha256").hex() if value else ""


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
