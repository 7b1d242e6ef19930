from django.urls import path

from . import views

app_name = "figures"

urlpatterns = [path("<int:pk>/recount/", views.recount, name="recount")]
