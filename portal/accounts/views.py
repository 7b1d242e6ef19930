from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render, resolve_url
from django.utils import translation
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from portal.core import kept
from portal.core.access import public, signed_in

from . import appearance, devices, services, throttle
from .forms import ConsentForm, PasswordForm, SignInForm
from .models import User


@public
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_onward(request))
    if not User.objects.exists():
        return redirect("places:first_run")
    form = SignInForm(request.POST or None)
    if form.is_valid() and (user := form.user(request)):
        return _welcome(request, user)
    context = {"form": form, "next": _onward(request)}
    return render(request, "accounts/sign_in.html", context, status=422 if form.is_bound else 200)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    return _goodbye(request, gettext_lazy("You have signed out."))


@signed_in
def consent(request: HttpRequest) -> HttpResponse:
    form = ConsentForm(request.POST if request.method == "POST" else None)  # agreeing fills nothing in
    if form.is_valid() and form.carry_out(actor=request.user):
        return redirect(_onward(request))
    context = {
        "form": form,
        "given": services.standing_consent(request.user),
        "contact": settings.PRIVACY_CONTACT,
        "next": _onward(request),
    }
    return render(request, "accounts/consent.html", context, status=form.status)


@signed_in
@require_POST
def withdraw_consent(request: HttpRequest) -> HttpResponse:
    services.withdraw_consent(request.user, actor=request.user)
    return _goodbye(request, gettext_lazy("Your consent is withdrawn and you have signed out."))


@signed_in
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST or None, user=request.user)
    if form.is_valid():
        tried = throttle.attempt(throttle.Caller(throttle.account_key(request.user), None, "session"))
        if tried.open_at:
            return throttle.refused(request, tried.open_at)
        is_changed = form.carry_out(actor=request.user)
        if "old" not in form.errors:
            tried.forgive()
        if is_changed:
            auth.update_session_auth_hash(request, form.result)
            messages.success(request, _("Your password is changed. On other devices you have been signed out."))
            return redirect(_onward(request, "accounts:profile"))
    context = {"form": form, "next": _onward(request, "accounts:profile")}
    return render(request, "accounts/password.html", context, status=form.status)


@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/profile.html", {"given": services.standing_consent(request.user)})


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("language")
    if wanted not in User.Language.values:
        raise BadRequest("no such language")
    return _prefer(request, language=wanted)


@public
@require_POST
def large_type(request: HttpRequest) -> HttpResponse:
    """Large type on or off as `large_type` says, else the other way round."""
    is_now = request.large_type  # type: ignore[attr-defined]
    is_wanted = {"true": True, "false": False}.get(request.POST.get("large_type", ""), not is_now)
    return _prefer(request, large_type=is_wanted)


@public
@require_safe
def token(request: HttpRequest) -> HttpResponse:
    """A fresh token for a page that has been open long, and the key under which a phone keeps this user's drafts."""
    return JsonResponse({"token": get_token(request), "owner": kept.key_of(request.user)})


def _welcome(request: HttpRequest, user: User) -> HttpResponse:
    """Begin a session under a new key; what this browser chose before becomes the account's choice."""
    auth.login(request, user)
    services.signed_in(user)
    response = redirect(_onward(request))
    if picked := appearance.picked(request):
        services.prefer(user, actor=user, **picked)
        appearance.unpick(response)
    devices.remember(request, response, user)
    return response


def _goodbye(request: HttpRequest, words: Promise) -> HttpResponse:
    """End the session and leave nothing readable on a shared phone; `words` are in the next page's language."""
    auth.logout(request)
    with translation.override(appearance.picked(request).get("language", settings.LANGUAGE_CODE)):
        messages.success(request, str(words))
    response = redirect("accounts:sign_in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _prefer(request: HttpRequest, **preference: Any) -> HttpResponse:
    response = redirect(_onward(request))
    if request.user.is_authenticated:
        services.prefer(request.user, actor=request.user, **preference)
    else:
        appearance.pick(response, **preference)
    return response


def _onward(request: HttpRequest, otherwise: str = "dashboard:home") -> str:
    """Where they wanted to go, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else resolve_url(otherwise)
