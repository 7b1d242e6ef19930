from django.urls import path

from . import views

app_name = "places"
urlpatterns = [
    path("places/", views.mine, name="mine"),
    path("places/rights/", views.my_rights, name="rights"),
    path("places/<int:pk>/", views.place, name="place"),
    path("places/<int:pk>/open/", views.open_places, name="open"),
    path("places/<int:pk>/history/", views.history, name="history"),
    path("places/<int:pk>/appoint/", views.appoint, name="appoint"),
    path("places/<int:pk>/departments/add/", views.add_department, name="add_department"),
    path("departments/<int:pk>/appoint/", views.appoint_officer, name="appoint_officer"),
    path("appointments/<int:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("people/<int:pk>/reset-password/", views.reset_password, name="reset_password"),
    path("people/<int:pk>/slip/", views.slip, name="slip"),
    path("first-run/", views.first_run, name="first_run"),
]
