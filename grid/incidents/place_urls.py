"""Pages about the incidents of one place, under the address of the place."""

from django.urls import path

from .views import map as maps

app_name = "incidents_at"
urlpatterns = [
    path("<int:pk>/incident-map/", maps.incident_map, name="map"),
    path("<int:pk>/hot-spots/", maps.hot_spots, name="hot_spots"),
    path("<int:pk>/hot-spots/export/", maps.hot_spots_export, name="hot_spots_export"),
]
