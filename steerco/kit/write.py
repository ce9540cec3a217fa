"""The one door: every change of every record passes here, whoever makes it and by whichever way.

    with door(actor, reason="vendor call") as d:
        d.change(risks, record_id, {"probability": "60"}, version=3)

A door is one transaction. It checks access, kind, rules, flow and version, writes the row, tells the trail as its last
act, and marks the project's calculations stale where the register says so.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from steerco.kit import access, jobs, trail
from steerco.kit.access import Actor
from steerco.kit.attached import Comment, File, LinkKind, RecordLink
from steerco.kit.bulk import Mould, update
from steerco.kit.custom import custom_fields, stored
from steerco.kit.fields import Bad, Field, Person, printable, whole
from steerco.kit.people import User
from steerco.kit.queue import Stale
from steerco.kit.record import Counter
from steerco.kit.refusals import Clash, Conflict, Invalid, Missing, Refused, VersionNeeded
from steerco.kit.register import Register, find
from steerco.kit.tree import Node, Role

IMPORT = "import"
PERSON = Person()
_turn = threading.RLock()


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be made in bulk: its fields, and where it came from."""

    fields: Mapping[str, Any]
    origin_system: str = ""
    origin_key: str = ""
    origin: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0  # out of `Door.reserve`; 0 takes the next one


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to be made in bulk: the record, its new values, the version they were compared with.

    `origin` replaces what is kept of the source's own results; None leaves it. It has no version and no history.
    """

    record_id: int
    fields: Mapping[str, Any]
    version: int
    origin: Mapping[str, Any] | None = None


@contextmanager
def door(actor: Actor, *, reason: str = "", batch: str = "") -> Iterator[Door]:
    """One transaction of changes by one actor. Anything raised inside undoes all of it."""
    # SQLite has one writer and wakes those who wait in no order, so that one of many can starve: queue here first.
    with _turn if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        opened = Door(actor, reason=reason, batch=batch or uuid.uuid4().hex)
        yield opened
        opened.finish()


class Door:
    """The verbs. Made by `door`, never directly."""

    def __init__(self, actor: Actor, *, reason: str, batch: str) -> None:
        self.actor, self.reason, self.batch = actor, printable(reason), batch
        self.now: datetime = timezone.now()
        self._entries = trail.Waiting()
        self._stale: dict[int, str] = {}
        self._roles: dict[int, int] = {}
        self._people: dict[int, set[int]] = {}

    # -- records ---------------------------------------------------------------------------------------------------

    def create(self, register: Register, node: Node, fields: Mapping[str, Any], **origin: Any) -> Any:
        """A new record with the next number. Raises Refused, Invalid."""
        return self.create_many(register, node, [Draft(fields, **origin)])[0]

    def create_many(self, register: Register, node: Node, drafts: Sequence[Draft]) -> list[Any]:
        """New records in one go, numbered in order. Raises Refused, or Invalid naming the first bad draft."""
        self.need(node.pk, Role.CONTRIBUTOR)
        if not drafts:
            return []
        specs = self._specs(register, node)
        records = []
        mould = Mould(
            register.model,
            node=node,
            created_at=self.now,
            created_by_id=self.actor.user_id,
            changed_at=self.now,
            changed_by_id=self.actor.user_id,
        )
        for draft in drafts:
            record = mould.row()
            record.origin_system, record.origin_key = draft.origin_system, draft.origin_key
            record.origin = dict(draft.origin)
            given = {"status": register.flow.initial, **draft.fields}
            values = self._clean(register, node, specs, given)
            absent = {
                name: _("is needed") for name, spec in specs.items() if spec.required and name not in values
            }
            if absent:
                raise Invalid(absent)
            _assign(record, values)
            self._check(register, record, before=None)
            records.append((record, values))
        unnumbered = sum(not draft.number for draft in drafts)
        upcoming = count(self.reserve(register, node, unnumbered) if unnumbered else 0)
        for draft, (record, _values) in zip(drafts, records, strict=True):
            record.number = draft.number or next(upcoming)
        made = [record for record, _values in records]
        mould.insert(made)
        for record, values in records:
            after = {n: specs[n].plain(v) for n, v in values.items() if not specs[n].is_empty(v)}
            self._tell(register, record, "create", {}, after)
        self._wake(register, node.pk, register.wakes, records[0][0].ref)
        return made

    def change(
        self, register: Register, record_id: int, fields: Mapping[str, Any], *, version: int | None
    ) -> Any:
        """The record after the change. Raises Missing, Refused, VersionNeeded, Invalid, Conflict."""
        record = self._editable(register, record_id)
        if version is None:
            raise VersionNeeded
        return self._change(register, record, self._specs(register, record.node), fields, version)

    def change_many(self, register: Register, node: Node, edits: Sequence[Edit]) -> int:
        """Change records of one node in one go; how many differed. Raises as `change`."""
        self.need(node.pk, Role.CONTRIBUTOR)
        specs = self._specs(register, node)
        rows = access.rows(register, self.actor, node, archived=True).select_related(
            "node", *register.related
        )
        differed = 0
        for start in range(0, len(edits), 500):
            part = edits[start : start + 500]
            found = rows.in_bulk([edit.record_id for edit in part])
            for edit in part:
                record = found.get(edit.record_id)
                if record is None:
                    raise Missing
                before = record.version
                if edit.fields:
                    self._change(register, record, specs, edit.fields, edit.version)
                differed += record.version != before
                if edit.origin is not None:
                    register.model.objects.filter(pk=record.pk).update(origin=dict(edit.origin))
        return differed

    def _change(
        self,
        register: Register,
        record: Any,
        specs: Mapping[str, Field],
        fields: Mapping[str, Any],
        version: int,
    ) -> Any:
        values = self._clean(register, record.node, specs, fields)
        if record.version != version:
            raise self._conflict(register, record, values, version, specs)
        before = {n: specs[n].of(record) for n in values}
        changed = {n: v for n, v in values.items() if v != before[n]}
        if not changed:
            return record
        status = record.status
        _assign(record, changed)
        self._check(register, record, before=status)
        self._save(register, record, changed, version, values, specs)
        self._tell(
            register,
            record,
            "change",
            {n: specs[n].plain(before[n]) for n in changed},
            {n: specs[n].plain(v) for n, v in changed.items()},
        )
        self._wake(register, record.node_id, set(changed), record.ref)
        return self._readable(register, record.pk)  # with what the database derives from the new values

    def archive(self, register: Register, record_id: int, *, version: int | None) -> Any:
        """Put a record away; it can be restored. Raises as `change`."""
        return self._shelve(register, record_id, version, "archive", self.now)

    def restore(self, register: Register, record_id: int, *, version: int | None) -> Any:
        """Bring an archived record back. Raises as `change`."""
        return self._shelve(register, record_id, version, "restore", None)

    def _shelve(self, register: Register, record_id: int, version: int | None, action: str, when: Any) -> Any:
        record = self._editable(register, record_id)
        if version is None:
            raise VersionNeeded
        if bool(record.archived_at) == bool(when):
            return record
        if record.version != version:
            raise self._conflict(register, record, {}, version, {})
        record.archived_at = when
        self._save(register, record, {"archived_at": when}, version, {}, {})
        self._tell(register, record, action, {}, {})
        self._wake(register, record.node_id, register.wakes, record.ref)
        return record

    # -- what hangs on records -------------------------------------------------------------------------------------

    def comment(self, register: Register, record_id: int, text: str) -> Comment:
        """A comment by anyone who reads the project. Raises Missing, Refused, Invalid."""
        record = self._readable(register, record_id)
        self.need(record.node_id, Role.READER)
        cleaned = Field("comment", _("comment"), "long_text", required=True)
        try:
            text = cleaned.clean(text)
        except Bad as bad:
            raise Invalid({"comment": str(bad)}) from None
        made = Comment.objects.create(
            node_id=record.node_id,
            register=register.slug,
            record_id=record.pk,
            made_by_id=self.actor.user_id,
            made_at=self.now,
            text=text,
        )
        self._tell(register, record, "comment", {}, {"comment": text})
        return made

    def link(
        self, register: Register, record_id: int, kind: str, to_register: Register, to_id: int
    ) -> RecordLink:
        """A typed link from a record the actor may edit to one the actor may read."""
        record = self._editable(register, record_id)
        other = self._readable(to_register, to_id)
        if kind not in LinkKind.values:
            raise Invalid(
                {"kind": _("must be one of: %(allowed)s") % {"allowed": ", ".join(LinkKind.values)}}
            )
        if (register.slug, record.pk) == (to_register.slug, other.pk):
            raise Invalid({"to": _("is the record itself")})
        made, new = RecordLink.objects.get_or_create(
            register=register.slug,
            record_id=record.pk,
            kind=kind,
            to_register=to_register.slug,
            to_record_id=other.pk,
            defaults={
                "node_id": record.node_id,
                "to_node_id": other.node_id,
                "made_by_id": self.actor.user_id,
                "made_at": self.now,
            },
        )
        if new:
            self._tell(register, record, "link", {}, {kind: f"{other.node.key}/{other.ref}"})
            self._wake(register, record.node_id, register.wakes, record.ref)
        return made

    def unlink(self, register: Register, record_id: int, link_id: int) -> None:
        """Take a link away, from either of its ends."""
        record = self._editable(register, record_id)
        link = RecordLink.objects.filter(pk=link_id, register=register.slug, record_id=record.pk).first() or (
            RecordLink.objects.filter(pk=link_id, to_register=register.slug, to_record_id=record.pk).first()
        )
        if not link:
            raise Missing
        link.delete()
        self._tell(register, record, "unlink", {"link": str(link)}, {})
        self._wake(register, record.node_id, register.wakes, record.ref)

    def attach(self, register: Register, record_id: int, name: str, size: int, sha256: str) -> File:
        """Tell that a stored file belongs to a record; `kit.files.store` keeps the bytes first."""
        record = self._editable(register, record_id)
        made = File.objects.create(
            node_id=record.node_id,
            register=register.slug,
            record_id=record.pk,
            made_by_id=self.actor.user_id,
            made_at=self.now,
            name=name,
            size=size,
            sha256=sha256,
        )
        self._tell(register, record, "attach", {}, {"file": name, "sha256": sha256})
        return made

    # -- calculations ----------------------------------------------------------------------------------------------

    def note(
        self,
        node_id: int | None,
        noun: str,
        noun_id: int,
        ref: str,
        action: str,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        """Tell the trail of something that is not a record: a role, a node, a sealed pack. Access was checked by the caller."""
        self._entries.append(
            trail.Entry(
                self.actor.user_id,
                self.actor.via,
                node_id,
                noun,
                noun_id,
                ref,
                action,
                0,
                before,
                after,
                self.reason,
                self.batch,
            )
        )

    def wake(self, node_id: int, because: str) -> None:
        """Mark a node's calculations stale for a reason outside the registers, such as a new calendar."""
        self._stale.setdefault(node_id, because)

    def finish(self) -> None:
        """Write the trail and queue the calculations; called once by `door`."""
        trail.append(self._entries, self.now)
        for node_id, because in self._stale.items():
            Stale.objects.get_or_create(node_id=node_id, defaults={"since": self.now, "because": because})
            jobs.enqueue("recompute", {"node": node_id}, node_id=node_id, once=f"recompute:{node_id}")

    # -- checks ----------------------------------------------------------------------------------------------------

    def need(self, node_id: int, role: int) -> None:
        """Raise Refused unless the actor holds this role on the node."""
        if node_id not in self._roles:
            self._roles[node_id] = access.role_on(self.actor, node_id)
        if self._roles[node_id] < role:
            raise Refused(
                _("This needs the role “%(role)s” here; an owner can grant it.") % {"role": Role(role).label}
            )

    def _readable(self, register: Register, record_id: int) -> Any:
        record = (
            access.rows(register, self.actor, archived=True)
            .filter(pk=record_id)
            .select_related("node")
            .first()
        )
        if record is None:
            raise Missing
        return record

    def _editable(self, register: Register, record_id: int) -> Any:
        record = self._readable(register, record_id)
        self.need(record.node_id, Role.CONTRIBUTOR)
        return record

    def _specs(self, register: Register, node: Node) -> dict[str, Field]:
        return register.editable | custom_fields(register, node)

    def _clean(
        self, register: Register, node: Node, specs: Mapping[str, Field], fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for name, raw in fields.items():
            spec = specs.get(name)
            if spec is None:
                known = register.all_fields.get(name)
                errors[name] = (
                    _("is computed and cannot be set") if known else _("is not a field of this register")
                )
                continue
            try:
                if spec.kind == "person" and raw is not None and str(raw).strip():
                    raw = self._person(raw, node)
                value = spec.clean(raw)
                if spec.kind == "reference" and value is not None:
                    value = self._referenced(spec, value, node)
                values[name] = value
            except Bad as bad:
                errors[name] = str(bad)
        if errors:
            raise Invalid(errors)
        return values

    def _person(self, raw: Any, node: Node) -> Any:
        """Whom the actor names, among the people of the node only: who exists elsewhere is not told."""
        if self.actor.is_system:
            return raw
        if not isinstance(raw, User):
            return PERSON.find(raw, access.people(self.actor, node))
        if node.pk not in self._people:
            self._people[node.pk] = set(access.people(self.actor, node).values_list("pk", flat=True))
        if raw.pk not in self._people[node.pk]:
            raise Bad(_("is nobody known in this project"))
        return raw

    def _referenced(self, spec: Field, value: Any, node: Node) -> Any:
        target = find(spec.register)
        if target is None:
            raise Bad(_("points into a register that is not installed"))
        if isinstance(value, target.model):
            found = value if value.node_id == node.pk else None
        else:
            here = access.rows(target, self.actor, archived=True).filter(node=node)
            number = whole(str(value)) if str(value).isdecimal() else target.number(str(value))
            found = here.filter(number=number).first() if number is not None else None
        if found is None:
            raise Bad(_("is no %(noun)s of this project") % {"noun": target.noun})
        return found

    def _check(self, register: Register, record: Any, before: str | None) -> None:
        """The noun's rules and, unless an outside system owns the record's life, its flow."""
        errors = dict(register.check(record))
        if self.actor.via != IMPORT:
            flow = register.flow
            if before is not None and not flow.may(before, record.status):
                allowed = ", ".join(str(dict(register.statuses)[s]) for s in flow.moves[before]) or _(
                    "nothing"
                )
                errors["status"] = _("cannot go there from here; allowed: %(allowed)s") % {"allowed": allowed}
            if before != record.status:
                for name in flow.needed(record.status):
                    spec = register.all_fields[name]
                    if spec.is_empty(spec.of(record)):
                        errors.setdefault(
                            name,
                            _("is needed before the status can be “%(status)s”")
                            % {"status": dict(register.statuses)[record.status]},
                        )
        if errors:
            raise Invalid(errors)

    def _save(
        self,
        register: Register,
        record: Any,
        changed: Mapping[str, Any],
        version: int,
        values: Mapping[str, Any],
        specs: Mapping[str, Field],
    ) -> None:
        columns = {n: v for n, v in changed.items() if not n.startswith("custom.")}
        if len(columns) < len(changed):
            columns["custom"] = record.custom
        written = register.model.objects.filter(pk=record.pk, version=version).update(
            **columns, version=F("version") + 1, changed_at=self.now, changed_by_id=self.actor.user_id
        )
        if not written:
            fresh = self._readable(register, record.pk)
            raise self._conflict(register, fresh, values, version, specs)
        record.version = version + 1
        record.changed_at, record.changed_by_id = self.now, self.actor.user_id

    def _conflict(
        self,
        register: Register,
        record: Any,
        values: Mapping[str, Any],
        version: int,
        specs: Mapping[str, Field],
    ) -> Conflict:
        since = trail.Change.objects.filter(
            register=register.slug, record_id=record.pk, version__gt=version, action="change"
        ).order_by("seq")
        base: dict[str, Any] = {}
        who = ""
        for change in since.select_related("actor"):
            who = change.actor.name if change.actor else change.via
            for name, value in change.before.items():
                base.setdefault(name, value)
        clashes = []
        for name, spec in {**specs, **register.editable}.items():
            if name not in values and name not in base:
                continue
            theirs = spec.plain(spec.of(record))
            yours = spec.plain(values[name]) if name in values else base[name]
            clashes.append(Clash(spec, base.get(name, theirs), theirs, yours))
        return Conflict(record, clashes, who or _("somebody else"))

    # -- bookkeeping -----------------------------------------------------------------------------------------------

    def reserve(self, register: Register, node: Node, how_many: int) -> int:
        """The first of `how_many` numbers. The update locks the counter's row until the transaction ends."""
        counter, _new = Counter.objects.get_or_create(node=node, prefix=register.prefix)
        Counter.objects.filter(pk=counter.pk).update(last=F("last") + how_many)
        return Counter.objects.values_list("last", flat=True).get(pk=counter.pk) - how_many + 1

    def _tell(
        self, register: Register, record: Any, action: str, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        self._entries.append(
            trail.Entry(
                actor_id=self.actor.user_id,
                via=self.actor.via,
                node_id=record.node_id,
                register=register.slug,
                record_id=record.pk,
                ref=record.ref,
                action=action,
                version=record.version,
                before=before,
                after=after,
                reason=self.reason,
                batch=self.batch,
            )
        )

    def _wake(self, register: Register, node_id: int, changed: Iterable[str], because: str) -> None:
        if register.wakes & set(changed):
            self.wake(node_id, because)


def _assign(record: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name.startswith("custom."):
            record.custom = {**record.custom, name.removeprefix("custom."): stored(value)}
        else:
            setattr(record, name, value)


def store_computed(register: Register, values: Mapping[int, Mapping[str, Any]]) -> None:
    """Write calculation results into a register's system columns: no version, no history, they follow from the records.

    `values` maps a record's id to its columns. Raises ValueError for a column the register does not list as `system`.
    """
    names = {name for columns in values.values() for name in columns}
    if names - register.system:
        raise ValueError(f"{sorted(names - register.system)} are not system columns of {register.slug}")
    if not values:
        return
    columns = sorted(names)
    with transaction.atomic():
        update(
            register.model, columns, {pk: [row.get(name) for name in columns] for pk, row in values.items()}
        )


def create(
    actor: Actor, register: Register, node: Node, fields: Mapping[str, Any], *, reason: str = ""
) -> Any:
    """One new record through a door of its own."""
    with door(actor, reason=reason) as opened:
        return opened.create(register, node, fields)


def change(
    actor: Actor,
    register: Register,
    record_id: int,
    fields: Mapping[str, Any],
    *,
    version: int | None,
    reason: str = "",
) -> Any:
    """One change through a door of its own."""
    with door(actor, reason=reason) as opened:
        return opened.change(register, record_id, fields, version=version)
