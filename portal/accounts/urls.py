from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("consent/", views.consent, name="consent"),
    path("consent/withdraw/", views.withdraw_consent, name="withdraw_consent"),
    path("password/", views.password, name="password"),
    path("profile/", views.profile, name="profile"),
    path("language/", views.language, name="language"),
    path("token/", views.token, name="token"),
    path("large-type/", views.large_type, name="large_type"),
]
