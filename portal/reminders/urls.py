from django.urls import path

from .views import inbox, settings

app_name = "reminders"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("read/", inbox.read_all, name="read_all"),
    path("<int:pk>/", inbox.open_, name="open"),
    path("<int:pk>/done/", inbox.done, name="done"),
    path("settings/", settings.settings, name="settings"),
    path("settings/address/", settings.address, name="address"),
    path("settings/link/", settings.link, name="link"),
    path("v/<slug:token>/", settings.confirm, name="confirm_address"),  # logs leave out what follows /v/
]
