from django.urls import path

from . import views

app_name = "files"

urlpatterns = [
    path("<uuid:pk>/", views.show, name="show"),
    path("<uuid:pk>/thumbnail/", views.thumbnail, name="thumbnail"),
]
