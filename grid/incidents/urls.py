from django.urls import path

from . import views
from .move_forms import MOVES

app_name = "incidents"
urlpatterns = [
    path("", views.incident_list, name="list"),
    path("print/", views.incident_print, name="print"),
    path("export/", views.incident_export, name="export"),
    path("report/", views.incident_report, name="report"),
    path("enter/", views.incident_enter, name="enter"),
    path("confirm/", views.incidents_confirm, name="confirm"),
    path("<int:pk>/", views.incident_detail, name="detail"),
    path("<int:pk>/caller/", views.caller_reveal, name="caller"),
    *[path(f"<int:pk>/{form.slug}/", views.move(form), name=form.slug) for form in MOVES],
]
