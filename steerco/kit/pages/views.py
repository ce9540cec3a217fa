"""Saved views: keep the list that is shown, change what a view keeps, forget it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from steerco.kit import saved_views
from steerco.kit.attached import SavedView
from steerco.kit.fields import whole
from steerco.kit.pages.asked import Asked
from steerco.kit.pages.common import Place, page, place
from steerco.kit.refusals import Invalid
from steerco.kit.saved_views import SHOWS


@require_POST
@page
def save(request: HttpRequest, key: str, slug: str) -> HttpResponse:
    """Keep what the form's hidden fields say under a name."""
    here = place(request, key, slug)
    try:
        view = saved_views.keep(
            here.actor, here.node, here.register, name=request.POST.get("name", ""), shows=_shows(request),
            shared=_ticked(request, "shared"), is_default=_ticked(request, "is_default"),
        )  # fmt: skip
    except Invalid as invalid:
        return _back(request, here, None, invalid)
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return _back(request, here, view)


@require_POST
@page
def change(request: HttpRequest, key: str, slug: str, view_id: int) -> HttpResponse:
    """Keep what is shown now under the view's name, or, where the form has a name, rename it or change its reach."""
    here = place(request, key, slug)
    renames = "name" in request.POST
    try:
        view = saved_views.change(
            here.actor, here.node, here.register, view_id,
            version=whole(request.POST.get("version", "")),
            shows=None if renames else _shows(request),
            name=request.POST["name"] if renames else None,
            shared=_ticked(request, "shared") if renames else None,
            is_default=_ticked(request, "is_default") if renames else None,
        )  # fmt: skip
    except Invalid as invalid:
        found = next((v for v in here.views if v.pk == view_id), None)
        return _back(request, here, found, invalid)
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return _back(request, here, view)


@require_POST
@page
def remove(request: HttpRequest, key: str, slug: str, view_id: int) -> HttpResponse:
    """Forget a view; the list stays as it is shown."""
    here = place(request, key, slug)
    gone = saved_views.remove(here.actor, here.node, here.register, view_id)
    messages.success(request, _("The view “%(name)s” is gone; no record was changed.") % {"name": gone.name})
    return _back(request, here, None)


def _shows(request: HttpRequest) -> dict[str, str]:
    return {key: request.POST.get(key, "") for key in SHOWS}


def _ticked(request: HttpRequest, name: str) -> bool:
    return request.POST.get(name) == "1"


def _back(
    request: HttpRequest, here: Place, view: SavedView | None, invalid: Invalid | None = None
) -> HttpResponse:
    """To the list as it was shown, with what was wrong if anything was."""
    if invalid is not None:
        for name, text in invalid.errors.items():
            messages.error(request, _("The name %(what)s.") % {"what": text} if name == "name" else text)
    shown = Asked(**(_shows(request) if "q" in request.POST or view is None else dict(view.shows)), view=view)
    return redirect(here.url("register") + shown.link())
