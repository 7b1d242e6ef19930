"""A deployment: everything from the environment, refused when it is not safe.

SECRET_KEY, FIELD_KEY and ALLOWED_HOSTS must be set. DATABASE_URL and REDIS_URL name servers in place of the embedded
ones. SITE_URL, PROXY_COUNT, CSRF_TRUSTED_ORIGINS, EMAIL_URL, DEFAULT_FROM_EMAIL, PRIVACY_CONTACT, PORTAL_STATE_DIR and
LOG_LEVEL fit the portal to its place.
"""

from django.core.exceptions import ImproperlyConfigured

from .base import *
from .base import env
from .keys import strong

if env.bool("DEBUG", False):
    raise ImproperlyConfigured("DEBUG shows strangers the inside of the portal; unset it.")

SECRET_KEY = strong("SECRET_KEY", env.str("SECRET_KEY", ""), length=50)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
FIELD_KEY = strong("FIELD_KEY", env.str("FIELD_KEY", ""), length=32)  # encrypts personal identifiers; never change it
if FIELD_KEY == SECRET_KEY:
    raise ImproperlyConfigured("FIELD_KEY must differ from SECRET_KEY: one may be renewed, the other never.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the portal's host names, separated by commas.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# https, usually ended by a proxy: PROXY_COUNT says how many stand before us, and so whose headers may be believed.
PROXY_COUNT = env.int("PROXY_COUNT", 0)
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # asked by machines next door, over plain http
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
