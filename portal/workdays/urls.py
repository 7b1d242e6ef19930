from django.urls import path

from . import views

app_name = "workdays"

urlpatterns = [
    path("", views.year, name="year"),
    path("<int:year>/", views.year, name="year"),
    path("<int:year>/add/", views.add_days, name="add"),
    path("<int:year>/declare/", views.declare, name="declare"),
    path("<int:year>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:year>/<int:month>/<int:day>/", views.change_day, name="change"),
    path("<int:year>/<int:month>/<int:day>/remove/", views.remove_day, name="remove"),
]
