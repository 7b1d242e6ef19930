"""Keys: made once for a clone that runs locally, and judged wherever they come from."""

import json
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ADVICE = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
GIVEAWAYS = ("django-insecure", "changeme", "change-me", "change_me", "secret", "password", "example", "12345678")


def strong(name: str, value: str, *, length: int) -> str:
    """The key, if nobody will guess it. Raises ImproperlyConfigured."""
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {ADVICE}")
    if len(value) < length:
        raise ImproperlyConfigured(f"{name} has {len(value)} characters; it needs {length} or more. {ADVICE}")
    if len(set(value)) < 12 or any(word in value.lower() for word in GIVEAWAYS):
        raise ImproperlyConfigured(f"{name} is easy to guess. {ADVICE}")
    return value


def local_keys(file: Path) -> dict[str, str]:
    """The keys of this clone, made at first use and readable by their owner only."""
    if not file.exists():
        keys = {"SECRET_KEY": secrets.token_urlsafe(64), "FIELD_KEY": secrets.token_urlsafe(64)}
        write_keys(file, keys, replace=False)
    return json.loads(file.read_text())


def write_keys(file: Path, keys: dict[str, str], *, replace: bool) -> None:
    """Put keys in place at once and for their owner's eyes only; without `replace`, whoever came first decides."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump(keys, output)
    try:
        if replace:
            new.replace(file)
        else:
            os.link(new, file)  # two processes that start at once must not hold different keys
    except FileExistsError:
        pass
    finally:
        new.unlink(missing_ok=True)
