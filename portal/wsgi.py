"""What the web server runs."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from portal import embedded
from portal.settings import default_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", default_module())
embedded.ensure_started(settings.ENGINES_PROFILE)
application = get_wsgi_application()
