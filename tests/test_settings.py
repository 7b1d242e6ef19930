"""Safe by default: what a deployment forgets makes it refuse to start."""

import json
import os
import runpy
import secrets
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from portal.embedded import BASE_DIR
from portal.settings import default_module
from portal.settings.base import broker_url
from portal.settings.keys import local_keys, strong

STRONG = {
    "SECRET_KEY": secrets.token_urlsafe(64),
    "FIELD_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "portal.example.org",
}


def check(**environment: str) -> subprocess.CompletedProcess:
    """`manage.py check --deploy` as a deployment with just this environment would run it."""
    named = {"DATABASE_URL": "postgres://db.invalid/portal", "REDIS_URL": "redis://broker.invalid/0"}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "portal.settings.production",
            **named,
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_deployment_with_strong_keys_passes_djangos_own_checks():
    done = check(**STRONG)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY has 5 characters"),
        ({"SECRET_KEY": "django-insecure-" + "aB3$xY7!kL9pQ2wE5rT8uI1oP4sD6fG0hJ"}, "SECRET_KEY is easy to guess"),
        ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY is easy to guess"),
        ({"FIELD_KEY": ""}, "FIELD_KEY is not set"),
        ({"FIELD_KEY": STRONG["SECRET_KEY"]}, "FIELD_KEY must differ"),
        ({"DEBUG": "True"}, "DEBUG shows strangers"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
    ],
)
def test_a_deployment_that_is_not_safe_refuses_to_start(wrong, words, monkeypatch):
    for name, value in (STRONG | wrong).items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=words):
        runpy.run_module("portal.settings.production")


def test_the_refusal_is_words_and_no_traceback():
    done = check(**STRONG | {"SECRET_KEY": "short"})

    assert done.returncode == 1
    assert done.stderr.startswith("SECRET_KEY has 5 characters; it needs 50 or more.")
    assert "Traceback" not in done.stderr


def test_a_strong_key_is_taken_and_a_weak_one_explained():
    assert strong("SECRET_KEY", STRONG["SECRET_KEY"], length=50) == STRONG["SECRET_KEY"]
    with pytest.raises(ImproperlyConfigured, match="needs 50 or more"):
        strong("SECRET_KEY", STRONG["SECRET_KEY"][:49], length=50)


def test_keys_of_a_local_portal_are_made_once_and_for_their_owner_only(tmp_path):
    file = tmp_path / "var" / "keys.json"

    made = local_keys(file)

    assert local_keys(file) == made == json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["keys.json"]
    assert strong("SECRET_KEY", made["SECRET_KEY"], length=50) != strong("FIELD_KEY", made["FIELD_KEY"], length=32)


@pytest.mark.parametrize(
    ("has_keys", "environment", "module"),
    [
        (False, {}, "production"),
        (True, {}, "local"),
        (True, {"SECRET_KEY": "x"}, "production"),
        (True, {"DEBUG": "1"}, "production"),
        (True, {"DATABASE_URL": "postgres://db.invalid/portal"}, "local"),
    ],
)
def test_production_is_what_runs_unless_the_clone_was_set_up_locally(
    has_keys, environment, module, tmp_path, monkeypatch
):
    for name in ("SECRET_KEY", "FIELD_KEY", "ALLOWED_HOSTS", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"PORTAL_STATE_DIR": str(tmp_path), **environment}.items():
        monkeypatch.setenv(name, value)
    if has_keys:
        local_keys(tmp_path / "keys.json")

    assert default_module() == f"portal.settings.{module}"


@pytest.mark.parametrize(
    ("redis_url", "broker"),
    [
        ("redis://cache.example:6379/2", "redis://cache.example:6379/2"),
        ("unix:///run/portal/valkey.sock?db=3", "redis+socket:///run/portal/valkey.sock?virtual_host=3"),
    ],
)
def test_celery_is_told_of_sockets_in_its_own_words(redis_url, broker):
    assert broker_url(redis_url) == broker


def test_debug_is_off_and_nothing_is_faked():
    assert settings.DEBUG is False
    assert settings.DATABASES["default"]["ENGINE"] == "portal.postgresql"
    assert settings.CELERY_BROKER_URL.startswith("redis")
    assert not getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False)


def test_stored_files_stand_under_no_address():
    assert settings.MEDIA_URL in ("", "/")
    assert not Path(settings.MEDIA_ROOT).is_relative_to(settings.STATIC_ROOT)


def test_every_page_forbids_what_it_does_not_use(client):
    headers = client.get(reverse("livez")).headers

    policy = dict(line.split(" ", 1) for line in headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
    }
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=(self)")
    assert headers["Cache-Control"] == "no-store"
