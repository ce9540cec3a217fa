"""One record: its page, inspector, form, one-cell edit, conflict, undo, and what hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steerco.kit import access, files
from steerco.kit import register as registers
from steerco.kit.access import Actor
from steerco.kit.attached import WAY_BACK, Comment, File, LinkKind, RecordLink
from steerco.kit.fields import Field, whole
from steerco.kit.pages import rows as shown
from steerco.kit.pages.asked import asked_for, columns_of
from steerco.kit.pages.common import Place, page, place, record_at, toast
from steerco.kit.references import resolve, seen
from steerco.kit.refusals import Conflict, Invalid, Missing
from steerco.kit.trail import Change
from steerco.kit.tree import Role
from steerco.kit.write import create, door

KEPT = {"number", "created_at", "created_by", "changed_at", "changed_by"}  # said in the record's foot


def _version(request: HttpRequest) -> int | None:
    return whole(request.POST.get("version", ""))


def _given(request: HttpRequest, specs: Mapping[str, Field]) -> dict[str, Any]:
    """What a form sends: a field that is present, and unticked boxes that were on the form."""
    boxes = set(request.POST.getlist("_boxes"))
    return {n: request.POST.get(n, "") for n in specs if n in request.POST or n in boxes}


def _inputs(here: Place, values: Mapping[str, str], errors: Mapping[str, str]) -> list[dict[str, Any]]:
    known = {**{s.name: s for s in here.register.form_fields}, **here.extra}
    return [
        {
            "name": n,
            "spec": s,
            "raw": values.get(n, ""),
            "error": errors.get(n, ""),
            "people": _people(here, s),
            "options": _options(here, s),
        }
        for n, s in known.items()
    ]


def _people(here: Place, spec: Field) -> Any:
    return access.people(here.actor, here.node) if spec.kind == "person" else ()


def _options(here: Place, spec: Field) -> Any:
    """A few records a reference field may point at, for its suggestion list."""
    if spec.kind != "reference" or not spec.register:
        return ()
    target = registers.get(spec.register)
    return access.rows(target, here.actor, here.node).order_by("number")[:200]


@require_http_methods(["GET", "POST"])
@page
def record_new(request: HttpRequest, key: str, slug: str) -> HttpResponse:
    """The form for a new record; what was typed is never lost."""
    here = place(request, key, slug)
    specs = here.register.editable | here.extra
    errors: dict[str, str] = {}
    values = {n: s.raw(s.default) for n, s in specs.items() if s.default is not None}
    values |= {"status": here.register.flow.initial} | {n: request.GET[n] for n in specs if n in request.GET}
    if request.method == "POST":
        try:
            made = create(here.actor, here.register, here.node, _given(request, specs))
        except Invalid as invalid:
            errors, values = invalid.errors, request.POST.dict()
        else:
            return redirect(here.url("record", made.ref))
    if not here.may_edit:
        return _only_readers(request, here)
    context = {
        "here": here,
        "node": here.node,
        "register": here.register,
        "inputs": _inputs(here, values, errors),
        "errors": errors,
    }
    return render(request, "kit/form.html", context, status=400 if errors else 200)


def _only_readers(request: HttpRequest, here: Place) -> HttpResponse:
    """Say who may edit: raises Refused, with the role that is needed."""
    with door(here.actor) as opened:
        opened.need(here.node.pk, Role.CONTRIBUTOR)
    raise Missing


@require_GET
@page
def record_page(request: HttpRequest, key: str, slug: str, ref: str) -> HttpResponse:
    """Everything about one record."""
    here = place(request, key, slug)
    return render(request, "kit/record.html", _whole(here, record_at(here, ref)))


@require_GET
@page
def peek(request: HttpRequest, key: str, slug: str, ref: str) -> HttpResponse:
    """The inspector beside the list."""
    here = place(request, key, slug)
    return render(request, "kit/fragments/inspector.html", _whole(here, record_at(here, ref)))


def _whole(here: Place, record: Any) -> dict[str, Any]:
    register = here.register
    specs = [
        *register.form_fields,
        *(s for s in register.all_fields.values() if not s.editable and s.name not in KEPT),
        *here.extra.values(),
    ]
    facts = [(s, s.show(s.of(record))) for s in specs if s.name != "title"]
    at = {"register": register.slug, "record_id": record.pk}
    changes = Change.objects.filter(**at).select_related("actor").order_by("-seq")[:30]
    labels = {**register.all_fields, **here.extra}
    team = here.role >= Role.READER
    allowed = [
        (s, label)
        for s, label in register.statuses
        if register.flow.may(record.status, s) and s != record.status
    ]
    return {
        "here": here,
        "node": here.node,
        "register": register,
        "record": record,
        "status": (
            dict(register.statuses).get(record.status, record.status),
            register.per_status_colour.get(record.status, "neutral"),
        ),
        "facts": [(s, text) for s, text in facts if text],
        "unfilled": [s for s, text in facts if not text and s.editable],
        "moves": [
            (
                s,
                label,
                [
                    register.all_fields[n].label
                    for n in register.flow.needed(s)
                    if register.all_fields[n].is_empty(register.all_fields[n].of(record))
                ],
            )
            for s, label in allowed
        ],
        # What is shared with a guest is the record as it is now, not what the team says of it, nor how it came about.
        "team": team,
        "comments": Comment.objects.filter(**at, removed_at__isnull=True)
        .select_related("made_by")
        .order_by("id")
        if team
        else (),
        "files": File.objects.filter(**at, removed_at__isnull=True).select_related("made_by").order_by("id"),
        "links": links_of(here.actor, register, record),
        "link_kinds": LinkKind.choices,
        "history": [_told(here.actor, change, labels) for change in changes] if team else (),
        "url": here.url("record", record.ref),
        "custom_origin": {
            k: v for k, v in record.custom.items() if k not in {f.name for f in here.extra.values()}
        },
    }


def _told(actor: Actor, change: Change, labels: Mapping[str, Field]) -> dict[str, Any]:
    """A change in a reader's words."""
    lines = []
    for name in seen(actor, change.action, change.after):
        spec = labels.get(name)
        lines.append(
            (
                spec.label if spec else name,
                _plain(spec, change.before.get(name)),
                _plain(spec, change.after[name]),
            )
        )
    return {
        "change": change,
        "who": change.actor.name if change.actor else change.via,
        "lines": lines if change.action != "create" else [],
    }


def _plain(spec: Field | None, value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name", ""))
    if spec is None or value in (None, "", []):
        return "" if value is None else str(value)
    if spec.kind in {"person", "reference"}:
        return str(value)
    try:
        if spec.kind == "percent":
            from decimal import Decimal

            return spec.show(Decimal(str(value)))
        return spec.show(spec.behaviour.clean(value, spec))
    except ValueError:
        return str(value)


def links_of(actor: Actor, register: registers.Register, record: Any) -> list[dict[str, Any]]:
    """Links from and to a record whose other end the actor may read."""
    found = []
    out = RecordLink.objects.filter(register=register.slug, record_id=record.pk)
    back = RecordLink.objects.filter(to_register=register.slug, to_record_id=record.pk)
    ends = [(at, at.to_register, at.to_record_id, str(at.get_kind_display())) for at in out]
    ends += [(at, at.register, at.record_id, str(WAY_BACK[LinkKind(at.kind)])) for at in back]
    for slug in {slug for _at, slug, _pk, _words in ends}:
        other = registers.find(slug)
        if other is None:
            continue
        here = [(at, pk, words) for at, s, pk, words in ends if s == slug]
        readable = (
            access.rows(other, actor, archived=True)
            .filter(pk__in=[pk for _at, pk, _words in here])
            .select_related("node")
            .in_bulk()
        )
        found += [
            {"link": at, "words": words, "record": readable[pk], "register": other}
            for at, pk, words in here
            if pk in readable
        ]
    return sorted(found, key=lambda f: f["link"].pk)


@require_http_methods(["GET", "POST"])
@page
def record_edit(request: HttpRequest, key: str, slug: str, ref: str) -> HttpResponse:
    """The whole form. A stale one shows yours, theirs and the base, and merges by one click where it can."""
    here = place(request, key, slug)
    record = record_at(here, ref)
    specs = {s.name: s for s in here.register.form_fields} | here.extra
    errors: dict[str, str] = {}
    values = {n: s.raw(s.of(record)) for n, s in specs.items()}
    if request.method == "POST":
        try:
            with door(here.actor, reason=request.POST.get("reason", "")) as opened:
                opened.change(here.register, record.pk, _given(request, specs), version=_version(request))
        except Invalid as invalid:
            errors, values = invalid.errors, values | request.POST.dict()
        except Conflict as conflict:
            return conflict_page(request, here, conflict)
        else:
            return redirect(here.url("record", ref))
    if not here.may_edit:
        return _only_readers(request, here)
    context = {
        "here": here, "node": here.node, "register": here.register, "record": record,
        "inputs": _inputs(here, values, errors), "errors": errors,
        "version": request.POST.get("version") if errors else record.version,
    }  # fmt: skip
    return render(request, "kit/form.html", context, status=400 if errors else 200)


def conflict_page(request: HttpRequest, here: Place, conflict: Conflict) -> HttpResponse:
    """Yours, theirs, base, field by field; the form below posts the choice against the version that is now."""
    lines = [
        {
            "name": f"custom.{c.field.name}" if c.field.custom else c.field.name,
            "spec": c.field,
            "base": _plain(c.field, c.base),
            "theirs": _plain(c.field, c.theirs),
            "yours": _plain(c.field, c.yours),
            "theirs_raw": _posted(c.field, c.theirs),
            "yours_raw": _posted(c.field, c.yours),
            "keep_yours": c.yours_changed,
            "overlaps": c.overlaps,
        }
        for c in conflict.clashes
        if c.yours_changed or c.theirs != c.base
    ]
    context = {
        "here": here, "node": here.node, "register": here.register, "conflict": conflict,
        "record": conflict.record, "lines": lines, "url": here.url("resolve", conflict.record.ref),
    }  # fmt: skip
    template = "kit/fragments/conflict.html" if request.headers.get("HX-Request") else "kit/conflict.html"
    return render(request, template, context, status=409)


def _posted(spec: Field, value: Any) -> str:
    """A plain history value as the form would send it."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return str(value.get("id", ""))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "1" if value else ""
    if spec.kind == "percent":
        from decimal import Decimal

        return str(Decimal(str(value)) * 100)
    if spec.kind == "minutes":
        return spec.behaviour.raw(int(value), spec)
    return str(value)


@require_POST
@page
def settle(request: HttpRequest, key: str, slug: str, ref: str) -> HttpResponse:
    """Save what a person chose in a conflict: for each field `pick.<name>` is yours or theirs."""
    here = place(request, key, slug)
    record = record_at(here, ref)
    specs = here.register.editable | here.extra
    chosen = {
        n: request.POST.get(f"yours.{n}", "") for n in specs if request.POST.get(f"pick.{n}") == "yours"
    }
    try:
        with door(here.actor, reason=_("after a conflict")) as opened:
            opened.change(here.register, record.pk, chosen, version=_version(request))
    except Conflict as conflict:
        return conflict_page(request, here, conflict)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return redirect(here.url("record", ref))


@require_http_methods(["GET", "POST"])
@page
def cell(request: HttpRequest, key: str, slug: str, ref: str, field: str) -> HttpResponse:
    """One field in place: GET gives its form, POST saves and gives the whole row back."""
    here = place(request, key, slug)
    record = record_at(here, ref, archived=False)
    specs = here.register.editable | here.extra
    if field not in specs:
        raise Missing
    spec = specs[field]
    context = {
        "here": here, "record": record, "spec": spec, "name": field, "raw": spec.raw(spec.of(record)),
        "version": record.version, "url": here.url("cell", ref, field),
        "people": _people(here, spec), "options": _options(here, spec), "columns": asked_for(request, here).columns,
    }  # fmt: skip
    if request.method == "GET":
        if not here.may_edit:
            return _only_readers(request, here)
        return render(request, "kit/fragments/cell_form.html", context)
    try:
        with door(here.actor) as opened:
            opened.change(
                here.register, record.pk, {field: request.POST.get(field, "")}, version=_version(request)
            )
            batch = opened.batch
    except Invalid as invalid:
        text = "; ".join(
            t if n == field else f"{specs[n].label if n in specs else n} {t}"
            for n, t in invalid.errors.items()
        )
        context |= {
            "raw": request.POST.get(field, ""),
            "error": text,
            "version": request.POST.get("version", ""),
        }
        response = render(request, "kit/fragments/cell_form.html", context, status=422)
        response["HX-Retarget"] = f'tr[data-ref="{record.ref}"] td[data-field="{field}"]'
        response["HX-Reswap"] = "innerHTML"
        return response
    except Conflict as conflict:
        response = conflict_page(request, here, conflict)
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
        return response
    fresh = record_at(here, ref)
    response = HttpResponse(_row(request, here, fresh).markup)
    return toast(response, _("%(ref)s saved.") % {"ref": ref}, undo_url=here.url("undo", batch))


@require_GET
@page
def row(request: HttpRequest, key: str, slug: str, ref: str) -> HttpResponse:
    """A row as it stands: what Esc brings back."""
    here = place(request, key, slug)
    return HttpResponse(_row(request, here, record_at(here, ref)).markup)


def _row(request: HttpRequest, here: Place, record: Any) -> shown.Row:
    """A record as the list shows it, with the columns the reader chose there."""
    asked = asked_for(request, here)
    columns = columns_of(asked, here)
    return shown.build(
        here.register, [record], columns, node=here.node, may_edit=here.may_edit, chosen=asked.columns
    )[0]


@require_POST
@page
def undo(request: HttpRequest, key: str, slug: str, batch: str) -> HttpResponse:
    """Take one batch of changes back, where nobody changed those rows since; itself a change, so it can be undone."""
    here = place(request, key, slug)
    changes = list(
        Change.objects.filter(batch=batch, register=slug, node=here.node, action="change").order_by("-seq")
    )
    if not changes or any(c.actor_id != here.actor.user_id for c in changes):
        raise Missing
    specs = here.register.editable | here.extra
    try:
        with door(here.actor, reason=_("undo")) as opened:
            for change in changes:
                before = {n: _posted(specs[n], v) for n, v in change.before.items() if n in specs}
                opened.change(here.register, change.record_id, before, version=change.version)
    except Conflict as conflict:
        return conflict_page(request, here, conflict)
    if request.headers.get("HX-Request") or request.headers.get("Accept", "").startswith("application/json"):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return redirect(here.url("register"))


@require_POST
@page
def shelve(request: HttpRequest, key: str, slug: str, ref: str, verb: str) -> HttpResponse:
    """Archive a record or bring it back."""
    here = place(request, key, slug)
    record = record_at(here, ref)
    try:
        with door(here.actor) as opened:
            act = opened.archive if verb == "archive" else opened.restore
            act(here.register, record.pk, version=_version(request))
    except Conflict as conflict:
        return conflict_page(request, here, conflict)
    return redirect(here.url("record", ref) if verb == "restore" else here.url("register"))


@require_POST
@page
def comment(request: HttpRequest, key: str, slug: str, ref: str) -> HttpResponse:
    """Say something about a record."""
    here = place(request, key, slug)
    record = record_at(here, ref)
    with door(here.actor) as opened:
        opened.comment(here.register, record.pk, request.POST.get("comment", ""))
    return redirect(here.url("record", ref) + "#comments")


@require_POST
@page
def link(request: HttpRequest, key: str, slug: str, ref: str) -> HttpResponse:
    """Link to another record by its reference: `R-12` here, `EDGE/R-12` elsewhere."""
    here = place(request, key, slug)
    record = record_at(here, ref)
    target, found = resolve(here.actor, request.POST.get("to", ""), here.node.key)
    with door(here.actor) as opened:
        opened.link(here.register, record.pk, request.POST.get("kind", LinkKind.RELATES), target, found.pk)
    return redirect(here.url("record", ref) + "#links")


@require_POST
@page
def unlink(request: HttpRequest, key: str, slug: str, ref: str, link_id: int) -> HttpResponse:
    """Take a link away."""
    here = place(request, key, slug)
    record = record_at(here, ref)
    with door(here.actor) as opened:
        opened.unlink(here.register, record.pk, link_id)
    return redirect(here.url("record", ref) + "#links")


@require_POST
@page
def attach(request: HttpRequest, key: str, slug: str, ref: str) -> HttpResponse:
    """Keep a file with a record."""
    here = place(request, key, slug)
    record = record_at(here, ref)
    if not here.may_edit:
        return _only_readers(request, here)
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid({"file": _("choose a file first")})
    stored = files.store(upload)
    with door(here.actor) as opened:
        opened.attach(here.register, record.pk, stored.name, stored.size, stored.sha256)
    return redirect(here.url("record", ref) + "#files")


@require_GET
@page
def download(request: HttpRequest, key: str, slug: str, ref: str, file_id: int) -> HttpResponseBase:
    """A file of a record the reader may see; always a download, never a page of ours."""
    here = place(request, key, slug)
    record = record_at(here, ref)
    found = File.objects.filter(
        pk=file_id, register=slug, record_id=record.pk, removed_at__isnull=True
    ).first()
    if found is None:
        raise Missing
    return files.serve(found)
