from django.urls import path

from .views import buildings, estates, households, imports, people

app_name = "roster"
urlpatterns = [
    path("people/", people.people_list, name="people"),
    path("people/export/", people.people_export, name="export"),
    path("residents/<int:pk>/", people.resident, name="resident"),
    path("residents/<int:pk>/edit/", people.resident_edit, name="resident_edit"),
    path("residents/<int:pk>/reveal/", people.resident_reveal, name="reveal"),
    path("residents/<int:pk>/move/", people.resident_move, name="resident_move"),
    path("residents/<int:pk>/leave/", people.resident_leave, name="resident_leave"),
    path("residents/<int:pk>/away/", people.resident_away, name="resident_away"),
    path("residents/<int:pk>/restore/", people.resident_restore, name="resident_restore"),
    path("households/<int:pk>/add/", people.resident_add, name="resident_add"),
    path("places/<int:pk>/buildings/", buildings.buildings, name="buildings"),
    path("places/<int:pk>/households/add/", buildings.household_add, name="household_add"),
    path("places/<int:pk>/households/build/", buildings.household_build, name="household_build"),
    path("households/<int:pk>/", households.household, name="household"),
    path("households/<int:pk>/edit/", households.household_edit, name="household_edit"),
    path("households/<int:pk>/representative/", households.representative, name="representative"),
    path("households/<int:pk>/move/", households.household_move, name="household_move"),
    path("households/<int:pk>/remove/", households.household_remove, name="household_remove"),
    path("estates/", estates.estates, name="estates"),
    path("estates/add/", estates.estate_add, name="estate_add"),
    path("estates/<int:pk>/", estates.estate, name="estate"),
    path("estates/<int:pk>/edit/", estates.estate_edit, name="estate_edit"),
    path("roster/template/", imports.template, name="template"),
    path("roster/imports/", imports.import_list, name="imports"),
    path("roster/imports/<int:pk>/", imports.import_detail, name="import"),
    path("roster/imports/<int:pk>/columns/", imports.import_columns, name="import_columns"),
    path("roster/imports/<int:pk>/absent/", imports.import_absent, name="import_absent"),
    path("roster/imports/<int:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("roster/imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("roster/imports/<int:pk>/report/", imports.import_report, name="import_report"),
]
