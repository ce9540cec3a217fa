"""A reading becomes records: first as a dry run that says what would happen, then all of it or nothing.

The source's key of a record stays with it, so that the same file taken in twice changes nothing. Fields the source owns
follow the source; what people edited here in other fields stays. Nothing is deleted: what vanished from the source is
reported, and archived only when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from steerco.areas.plan import actions
from steerco.connect import plan_rows
from steerco.connect.here import People, edited_here
from steerco.connect.items import Kind, Reading
from steerco.connect.models import ImportRun
from steerco.connect.protocol import Notes
from steerco.connect.receipts import (
    SHOWN,
    Counts,
    Difference,
    ImportRefused,
    Intake,
    Outcome,
    Receipt,
    Vanished,
)
from steerco.connect.sorting import Differing, Fresh, Sorter, system_of
from steerco.kit import access, register, workspace
from steerco.kit.access import Actor
from steerco.kit.fields import Field
from steerco.kit.refusals import Conflict, Invalid, Missing, Refused
from steerco.kit.register import Register
from steerco.kit.tree import Node
from steerco.kit.write import IMPORT, Door, Draft, Edit, door

Progress = Callable[[int, int], None]
MOST_NOTES = 500


def plan(
    actor: Actor, node: Node, reading: Reading, *, sha256: str = "", archive_missing: bool = False
) -> Intake:
    """What taking a reading into a node would do. Nothing is written. Raises Refused."""
    if not access.may_edit(actor, node):
        raise Refused(_("This needs the role “Contributor” on %(node)s.") % {"node": node.name})
    run = _Run(replace(actor, via=IMPORT), node, reading, None, archive_missing)
    return Intake(node.pk, reading, run.outcome(), sha256)


def apply(
    actor: Actor,
    what: Intake | Reading,
    node: Node,
    *,
    sha256: str = "",
    archive_missing: bool = False,
    progress: Progress | None = None,
) -> Receipt:
    """Take a reading into a node: one transaction, all of it or nothing.

    It is compared again with what is here now, so that an edit made since the dry run is not lost. `progress(done, total)`
    counts items. Raises Refused, and ImportRefused naming the row.
    """
    reading, sha256 = (what.reading, what.sha256 or sha256) if isinstance(what, Intake) else (what, sha256)
    acting = replace(actor, via=IMPORT)
    try:
        with door(acting, reason=f"import of {reading.file}"[:500]) as opened:
            if not access.may_edit(acting, node):
                raise Refused(_("This needs the role “Contributor” on %(node)s.") % {"node": node.name})
            node = Node.objects.select_for_update().get(pk=node.pk)
            outcome = _Run(acting, node, reading, opened, archive_missing, progress).outcome()
            kept = _keep(acting, node, reading, outcome, opened.batch, sha256)
    except IntegrityError as error:
        raise ImportRefused(
            f"{reading.file} was not taken in: somebody took in the same rows at the same moment.",
            "Run the import again.",
        ) from error
    except (Conflict, Missing) as error:
        raise ImportRefused(
            f"{reading.file} was not taken in: a record was changed while it ran ({error}).",
            "Run the import again.",
        ) from error
    return Receipt(kept.pk, opened.batch, node.pk, outcome)


def _keep(actor: Actor, node: Node, reading: Reading, outcome: Outcome, batch: str, sha256: str) -> ImportRun:
    told = outcome.to_json()
    notes = [{"kind": kind.value} | note for kind in Kind for note in told.pop(kind.value)]
    notes.sort(key=lambda note: list(NOTED).index(note["kind"]))
    return ImportRun.objects.create(
        node=node,
        system=reading.system,
        file=reading.file[:300],
        sha256=sha256,
        counts=told.pop("registers"),
        notes=notes[:MOST_NOTES],
        receipt=told,
        batch=batch,
        data_date=plan_rows.moment(reading.project.status_date),
        actor_id=actor.user_id,
        actor_name=actor.name[:200],
    )


NOTED = (Kind.REFUSED, Kind.WARNING, Kind.LOST, Kind.MAPPED)


class _Run:
    """One pass over a reading; with a door it writes, without one it only counts."""

    def __init__(
        self,
        actor: Actor,
        node: Node,
        reading: Reading,
        opened: Door | None,
        archive_missing: bool,
        progress: Progress | None = None,
    ) -> None:
        self.actor, self.node, self.reading, self.door = actor, node, reading, opened
        self.archive_missing, self.progress = archive_missing, progress
        self.notes = Notes()
        self.people = People(actor, node)
        self.counts: dict[str, Counts] = {}
        self.differences: list[Difference] = []
        self.vanished: list[Vanished] = []
        self._project_changes: list[tuple[str, str, str]] = []
        self._done = 0
        self._meet_people()
        ids: dict[str, int] = {}
        for slug in self._slugs():
            found = self._take(register.get(slug))
            if slug == "work-items":
                ids = found
        self.network = self._network(ids) if ids else {}
        self._project()

    def outcome(self) -> Outcome:
        """What was, or would be, done."""
        notes = sorted((*self.reading.notes, *self.notes.all()), key=lambda note: NOTED.index(note.kind))
        conflicts_first = sorted(self.differences, key=lambda d: not d.is_conflict)
        return Outcome(
            system=self.reading.system,
            file=self.reading.file,
            counts=self.counts,
            network=self.network,
            project=tuple(self._project_changes),
            differences=tuple(conflicts_first[:SHOWN]),
            vanished=tuple(self.vanished[:SHOWN]),
            notes=tuple(notes),
            people=tuple(self.people.unknown),
        )

    # -- records ---------------------------------------------------------------------------------------------------

    def _slugs(self) -> list[str]:
        slugs = list(dict.fromkeys(item.register for item in self.reading.items))
        for slug in [slug for slug in slugs if register.find(slug) is None]:
            rows = sum(item.register == slug for item in self.reading.items)
            self.notes.add(
                Kind.REFUSED,
                f"There is no register “{slug}” here.",
                where=self.reading.file,
                remedy="Choose another register.",
                count=rows,
            )
            slugs.remove(slug)
        return sorted(slugs, key=lambda slug: slug != "work-items")

    def _meet_people(self) -> None:
        """Know every name of the file before the first row is written: the door asks once who is known."""
        fields = {
            (slug, name)
            for slug in {item.register for item in self.reading.items}
            if (found := register.find(slug))
            for name, spec in found.editable.items()
            if spec.kind == "person"
        }
        for item in self.reading.items:
            for name, raw in item.fields.items():
                if raw and (item.register, name) in fields:
                    self.people.id_of(str(raw))
        if self.door:
            self.people.make()

    def _take(self, target: Register) -> dict[str, int]:
        """Take the items of one register; ids by key, below zero for what a dry run would make."""
        sorter = Sorter(
            target, self.node, self.reading, self.people, edited_here(self.node, target), self.notes
        )
        vanished = sorter.vanished()
        fresh, places = sorter.fresh_count(), sorter.places()
        first = self.door.reserve(target, self.node, fresh) if self.door and fresh else 1
        writer = (
            _Writer(self.door, target, self.node, system_of(self.reading), self.people) if self.door else None
        )
        new = changed = same = conflicts = kept = restored = 0
        for chunk in sorter.chunks():
            if writer:
                writer.make(chunk.fresh, sorter.ids, lambda key: first + places[key])
                writer.change(chunk.differing)
            else:
                sorter.ids.update({f.item.key: -1 - places[f.item.key] for f in chunk.fresh})
            new += len(chunk.fresh)
            changed += sum(bool(d.values) for d in chunk.differing)
            restored += sum(d.restore for d in chunk.differing)
            same, conflicts, kept = same + chunk.same, conflicts + chunk.conflicts, kept + chunk.kept
            self.differences += chunk.differences
            self._done += len(chunk.fresh) + len(chunk.differing) + chunk.same
            if self.progress:
                self.progress(self._done, len(self.reading.items))
        if writer and self.archive_missing:
            writer.archive(vanished)
        self.vanished += vanished
        self.counts[target.slug] = Counts(
            new=new,
            changed=changed,
            same=same,
            refused=sorter.refused,
            vanished=len(vanished),
            archived=len(vanished) if self.archive_missing else 0,
            restored=restored,
            conflicts=conflicts,
            kept=kept,
        )
        return sorter.ids

    # -- the plan and the project ----------------------------------------------------------------------------------

    def _network(self, ids: dict[str, int]) -> dict[str, dict[str, int]]:
        gone = self.counts["work-items"].vanished
        rows = plan_rows.network(
            self.node,
            self.reading,
            ids,
            self.people,
            self.notes,
            whole=not gone or self.archive_missing,
        )
        if self.door:
            found = actions.replace_network(self.door, self.node, rows)
        else:
            found = actions.compare_network(self.node, rows)
        return {
            name: {"new": n.new, "changed": n.changed, "same": n.same, "gone": n.gone}
            for name, n in found.items()
        }

    def _project(self) -> None:
        wanted = plan_rows.project_fields(self.node, self.reading, self.notes)
        if wanted and not access.may_manage(self.actor, self.node):
            self.notes.warn(
                f"The file names another {', '.join(wanted)} of the project, which only a manager changes.",
                remedy="Ask a manager of the project to import the file.",
            )
            wanted = {}
        specs = workspace.node_fields()
        for name, value in wanted.items():
            before = getattr(self.node, name)
            self._project_changes.append((name, specs[name].raw(before), specs[name].raw(value)))
        rules = plan_rows.scheduling(self.reading)
        if not self.door:
            return
        if wanted:
            self.node = workspace.change_node(self.actor, self.node, wanted, version=self.node.version)
        if rules is not None:
            actions.keep_option(self.door, self.node, "scheduling", rules)


class _Writer:
    """Writes sorted chunks of one register through the door."""

    def __init__(self, opened: Door, target: Register, node: Node, system: str, people: People) -> None:
        self.door, self.register, self.node, self.system, self.people = opened, target, node, system, people
        self._parents: dict[int, Any] = {}

    def make(self, fresh: list[Fresh], ids: dict[str, int], number: Callable[[str], int]) -> None:
        """Make the records and remember their ids by key. Raises ImportRefused naming the row."""
        drafts = [
            Draft(
                self._ready(f.values if f.parent is None else {**f.values, "parent": f.parent}),
                self.system,
                f.item.key,
                f.origin,
                number(f.item.key),
            )
            for f in fresh
        ]
        try:
            made = self.door.create_many(self.register, self.node, drafts)
        except Invalid:
            raise self._named(fresh, drafts) from None
        for f, record in zip(fresh, made, strict=True):
            ids[f.item.key] = record.pk

    def change(self, differing: list[Differing]) -> None:
        """Bring archived records back where the source has them again, then change what differs."""
        for d in differing:
            if d.restore:
                d.version = self.door.restore(self.register, d.pk, version=d.version).version
        edits = [Edit(d.pk, self._ready(d.values), d.version, d.origin) for d in differing]
        try:
            self.door.change_many(self.register, self.node, edits)
        except Invalid as invalid:
            raise ImportRefused(
                f"A row could not be taken in ({invalid}); nothing was.",
                "Correct it in the source and import again.",
            ) from None

    def archive(self, vanished: Iterable[Vanished]) -> None:
        """Put away what the source no longer has."""
        for gone in vanished:
            record = self.register.model.objects.get(
                node=self.node, origin_system=self.system, origin_key=gone.key
            )
            self.door.archive(self.register, record.pk, version=record.version)

    def _ready(self, values: dict[str, Any]) -> dict[str, Any]:
        """Values with people and parents as the door takes them."""
        ready = dict(values)
        for name in ready:
            spec: Field | None = self.register.editable.get(name)
            if spec and spec.kind == "person":
                ready[name] = self.people.person(ready[name])
            elif name == "parent":
                ready[name] = self._parent(ready[name])
        return ready

    def _parent(self, pk: int | None) -> Any:
        if pk is None:
            return None
        if pk not in self._parents:
            self._parents[pk] = self.register.model.objects.only("pk", "node_id", "number").get(pk=pk)
        return self._parents[pk]

    def _named(self, fresh: list[Fresh], drafts: list[Draft]) -> ImportRefused:
        for f, draft in zip(fresh, drafts, strict=True):
            try:
                self.door.create_many(self.register, self.node, [draft])
            except Invalid as invalid:
                return ImportRefused(
                    f"{f.item.where} could not be taken in ({invalid}); nothing was.",
                    "Correct the row in the source and import again.",
                )
        return ImportRefused(
            "A row could not be taken in; nothing was.", "Correct it in the source and import again."
        )
