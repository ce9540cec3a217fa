"""Custom fields of a node's registers: which hold here and where they come from; add one, take one away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from steerco.kit import access, definitions, workspace
from steerco.kit.access import Actor
from steerco.kit.pages.common import page
from steerco.kit.refusals import Invalid
from steerco.kit.tree import Role

FORM = ("register", "label", "kind", "choices", "help")


@require_http_methods(["GET", "POST"])
@page
def custom_fields(request: HttpRequest, key: str) -> HttpResponse:
    """The fields of every register, and the form for a new one."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    given = dict.fromkeys(FORM, "") | {"kind": "text", "register": request.GET.get("register", "")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in FORM}
        try:
            made = definitions.define(
                actor, node, given["register"], label=given["label"], kind=given["kind"], choices=given["choices"],
                help_text=given["help"],
            )  # fmt: skip
        except Invalid as invalid:
            errors = invalid.errors
        else:
            messages.success(request, _("“%(label)s” is added.") % {"label": made.label})
            return redirect("custom-fields", key=node.key)
    found = definitions.definitions(actor, node)
    seen = set(access.nodes(actor).values_list("pk", flat=True))
    context = {
        "node": node,
        "shown": [
            (register, [(one, definitions.KIND_NAMES[one.kind], one.node_id in seen) for one in fields])
            for register, fields in found
        ],
        "kinds": definitions.KIND_NAMES,
        "given": given,
        "errors": errors,
    }
    return render(request, "site/custom_fields.html", context, status=400 if errors else 200)


@require_POST
@page
def remove_field(request: HttpRequest, key: str, field_id: int) -> HttpResponse:
    """Take a field of this node away; its values stay and come back with it."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    gone = definitions.remove(actor, node, field_id)
    told = _(
        "“%(label)s” is taken away. Its values are kept: add a field of the same name to have them back."
    )
    messages.success(request, told % {"label": gone.label})
    return redirect("custom-fields", key=node.key)
