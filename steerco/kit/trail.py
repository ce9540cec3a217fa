"""The audit trail: one append-only, hash-chained row per change; triggers in the database refuse to edit or delete it.

Each row's hash covers the hash before it and the commitment to its body, so an edit, a deletion, an insertion or a swap
breaks the chain at a known sequence number. A chain without an anchor outside the database can be rewritten by the
database's administrator: `steerco audit head` prints the head to keep elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from steerco.kit.bulk import Mould
from steerco.kit.tree import Node

GENESIS = "0" * 64
BATCH = 1000  # rows written at once


class Change(models.Model):
    """One change of one thing: fields before and after, who, how, why."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    via = models.CharField(max_length=20)  # page, api, import, job, cli
    node = models.ForeignKey(
        Node, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    register = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    ref = models.CharField(max_length=40)
    action = models.CharField(
        max_length=20
    )  # create, change, archive, restore, comment, link, unlink, attach, ...
    version = models.PositiveIntegerField(default=0)  # of the record after the change
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    batch = models.CharField(max_length=32, blank=True)  # changes made together
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("change")
        indexes = [
            models.Index(fields=["register", "record_id", "-seq"]),
            models.Index(fields=["node", "-seq"]),
            models.Index(fields=["batch"]),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.ref}"


class Head(models.Model):
    """Where the chain ends; its row is the lock that keeps the chain from forking."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A change about to be written; `before` and `after` hold plain JSON values of the fields that changed."""

    actor_id: int | None
    via: str
    node_id: int | None
    register: str
    record_id: int
    ref: str
    action: str
    version: int
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str = ""
    batch: str = ""


class Waiting:
    """Entries on their way to the trail, in order; what is beyond some thousands waits in a file, not in memory."""

    def __init__(self, in_memory: int = 4000) -> None:
        self._in_memory, self._entries = in_memory, list[Entry]()
        self._file: IO[str] | None = None

    def append(self, entry: Entry) -> None:
        """One more at the end."""
        self._entries.append(entry)
        if len(self._entries) >= self._in_memory:
            if self._file is None:
                self._file = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - gone with the last reference
            self._file.writelines(
                json.dumps([getattr(e, n) for n in Entry.__slots__]) + "\n" for e in self._entries
            )
            self._entries.clear()

    def __iter__(self) -> Iterator[Entry]:
        if self._file is not None:
            self._file.seek(0)
            for line in self._file:
                yield Entry(*json.loads(line))
        yield from self._entries


def commitment(change: Change) -> str:
    """SHA-256 over the canonical JSON of everything in the row but the chain itself."""
    body = {
        "seq": change.seq,
        "at": change.at.isoformat(timespec="microseconds"),
        "actor": change.actor_id,
        "via": change.via,
        "node": change.node_id,
        "register": change.register,
        "record": change.record_id,
        "ref": change.ref,
        "action": change.action,
        "version": change.version,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
        "batch": change.batch,
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def append(entries: Iterable[Entry], at: datetime) -> None:
    """Write entries to the end of the chain. Must run inside the transaction that made the changes, as its last act."""
    waiting = iter(entries)
    batch = list(islice(waiting, BATCH))
    if not batch:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("the trail is written inside the transaction of the change it tells of")
    head = Head.objects.select_for_update().get_or_create(pk=1)[0]
    mould = Mould(Change, at=at)
    while batch:
        mould.insert([_chained(mould.row(), entry, head) for entry in batch])
        batch = list(islice(waiting, BATCH))
    head.save(update_fields=["seq", "hash"])


def _chained(change: Change, entry: Entry, head: Head) -> Change:
    """The entry as the next link of the chain; moves the head."""
    change.seq = head.seq + 1
    change.actor_id = entry.actor_id
    change.via = entry.via
    change.node_id = entry.node_id
    change.register = entry.register
    change.record_id = entry.record_id
    change.ref = entry.ref
    change.action = entry.action
    change.version = entry.version
    change.before = entry.before
    change.after = entry.after
    change.reason = entry.reason[:500]
    change.batch = entry.batch
    change.prev_hash = head.hash
    change.hash = hashlib.sha256(f"{head.hash}{commitment(change)}".encode()).hexdigest()
    head.seq, head.hash = change.seq, change.hash
    return change


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where the chain does not hold."""

    seq: int
    text: str


def verify(expected_head: str = "") -> Iterator[Fault | int]:
    """Walk the chain; yields the count every 1,000 rows, a Fault where it breaks (and stops), and the count at the end.

    `expected_head` is a hash kept outside the database: with it a truncated or rewritten chain is found too.
    """
    previous, seq, seen_expected = GENESIS, 0, not expected_head
    for change in Change.objects.order_by("seq").iterator(chunk_size=2000):
        if change.seq != seq + 1:
            yield Fault(
                change.seq, f"Change {seq + 1} is missing: the trail goes from {seq} to {change.seq}."
            )
            return
        if change.prev_hash != previous:
            yield Fault(
                change.seq, f"Change {change.seq} does not follow change {seq}: something was swapped."
            )
            return
        if change.hash != hashlib.sha256(f"{previous}{commitment(change)}".encode()).hexdigest():
            yield Fault(change.seq, f"Change {change.seq} is not what was written: its contents were edited.")
            return
        previous, seq = change.hash, change.seq
        seen_expected = seen_expected or previous == expected_head
        if seq % 1000 == 0:
            yield seq
    head = Head.objects.filter(pk=1).first()
    if head and (head.seq, head.hash) != (seq, previous):
        yield Fault(
            seq + 1, f"The trail ends at {seq} but {head.seq} changes were written: its end was cut off."
        )
        return
    if not seen_expected:
        yield Fault(
            seq, "The head kept outside is not part of this trail: it was rewritten or cut before it."
        )
        return
    yield seq
