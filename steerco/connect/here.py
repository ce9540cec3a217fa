"""What is here already: people an import may name, and values that people edited since the source last wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.people import User
from steerco.kit.register import Register
from steerco.kit.trail import Change
from steerco.kit.tree import Node
from steerco.kit.write import IMPORT

Edited = dict[int, dict[str, Any]]


class People:
    """Names and addresses in a file, matched to people who are known on the node."""

    def __init__(self, actor: Actor, node: Node) -> None:
        self._node = node
        self._by_text: dict[str, User | None] = {}
        self._names: dict[int, str] = {}
        self._made: dict[int, User] = {}
        self.unknown: dict[str, int] = {}  # name -> a stand-in id below zero, until it is made
        for person in access.people(actor, node):
            self._made[person.pk] = person
            self._names[person.pk] = person.name
            if person.email:
                self._by_text[person.email.casefold()] = person
            if person.name in self._by_text and self._by_text[person.name] != person:
                self._by_text[person.name] = None
            else:
                self._by_text[person.name] = person

    def find(self, text: str) -> User | None:
        """The one person of an address or exact name; nobody where it is unknown or two share it."""
        return self._by_text.get(text.casefold()) if "@" in text else self._by_text.get(text)

    def id_of(self, text: str) -> int | None:
        """The id of a person, below zero for one who is yet to be made; None where the name is ambiguous."""
        text = text.strip()[:200].strip()
        if not text:
            return None
        found = self.find(text)
        if found is not None:
            return found.pk
        if text in self._by_text:
            return None
        return self.unknown.setdefault(text, -1 - len(self.unknown))

    def name_of(self, person_id: int | None) -> str:
        """The name to show for an id that `id_of` gave or that a record holds."""
        if person_id is None:
            return ""
        if person_id < 0:
            return next(name for name, stand_in in self.unknown.items() if stand_in == person_id)
        if person_id not in self._names:
            self._names[person_id] = User.objects.values_list("name", flat=True).get(pk=person_id)
        return self._names[person_id]

    def make(self) -> None:
        """Make the names that nobody here has yet known on the node."""
        for name, stand_in in self.unknown.items():
            if stand_in not in self._made:
                person = User.objects.create_named(name, self._node.pk)
                self._made[stand_in] = self._by_text[name] = person
                self._names[person.pk] = name

    def person(self, person_id: int | None) -> User | None:
        """The person of an id, or of the stand-in of one who has been made since."""
        if person_id is None:
            return None
        if person_id not in self._made:
            self._made[person_id] = User.objects.get(pk=person_id)
        return self._made[person_id]


def edited_here(node: Node, register: Register) -> Edited:
    """Record id -> field -> plain value before people here first edited it after the last import wrote it."""
    changes = Change.objects.filter(node=node, register=register.slug, action="change")
    touched = set(changes.exclude(via=IMPORT).values_list("record_id", flat=True).iterator())
    edited: Edited = {}
    for part in _parts(touched):
        rows = changes.filter(record_id__in=part).order_by("seq")
        for record_id, via, before, after in rows.values_list("record_id", "via", "before", "after"):
            fields = edited.setdefault(record_id, {})
            if via == IMPORT:
                for name in after:
                    fields.pop(name, None)
            else:
                for name, value in before.items():
                    fields.setdefault(name, value)
    return {record_id: fields for record_id, fields in edited.items() if fields}


def put_away_by_import(node: Node, register: Register, record_ids: Iterable[int]) -> set[int]:
    """Those of some archived records whose last archiving was done by an import, not by a person."""
    last: dict[int, str] = {}
    for part in _parts(set(record_ids)):
        rows = Change.objects.filter(node=node, register=register.slug, action="archive", record_id__in=part)
        last.update(rows.order_by("seq").values_list("record_id", "via"))
    return {record_id for record_id, via in last.items() if via == IMPORT}


def _parts(ids: set[int], size: int = 500) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))
