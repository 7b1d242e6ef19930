from django.urls import path

from . import redrawing_views, succession_views, views
from .redrawing_forms import STEPS

app_name = "places"
urlpatterns = [
    path("places/", views.mine, name="mine"),
    path("places/rights/", views.my_rights, name="rights"),
    path("places/<int:pk>/", views.place, name="place"),
    path("places/<int:pk>/open/", views.open_places, name="open"),
    path("places/<int:pk>/history/", views.history, name="history"),
    path("places/<int:pk>/duty-phone/", views.duty_phone, name="duty_phone"),
    path("places/<int:pk>/appoint/", views.appoint, name="appoint"),
    path("places/<int:pk>/leaders/", succession_views.appoint_leaders, name="appoint_leaders"),
    path("places/<int:pk>/slips/", succession_views.all_slips, name="slips"),
    path("places/<int:pk>/vacancies/", succession_views.vacancies, name="vacancies"),
    *[path(f"places/<int:pk>/{form.slug}/", redrawing_views.step(form), name=form.slug) for form in STEPS],
    path("places/<int:pk>/departments/add/", views.add_department, name="add_department"),
    path("departments/<int:pk>/appoint/", views.appoint_officer, name="appoint_officer"),
    path("departments/<int:pk>/rename/", redrawing_views.rename_department, name="rename_department"),
    path("departments/<int:pk>/state/", redrawing_views.department_state, name="department_state"),
    path("appointments/<int:pk>/replace/", succession_views.replace, name="replace"),
    path("appointments/<int:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("people/<int:pk>/reset-password/", views.reset_password, name="reset_password"),
    path("people/<int:pk>/slip/", views.slip, name="slip"),
    path("first-run/", views.first_run, name="first_run"),
]
