"""Two customers side by side under one roof, each with something in every table, and marks that show where texts go.

Everything of Beta carries the mark BETA_MARK; everything of Alpha that is not shared with guests carries HIDDEN_MARK. A mark
in an answer to somebody who may not see it is a leak, whichever way it took.
"""

from __future__ import annotations

import contextlib
import io
import json
import secrets
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import pypdf
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.test import Client
from django.utils.html import escape

from steerco.connect.models import ImportRun
from steerco.kit import files, jobs, saved_views, tokens, workspace, write
from steerco.kit.access import Actor
from steerco.kit.attached import CustomField
from steerco.kit.people import OneTimeLink, User
from steerco.kit.queue import Job, Stale
from steerco.kit.record import Counter
from steerco.kit.register import get, registers
from steerco.kit.testing import filled
from steerco.kit.trail import Head
from steerco.kit.tree import Node, Role
from steerco.report import seal
from steerco.report.models import SealedPack
from steerco.report.weekly import gather
from steerco.status.recompute import recompute
from steerco.status.results import Reading

BETA_MARK = "zqxbeta"
HIDDEN_MARK = "hushalpha"
PASSWORD = "correct horse battery"
NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
ROLES = ("anonymous", "nobody", "stranger", "guest", "reader", "contributor", "manager", "owner")
SYSTEM = Actor.system("cli")


@dataclass
class Customer:
    """One customer's project: who works there, and an id of each sort of thing that can be named."""

    node: Node
    owner: User
    named: User
    hidden: dict[str, Any] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)
    archived: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return Actor.person(self.owner)


@dataclass
class Town:
    """Root over Alpha and Beta. On Alpha a person of each role; the stranger owns Beta; nobody holds no role."""

    root: Node
    alpha: Customer
    beta: Customer
    people: dict[str, User]

    def actor(self, name: str) -> Actor:
        return Actor.person(self.people[name])

    def client(self, name: str, **more: Any) -> Client:
        """A signed-in browser of a person; nobody signed in for `anonymous`."""
        client = Client(raise_request_exception=False, **more)
        if name != "anonymous":
            client.force_login(self.people[name])
        return client


def build() -> Town:
    """The whole town, computed, with a sealed pack on either side."""
    root = workspace.create_node(SYSTEM, None, "portfolio", "All", key="ALL")
    people = {}
    for name in ROLES[1:]:
        mark = f"{BETA_MARK}-" if name == "stranger" else ""
        people[name] = User.objects.create_user(
            f"{mark}{name}@example.org", f"{mark.title()}{name.capitalize()}"
        )
    alpha = workspace.create_node(SYSTEM, root, "project", "Alpha", key="ALPHA", start=NOW)
    beta = workspace.create_node(
        SYSTEM, root, "project", f"{BETA_MARK} project", key=BETA_MARK.upper(), start=NOW,
        sponsor=f"{BETA_MARK} sponsor", description=f"{BETA_MARK} description", stage=f"{BETA_MARK} stage",
    )  # fmt: skip
    for name, role in zip(ROLES[3:], Role.values, strict=True):
        workspace.grant(SYSTEM, alpha, people[name], role)
    workspace.grant(SYSTEM, beta, people["stranger"], Role.OWNER)
    few_draws = {"health_policy": {"forecast": {"draws": 1000, "driver_draws": 1000}}}
    Node.objects.filter(pk__in=[alpha.pk, beta.pk]).update(options=few_draws)
    # Beta's numbers start elsewhere, so that its references name nothing of Alpha.
    Counter.objects.bulk_create([Counter(node=beta, prefix=r.prefix, last=5000) for r in registers()])
    sides = [
        _customer(Node.objects.get(pk=alpha.pk), people["owner"], HIDDEN_MARK, "openalpha"),
        _customer(Node.objects.get(pk=beta.pk), people["stranger"], BETA_MARK, BETA_MARK),
    ]
    with write.door(SYSTEM) as opened:  # somebody who reads both sides linked them
        for end in (sides[0].hidden, sides[0].shared):
            opened.link(get("risks"), end["risks"].pk, "relates", get("risks"), sides[1].shared["risks"].pk)
    for side in sides:
        _compute(side)
    return Town(root, sides[0], sides[1], people)


def _customer(node: Node, owner: User, secret: str, open_: str) -> Customer:
    it = Customer(node, owner, User.objects.create_named(f"{secret} named", node.pk))
    for register in registers():
        added = CustomField.objects.create(
            node=node, register=register.slug, name="note", label=f"{open_} label", kind="text"
        )
        it.ids["field_id"] = added.pk
        texts = {n: s for n, s in register.editable.items() if s.kind in {"text", "long_text", "tags"}}
        for into, mark in ((it.hidden, secret), (it.shared, open_), (it.archived, secret)):
            values = {n: f"{mark} {n}"[: s.max_length or 200] for n, s in texts.items()}
            fields = (
                filled(register, owner)
                | values
                | {"shared": into is it.shared, "custom.note": f"{mark} note"}
            )
            if into is not it.hidden and "parent" in register.editable:
                fields["parent"] = it.hidden[register.slug]  # what a guest sees is part of what no guest sees
            into[register.slug] = write.create(it.actor, register, node, fields)
    risks, items = get("risks"), get("work-items")
    with write.door(it.actor, reason=f"{secret} reason") as opened:
        for into, mark in ((it.hidden, secret), (it.shared, open_)):
            for slug, record in into.items():
                opened.comment(get(slug), record.pk, f"{secret} comment")
                kept = files.store(SimpleUploadedFile(f"{mark}.txt", f"{mark} content".encode()))
                attached = opened.attach(get(slug), record.pk, kept.name, kept.size, kept.sha256)
                it.ids[f"file:{record.ref}"] = attached.pk
        for slug, record in it.archived.items():
            opened.archive(get(slug), record.pk, version=1)
        it.ids["link_id"] = opened.link(
            risks, it.shared["risks"].pk, "threatens", items, it.hidden["work-items"].pk
        ).pk
    write.change(it.actor, risks, it.shared["risks"].pk, {"title": f"{secret} before sharing"}, version=1)
    with write.door(it.actor, reason=f"{secret} why") as opened:
        opened.change(risks, it.hidden["risks"].pk, {"title": f"{secret} retitled"}, version=1)
        opened.change(risks, it.shared["risks"].pk, {"title": f"{open_} title"}, version=2)
        it.ids["batch"] = opened.batch
    run = ImportRun.objects.create(
        node=node, system="mspdi", file=f"{secret}.xml", actor=owner, actor_name=f"{secret} importer",
        receipt={"network": {}},
        counts={"risks": {"new": 1, "changed": 0, "same": 0, "refused": 0}}, notes=[{
            "kind": "finding", "where": f"{secret} row", "field": "", "target": "", "text": f"{secret} finding",
            "remedy": "", "count": 1,
        }],
    )  # fmt: skip
    it.ids["run_id"] = run.pk
    stored = files.store(SimpleUploadedFile("plan.csv", f"title\n{secret} imported\n".encode()))
    look = {"node": node.pk, "sha256": stored.sha256, "name": f"{secret}.csv", "user": owner.pk}
    job = jobs.enqueue("import-look", look, node_id=node.pk, made_by_id=owner.pk)
    Job.objects.filter(pk=job.pk).update(state="done", result={"refusal": f"{secret} refusal"})
    it.ids["job_id"] = job.pk
    it.ids["user"], it.ids["named"] = owner.pk, it.named.pk
    it.ids["email"], it.ids["key"] = owner.email, node.key
    it.ids["file_id"] = it.ids[f"file:{it.hidden['risks'].ref}"]
    kept = saved_views.keep(
        it.actor,
        node,
        risks,
        name=f"{secret} view",
        shows={"q": f"-{secret}", "group": "status"},
        shared=True,
    )
    it.ids["view_id"] = kept.pk
    tokens.make(owner, f"{secret} token", "write", datetime.now(UTC) + timedelta(days=1))
    it.ids["token_id"] = owner.tokens.get().pk
    return it


def _compute(it: Customer) -> None:
    """Forecast, readings, health and a sealed pack of a customer's project, and nothing left to do."""
    recompute(it.node.pk, now=NOW)
    pack = gather(it.actor, it.node, now=NOW, language="en", base_url="http://testserver")
    it.ids["pack_id"] = seal.keep(it.actor, it.node, pack).pk
    it.ids["reading_id"] = Reading.objects.filter(node=it.node).first().pk
    Job.objects.exclude(name="import-look").delete()
    Stale.objects.all().delete()


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What happens inside did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def head() -> int:
    """How many changes the trail tells of."""
    found = Head.objects.first()
    return found.seq if found else 0


FLEETING = {"sessions.Session", "kit.ApiToken"}  # a session is made by signing in; a token notes its last use


def contents(node: Node | None = None) -> dict[str, list[Any]]:
    """Every row of every table; with a node only the rows that belong to it. Equal before and after is untouched."""
    found = {}
    for model in apps.get_models():
        names = {f.name for f in model._meta.get_fields() if isinstance(f, models.ForeignKey)}
        if model._meta.label in FLEETING or (node is not None and "node" not in names and model is not Node):
            continue
        rows = model._default_manager.order_by("pk")
        if node is not None:
            rows = rows.filter(pk=node.pk) if model is Node else rows.filter(node=node)
        found[model._meta.label] = list(rows.values_list())
    return found


def everything(response: Any) -> str:
    """All text an answer carries: status line, headers, and the body unpacked from whichever format."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    told = [f"{name}: {value}" for name, value in response.items()]
    told += [morsel.OutputString() for morsel in response.cookies.values()]
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            told += [package.read(name).decode("utf-8", "replace") for name in package.namelist()]
    elif body[:4] == b"%PDF":
        told += [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages]
    else:
        text = body.decode("utf-8", "replace")
        told.append(text)
        with contextlib.suppress(ValueError):  # JSON escapes may hide letters
            told.append(json.dumps(json.loads(text), ensure_ascii=False))
    return "\n".join(told)


def leak(response: Any, mark: str, said: str = "") -> str:
    """The surroundings of a mark in an answer, empty where there is none; `said` is what the asker sent and may hear again."""
    text = everything(response)
    for own in {said, said.lower(), said.upper()} - {""}:
        for spelling in (
            own,
            escape(own),
            quote(own),
            quote_plus(own),
            quote(own, safe=""),
            quote(own, safe=",:"),
        ):
            text = text.replace(spelling, "")
    at = text.casefold().find(mark.casefold())
    return "" if at < 0 else text[max(0, at - 80) : at + 80]


def secret_link(user: User) -> str:
    """A one-time sign-in token of an account."""
    from steerco.site.accounts import new_one_time_link

    token = secrets.token_urlsafe(32)
    new_one_time_link(user, token)
    return token


__all__ = ["OneTimeLink", "SealedPack", "Town", "build", "date"]
