"""A register's list: filters as chips, sorting, endless pages, bulk change, and export of exactly what is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from steerco.kit import access, grouping, query, saved_views, sheets
from steerco.kit.fields import Field, whole
from steerco.kit.pages import rows as shown
from steerco.kit.pages.asked import Asked, asked_for, columns_of
from steerco.kit.pages.common import Place, page, place, toast
from steerco.kit.refusals import Conflict, Invalid
from steerco.kit.tree import Role
from steerco.kit.write import door

BULK_LIMIT = 5_000


def found_in(asked: Asked, here: Place) -> tuple[Any, query.Query, str]:
    """Rows the reader may see that match what is asked for, sorted; the parsed query; the sort used."""
    parsed = query.parse(asked.q, here.register, here.extra)
    found = access.rows(here.register, here.actor, here.node, archived=bool(asked.archived))
    if asked.archived:
        found = found.filter(archived_at__isnull=False)
    found = query.apply(found, parsed, here.register, here.actor, here.extra)
    if asked.group:
        found = grouping.placed(found, asked.group, here.register)
    found, sort = query.order(found, asked.sort, here.register, grouping.PLACE if asked.group else "")
    return found.select_related("node", *here.register.related), parsed, sort


@require_GET
@page
def register_list(request: HttpRequest, key: str, slug: str) -> HttpResponse:
    """The table, or with `after` only its next rows."""
    here = place(request, key, slug)
    asked = asked_for(request, here, opens=True)
    columns = columns_of(asked, here)
    found, parsed, sort = found_in(asked, here)
    after = request.GET.get("after", "")
    part = shown.page_of(found, sort, here.register, after, group=asked.group)
    groups = None
    if asked.group:
        groups = grouping.headings(
            part.rows,
            part.reached,
            asked.group,
            here.register,
            lambda: grouping.totals(found, columns, here.node),
        )
    context = {
        "here": here,
        "node": here.node,
        "register": here.register,
        "asked": asked,
        "rows": shown.build(
            here.register,
            part.rows,
            columns,
            node=here.node,
            may_edit=here.may_edit,
            chosen=asked.columns,
            groups=groups,
        ),
        "lead": 2 + (here.may_edit and here.node.is_project) + (not here.node.is_project),
        "next": "?" + asked.plain(after=part.following) if part.following else "",
        "across": not here.node.is_project,
    }
    if after and request.headers.get("HX-Request"):
        return render(request, "kit/fragments/rows.html", context)
    return render(request, "kit/list.html", context | _around(asked, here, columns, parsed, sort))


def _around(
    asked: Asked, here: Place, columns: list[Field], parsed: query.Query, sort: str
) -> dict[str, Any]:
    """What stands around the rows: views, chips, menus, bulk bar."""
    register = here.register
    known = register.all_fields | here.extra
    groups = grouping.groupable(register, here.node)
    reads = here.role >= Role.READER and here.actor.user_id is not None
    return {
        "columns": [(spec, _sort_link(asked, spec, sort)) for spec in columns],
        "query": parsed,
        "chips": [(term, asked.link(q=parsed.without(term))) for term in parsed.terms],
        "sort": sort,
        "exported": asked.plain(),
        "kept": [*((k, v) for k, v in asked.shows.items() if k not in {"q", "columns"}), *_begun(asked)],
        "usual": asked.link(columns=""),
        "cleared": asked.link(q="", archived=""),
        "shelf": asked.link(archived="1"),
        "by_ref": asked.link(sort="-number" if sort == "number" else "number"),
        "groups": [(name, label, asked.link(group=name)) for name, label in groups.items()],
        "grouped": groups.get(asked.group, ""),
        "ungrouped": asked.link(group=""),
        "views": here.views,
        "may_keep": reads,
        "may_share": here.role >= Role.CONTRIBUTOR,
        "may_open_first": here.role >= Role.MANAGER,
        "may_change_view": asked.view is not None and saved_views.may_change(here.actor, asked.view),
        "filterable": sorted(query.names(register, here.extra)),
        "choosable": [(name, spec, spec in columns) for name, spec in known.items() if name != "number"],
        "bulk_fields": [
            s for s in register.form_fields if s.kind not in {"long_text", "reference"} and s.name != "title"
        ],
        "people": access.people(here.actor, here.node),
    }


def _begun(asked: Asked) -> list[tuple[str, str]]:
    return [("view", str(asked.view.pk))] if asked.view else []


def _sort_link(asked: Asked, spec: Field, sort: str) -> tuple[str, str]:
    """(address that sorts by this column, current direction for aria-sort); no address where it cannot be sorted."""
    if not spec.path or spec.custom or spec.kind in {"tags", "long_text"}:
        return "", ""
    if sort == spec.name:
        return asked.link(sort=f"-{spec.name}"), "ascending"
    return asked.link(sort=spec.name), "descending" if sort == f"-{spec.name}" else ""


@require_GET
@page
def export(request: HttpRequest, key: str, slug: str, suffix: str) -> HttpResponseBase:
    """Exactly the rows and columns of the list, with reference and version so that it can come back."""
    here = place(request, key, slug)
    asked = asked_for(request, here)
    columns = columns_of(asked, here)
    found, _parsed, _sort = found_in(asked, here)
    header = [
        _("Ref"),
        *([] if here.node.is_project else [_("Project")]),
        *(capfirst(str(s.label)) for s in columns),
    ]
    lines = (_line(record, columns, here) for record in found.iterator(chunk_size=1000))
    name = re.sub(r"[^\w.-]+", "-", f"{here.node.key}-{here.register.slug}")
    if suffix == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            sheets.to_csv(header, lines), content_type="text/csv; charset=utf-8"
        )
    else:
        response = HttpResponse(
            sheets.to_xlsx(capfirst(str(here.register.nouns)), header, lines),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    response["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return response


def _line(record: Any, columns: Sequence[Field], here: Place) -> list[Any]:
    where = [] if here.node.is_project else [record.node.key]
    cells = [
        # A guest learns who owns a thing, not the address to write to.
        (spec.show if spec.kind == "person" and here.role < Role.READER else spec.export)(spec.of(record))
        for spec in columns
    ]
    return [record.ref, *where, *cells]


@require_POST
@page
def bulk(request: HttpRequest, key: str, slug: str) -> HttpResponse:
    """One field of many rows at once: without `sure` a preview, with it the change, all or nothing."""
    here = place(request, key, slug)
    with door(here.actor) as opened:
        opened.need(here.node.pk, Role.CONTRIBUTOR)
    field, raw = request.POST.get("field", ""), request.POST.get("value", "")
    numbers = [
        n for ref in request.POST.getlist("ref")[:BULK_LIMIT] if (n := here.register.number(ref)) is not None
    ]
    specs = here.register.editable | here.extra
    if field not in specs or not numbers:
        raise Invalid({field or "field": _("choose rows and a field first")})
    found = access.rows(here.register, here.actor, here.node).filter(number__in=numbers, node=here.node)
    records = list(found.select_related("node", *here.register.related).order_by("number"))
    if not records:
        raise Invalid({"ref": _("choose rows and a field first")})
    spec = specs[field]
    context = {
        "here": here,
        "node": here.node,
        "register": here.register,
        "spec": spec,
        "field": field,
        "value": raw,
        "records": records,
    }
    if "sure" not in request.POST:
        return _preview(request, here, context)
    versions = dict(zip(request.POST.getlist("ref"), request.POST.getlist("version"), strict=False))
    try:
        with door(here.actor) as opened:
            for record in records:
                version = whole(versions.get(record.ref, ""))
                opened.change(here.register, record.pk, {field: raw}, version=version)
            batch = opened.batch
    except Invalid as invalid:
        return render(
            request, "kit/fragments/bulk_preview.html", {**context, "errors": invalid.errors}, status=422
        )
    except Conflict as conflict:
        return render(
            request, "kit/fragments/bulk_preview.html", {**context, "errors": {"": str(conflict)}}, status=409
        )
    text = ngettext("%(n)d row changed.", "%(n)d rows changed.", len(records)) % {"n": len(records)}
    if not request.headers.get("HX-Request"):
        return redirect(here.url("register"))
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return toast(response, text, undo_url=here.url("undo", batch))


class _Tried(Exception):
    """Ends a door whose changes were only looked at."""


def _preview(request: HttpRequest, here: Place, context: dict[str, Any]) -> HttpResponse:
    """What a bulk change would make of each row, found out by doing it and taking all of it back."""
    spec: Field = context["spec"]
    lines = []
    try:
        with door(here.actor) as opened:
            for record in context["records"]:
                before = spec.show(spec.of(record))
                given = {context["field"]: context["value"]}
                after = opened.change(here.register, record.pk, given, version=record.version)
                lines.append((record, before, spec.show(spec.of(after))))
            raise _Tried
    except _Tried:
        errors: dict[str, str] = {}
    except Invalid as invalid:
        errors = dict(invalid.errors)
    shown_in = {**context, "lines": lines, "errors": errors}
    return render(request, "kit/fragments/bulk_preview.html", shown_in, status=422 if errors else 200)
