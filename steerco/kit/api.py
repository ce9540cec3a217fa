"""The JSON API of a register: list, read, create, change, archive, history, comments and links, from its declaration.

Every call goes through the same gate and the same door as the pages. A change must say the version it was made from, in
`If-Match` or in the body; a stale one gets 409 with yours, theirs and base.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from ninja.params.functions import Header
from ninja.security import HttpBearer, SessionAuth
from pydantic import BaseModel, ConfigDict, create_model
from pydantic import Field as Described

from steerco.kit import access, query, workspace
from steerco.kit.access import Actor
from steerco.kit.attached import Comment, LinkKind
from steerco.kit.custom import custom_fields
from steerco.kit.fields import Field, whole
from steerco.kit.pages.records import links_of
from steerco.kit.pages.rows import page_of
from steerco.kit.references import resolve, seen
from steerco.kit.refusals import Invalid, Missing
from steerco.kit.register import Register
from steerco.kit.tokens import ApiToken, holder
from steerco.kit.trail import Change
from steerco.kit.tree import Role
from steerco.kit.write import door

JSON_TYPES: dict[str, Any] = {
    "text": str, "long_text": str, "choice": str, "reference": str, "boolean": bool, "tags": list[str],
    "integer": int | str, "minutes": int | str, "number": float | str, "money": str | float, "percent": float | str,
    "date": date | str, "datetime": datetime | str, "person": int | str,
}  # fmt: skip


class Token(HttpBearer):
    """`Authorization: Bearer stc_...`; a read token cannot change anything."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found = holder(token)
        if found is None or (found.scope == ApiToken.Scope.READ and request.method not in {"GET", "HEAD"}):
            return None
        request.user = found.user
        return found.user


class Session(SessionAuth):
    """The browser's own session, with its CSRF token for changes."""


AUTH = [Token(), Session()]


class Listing(Schema):
    """One page of records; `next` is the `after` of the following page, empty at the end."""

    items: list[dict[str, Any]]
    next: str


class Told(Schema):
    """Why not, in words, and field by field where fields are at fault."""

    detail: str
    errors: dict[str, str] = {}


class Clashed(Told):
    """A conflict: the version that is now, and per field the base, theirs and yours."""

    version: int
    fields: list[dict[str, Any]]


class Listed(Schema):
    """What to list: a query in the language of the lists, a node's key, a sort, a place to go on from."""

    q: str = ""
    node: str = ""
    sort: str = ""
    after: str = ""
    limit: int = Described(50, ge=1, le=500)
    archived: bool = False


class Said(Schema):
    """A comment."""

    text: str = Described(max_length=20_000)


class Linking(Schema):
    """A link to a record by reference: `R-12` in the same project, `EDGE/R-12` elsewhere."""

    kind: str = LinkKind.RELATES.value
    to: str


def plain(record: Any, specs: dict[str, Field]) -> dict[str, Any]:
    """A record as the API gives it."""
    return {
        "id": record.pk,
        "ref": record.ref,
        "node": record.node.key,
        "version": record.version,
        "archived": record.archived_at is not None,
        **{name: spec.plain(spec.of(record)) for name, spec in specs.items() if name != "number"},
    }


def _body(register: Register, *, new: bool) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (
            JSON_TYPES[spec.kind] | None,
            Described(None, description=f"{spec.label}. {spec.help}".strip()),
        )
        for name, spec in register.editable.items()
    }
    if new:
        fields["node"] = (str, Described(description="Key of the project the record belongs to."))
    else:
        fields["version"] = (int | None, Described(None, description="Version edited; or send If-Match."))
    name = "".join(word.capitalize() for word in register.slug.split("-"))
    # A plain pydantic model: what the register does not know must reach the door, which says so.
    return create_model(f"{name}{'New' if new else 'Change'}", __config__=ConfigDict(extra="allow"), **fields)


def router_of(register: Register) -> Router:
    """Every endpoint of one register."""
    router = Router(auth=AUTH, tags=[str(register.nouns)])
    refusals = {403: Told, 404: Told}
    saving = {**refusals, 409: Clashed, 422: Told, 428: Told}
    new_body, change_body = _body(register, new=True), _body(register, new=False)

    def specs_for(node: Any) -> dict[str, Field]:
        return register.all_fields | custom_fields(register, node)

    def one(actor: Actor, pk: int) -> Any:
        found = (
            access.rows(register, actor, archived=True)
            .filter(pk=pk)
            .select_related("node", *register.related)
            .first()
        )
        if found is None:
            raise Missing
        return found

    def one_of_ours(actor: Actor, pk: int) -> Any:
        """A record for somebody of the team: what is said of it, and how it came about, is not for guests."""
        record = one(actor, pk)
        if access.role_on(actor, record.node_id) < Role.READER:
            raise Missing
        return record

    def listing(request: HttpRequest, asked: Query[Listed]) -> Any:
        actor = Actor.of(request, "api")
        node = workspace.get_node(actor, asked.node) if asked.node else None
        extra = custom_fields(register, node) if node else {}
        parsed = query.parse(asked.q, register, extra)
        if parsed.problems:
            raise Invalid({"q": " ".join(parsed.problems)})
        found = query.apply(
            access.rows(register, actor, node, archived=asked.archived), parsed, register, actor, extra
        )
        found, sort = query.order(found, asked.sort, register)
        part = page_of(
            found.select_related("node", *register.related), sort, register, asked.after, asked.limit
        )
        specs = register.all_fields | extra
        return {"items": [plain(row, specs) for row in part.rows], "next": part.following}

    def read(request: HttpRequest, record_id: int, response: HttpResponse) -> Any:
        record = one(Actor.of(request, "api"), record_id)
        response["ETag"] = f'"{record.version}"'
        return plain(record, specs_for(record.node))

    def create(request: HttpRequest, body: Any) -> Any:
        actor = Actor.of(request, "api")
        given = body.model_dump(exclude_unset=True)
        node = workspace.get_node(actor, str(given.pop("node", "")))
        with door(actor) as opened:
            made = opened.create(register, node, given)
        return Status(201, plain(one(actor, made.pk), specs_for(node)))

    def change(
        request: HttpRequest, record_id: int, body: Any, if_match: str = Header("", alias="If-Match")
    ) -> Any:
        actor = Actor.of(request, "api")
        given = body.model_dump(exclude_unset=True)
        version = _version(if_match, given.pop("version", None))
        with door(actor) as opened:
            opened.change(register, record_id, given, version=version)
        record = one(actor, record_id)
        return Status(200, plain(record, specs_for(record.node)))

    def archive(request: HttpRequest, record_id: int, if_match: str = Header("", alias="If-Match")) -> Any:
        with door(Actor.of(request, "api")) as opened:
            opened.archive(register, record_id, version=_version(if_match, None))
        return Status(204, None)

    def restore(request: HttpRequest, record_id: int, if_match: str = Header("", alias="If-Match")) -> Any:
        actor = Actor.of(request, "api")
        with door(actor) as opened:
            opened.restore(register, record_id, version=_version(if_match, None))
        record = one(actor, record_id)
        return Status(200, plain(record, specs_for(record.node)))

    def history(request: HttpRequest, record_id: int) -> Any:
        actor = Actor.of(request, "api")
        record = one_of_ours(actor, record_id)
        changes = Change.objects.filter(register=register.slug, record_id=record.pk).select_related("actor")
        return [
            {
                "seq": c.seq, "at": c.at, "by": c.actor.name if c.actor else c.via, "via": c.via, "action": c.action,
                "version": c.version, "before": c.before, "after": seen(actor, c.action, c.after), "reason": c.reason, "batch": c.batch,
            }
            for c in changes.order_by("-seq")[:500]
        ]  # fmt: skip

    def comments(request: HttpRequest, record_id: int) -> Any:
        record = one_of_ours(Actor.of(request, "api"), record_id)
        found = Comment.objects.filter(register=register.slug, record_id=record.pk, removed_at__isnull=True)
        return [
            {"id": c.pk, "at": c.made_at, "by": c.made_by.name if c.made_by else "", "text": c.text}
            for c in found.select_related("made_by").order_by("id")
        ]

    def say(request: HttpRequest, record_id: int, body: Said) -> Any:
        with door(Actor.of(request, "api")) as opened:
            made = opened.comment(register, record_id, body.text)
        return Status(201, {"id": made.pk})

    def links(request: HttpRequest, record_id: int) -> Any:
        actor = Actor.of(request, "api")
        return [
            {"id": e["link"].pk, "words": str(e["words"]), "register": e["register"].slug, "ref": e["record"].ref,
             "node": e["record"].node.key, "title": e["record"].title}
            for e in links_of(actor, register, one(actor, record_id))
        ]  # fmt: skip

    def tie(request: HttpRequest, record_id: int, body: Linking) -> Any:
        actor = Actor.of(request, "api")
        record = one(actor, record_id)
        target, other = resolve(actor, body.to, record.node.key)
        with door(actor) as opened:
            made = opened.link(register, record.pk, body.kind, target, other.pk)
        return Status(201, {"id": made.pk})

    def untie(request: HttpRequest, record_id: int, link_id: int) -> Any:
        with door(Actor.of(request, "api")) as opened:
            opened.unlink(register, record_id, link_id)
        return Status(204, None)

    create.__annotations__["body"] = new_body
    change.__annotations__["body"] = change_body
    name, one_path = register.slug.replace("-", "_"), "/{int:record_id}"
    add: list[tuple[list[str], str, Any, Any, str]] = [
        (["GET"], "", listing, {200: Listing, 404: Told, 422: Told}, "list"),
        (["POST"], "", create, {201: dict[str, Any], **saving}, "create"),
        (["GET"], one_path, read, {200: dict[str, Any], **refusals}, "read"),
        (["PATCH"], one_path, change, {200: dict[str, Any], **saving}, "change"),
        (["DELETE"], one_path, archive, {204: None, **saving}, "archive"),
        (["POST"], f"{one_path}/restore", restore, {200: dict[str, Any], **saving}, "restore"),
        (["GET"], f"{one_path}/history", history, {200: list[dict[str, Any]], **refusals}, "history"),
        (["GET"], f"{one_path}/comments", comments, {200: list[dict[str, Any]], **refusals}, "comments"),
        (["POST"], f"{one_path}/comments", say, {201: dict[str, Any], **saving}, "comment"),
        (["GET"], f"{one_path}/links", links, {200: list[dict[str, Any]], **refusals}, "links"),
        (["POST"], f"{one_path}/links", tie, {201: dict[str, Any], **saving}, "link"),
        (["DELETE"], f"{one_path}/links/{{int:link_id}}", untie, {204: None, **saving}, "unlink"),
    ]
    for methods, path, view, response, verb in add:
        router.add_api_operation(
            path, methods, view, response=response, operation_id=f"{name}_{verb}", url_name=f"api-{register.slug}-{verb}",
            summary=f"{verb.capitalize()}: {register.nouns}",
        )  # fmt: skip
    return router


def _version(if_match: str, given: Any) -> int | None:
    text = if_match.strip().removeprefix("W/").strip('"')
    if (version := whole(text)) is not None:
        return version
    return given if isinstance(given, int) else None


__all__ = ["AUTH", "plain", "router_of"]
