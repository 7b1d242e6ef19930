"""What the web server runs."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from portal import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
embedded.ensure_started(settings.ENGINES_PROFILE)
application = get_wsgi_application()
