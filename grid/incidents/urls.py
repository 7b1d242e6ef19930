from django.urls import path

from .move_forms import MOVES
from .views import bulk, detail, lists, reporting

app_name = "incidents"
urlpatterns = [
    path("", lists.incident_list, name="list"),
    path("print/", lists.incident_print, name="print"),
    path("export/", lists.incident_export, name="export"),
    path("report/", reporting.incident_report, name="report"),
    path("enter/", reporting.incident_enter, name="enter"),
    path("confirm/", bulk.incidents_confirm, name="confirm"),
    path("<int:pk>/", detail.incident_detail, name="detail"),
    path("<int:pk>/caller/", detail.caller_reveal, name="caller"),
    *[path(f"<int:pk>/{form.slug}/", detail.move(form), name=form.slug) for form in MOVES],
]
