"""Signing in and out, the one-time link, a person's own settings and API tokens."""

from __future__ import annotations

import functools
import hashlib
import zoneinfo
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from steerco.kit.access import Actor
from steerco.kit.fields import printable, whole
from steerco.kit.pages.common import page, problem
from steerco.kit.people import OneTimeLink, User
from steerco.kit.refusals import Missing
from steerco.kit.tokens import ApiToken, make
from steerco.kit.write import door

TRIES, PAUSE = 8, timedelta(minutes=10)
LONGEST_DAYS = 365  # an API token's life


def new_one_time_link(user: User, token: str, hours: int = 24) -> None:
    """Keep the hash of a sign-in token for an account; earlier links end."""
    OneTimeLink.objects.filter(user=user, used_at__isnull=True).delete()
    OneTimeLink.objects.create(
        user=user,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(hours=hours),
    )


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token does not fit: to the door for somebody whose session has ended, else the page says what to do."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    told = _(
        "This page was opened before you signed in, or your browser keeps no cookies. Go back, reload it, and try again."
    )
    return problem(request, 403, _("This form is too old"), told)


def _too_many(request: HttpRequest, email: str) -> bool:
    """Count a failed try per account and per source; the account's count never locks out other sources' owner."""
    source = request.META.get("REMOTE_ADDR", "")
    keys = [
        hashlib.sha256(f"{email.lower()}|{source}".encode()).hexdigest(),
        hashlib.sha256(f"|{source}".encode()).hexdigest(),
    ]
    limits = [TRIES, TRIES * 5]
    return any(cache.get(f"tries:{key}", 0) >= limit for key, limit in zip(keys, limits, strict=True))


def _count(request: HttpRequest, email: str) -> None:
    source = request.META.get("REMOTE_ADDR", "")
    for text in (f"{email.lower()}|{source}", f"|{source}"):
        key = f"tries:{hashlib.sha256(text.encode()).hexdigest()}"
        cache.add(key, 0, PAUSE.total_seconds())
        try:
            cache.incr(key)
        except ValueError:
            cache.set(key, 1, PAUSE.total_seconds())


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail address and password; every refusal reads the same."""
    if request.user.is_authenticated:
        return redirect("home")
    email, error, status = "", "", 200
    if request.method == "POST":
        email = printable(request.POST.get("email", "")).strip()[:254]
        if _too_many(request, email):
            error, status = (
                _("Too many tries. Wait ten minutes, or ask an administrator for a one-time link."),
                429,
            )
        else:
            user = authenticate(
                request, username=email.lower(), password=request.POST.get("password", "")[:1000]
            )
            if user is not None:
                login(request, user)
                following = request.GET.get("next", "")
                safe = url_has_allowed_host_and_scheme(
                    following, {request.get_host()}, require_https=request.is_secure()
                )
                return redirect(following if safe else settings.LOGIN_REDIRECT_URL)
            _count(request, email)
            error, status = _("That address and password do not belong together."), 400
    return render(request, "site/sign_in.html", {"email": email, "error": error}, status=status)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_once(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link: opening it shows a button, so that a mail scanner cannot use it up; pressing it signs in."""
    hashed = hashlib.sha256(token.encode()).hexdigest()
    if request.method == "GET":
        return render(request, "site/sign_in_once.html", {})
    with transaction.atomic():
        link = (
            OneTimeLink.objects.select_for_update()
            .filter(
                token_hash=hashed, used_at__isnull=True, expires_at__gt=timezone.now(), user__is_active=True
            )
            .first()
        )
        if link is None:
            return render(request, "site/sign_in_once.html", {"spent": True}, status=400)
        link.used_at = timezone.now()
        link.save(update_fields=["used_at"])
    login(request, link.user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("account" if not link.user.has_usable_password() else "home")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return redirect("sign-in")


@sensitive_post_parameters("password", "current")
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """A person's name, language, time zone and password."""
    user = request.user
    assert isinstance(user, User)
    errors: dict[str, str] = {}
    if request.method == "POST":
        name = printable(request.POST.get("name", "")).strip()[:200]
        language, zone = request.POST.get("language", "en"), request.POST.get("timezone", "UTC")
        if not name:
            errors["name"] = _("Your name is needed.")
        if language not in dict(settings.LANGUAGES):
            errors["language"] = _("This language is not available.")
        if zone not in _zones():
            errors["timezone"] = _("This time zone is not known.")
        password = request.POST.get("password", "")
        if (
            password
            and user.has_usable_password()
            and not user.check_password(request.POST.get("current", ""))
        ):
            errors["current"] = _("That is not your current password.")
        if password:
            try:
                validate_password(password, user)
            except ValidationError as weak:
                errors["password"] = " ".join(weak.messages)
        if not errors:
            asked = {"name": name, "language": language, "timezone": zone}
            before = {what: getattr(user, what) for what in asked}
            changed = {what: value for what, value in asked.items() if value != before[what]}
            for what, value in changed.items():
                setattr(user, what, value)
            if password:
                user.set_password(password)
                changed |= {"password": "changed"}
            if changed:
                with door(Actor.of(request)) as opened:
                    user.save()
                    was = {what: before[what] for what in changed if what in before}
                    opened.note(None, "account", user.pk, user.email or user.name, "change", was, changed)
            if password:
                update_session_auth_hash(request, user)
            messages.success(request, _("Saved."))
            return redirect("account")
    return _account_page(request, user, errors)


@functools.cache
def _zones() -> list[str]:
    """The names of time zones; finding them opens some six hundred files."""
    return sorted(zoneinfo.available_timezones())


def _account_page(
    request: HttpRequest, user: User, errors: dict[str, str], *, secret: str = ""
) -> HttpResponse:
    context = {
        "person": user,
        "errors": errors,
        "zones": _zones(),
        "languages": settings.LANGUAGES,
        "tokens": user.tokens.filter(revoked_at__isnull=True).order_by("-id"),
        "scopes": ApiToken.Scope.choices,
        "secret": secret,
        "longest": LONGEST_DAYS,
        "now": timezone.now(),
    }
    return render(request, "site/account.html", context, status=400 if errors else 200)


@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """Make an API token. Its secret is in this one answer and nowhere else, so there is no redirect to come back to."""
    user = request.user
    assert isinstance(user, User)
    name = printable(request.POST.get("name", "")).strip()[:80]
    scope, days = request.POST.get("scope", ""), whole(request.POST.get("days", "")) or 0
    errors: dict[str, str] = {}
    if not name:
        errors["token-name"] = _("Say what the token is for.")
    if scope not in ApiToken.Scope.values:
        errors["token-scope"] = _("This scope is not known.")
    if not 1 <= days <= LONGEST_DAYS:
        errors["token-days"] = _("A token lives from 1 to %(days)d days.") % {"days": LONGEST_DAYS}
    if errors:
        return _account_page(request, user, errors)
    with door(Actor.of(request)) as opened:
        secret = make(user, name, scope, timezone.now() + timedelta(days=days))
        opened.note(None, "account", user.pk, "", "token", {}, {"name": name, "scope": scope, "days": days})
    return _account_page(request, user, {}, secret=secret)


@require_POST
@page
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's own API tokens."""
    actor = Actor.of(request)
    found = ApiToken.objects.filter(pk=token_id, user=actor.user_id, revoked_at__isnull=True).first()
    if found is None:
        raise Missing
    with door(actor) as opened:
        ApiToken.objects.filter(pk=found.pk).update(revoked_at=timezone.now())
        opened.note(None, "account", found.user_id, "", "token ended", {"name": found.name}, {})
    messages.success(request, _("The token no longer works."))
    return redirect("account")
