"""steerco import: take files into a project, or say first what that would do."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steerco.commands.console import Failed, answer, as_json, django, node_of, operator, progress, say

if TYPE_CHECKING:
    from steerco.connect.items import Reading
    from steerco.connect.receipts import Outcome
    from steerco.kit.tree import Node


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--project", "key", required=True, metavar="KEY", help="Project that takes the records.")
@click.option("--create", "name", metavar="NAME", help="Make the project first, under the top portfolio.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option(
    "--archive-missing",
    is_flag=True,
    help="Archive records that an earlier import brought and the file lacks.",
)
@click.option("--choose", metavar="ID", help="Which project of a file that holds several.")
@as_json
def command(
    files: tuple[Path, ...],
    key: str,
    name: str | None,
    dry_run: bool,
    archive_missing: bool,
    choose: str | None,
    as_json: bool,
) -> int:
    """Take plan, work and register files into a project.

    Each file goes in as a whole or not at all, and the same file taken twice changes nothing. Reads MS Project (XML, and
    .mpp with the extra steerco[mpp]), Primavera XER, GanttProject, TaskJuggler CSV, Jira CSV, and tables in CSV or XLSX.
    """
    django()
    from steerco.connect import intake

    actor = operator()
    readings = [(path, *read(path, choose)) for path in files]  # all are read before the first is written
    node = _project(key, name, dry_run)
    told = []
    for path, reading, sha256 in readings:
        if dry_run:
            outcome = intake.plan(
                actor, node, reading, sha256=sha256, archive_missing=archive_missing
            ).outcome
        else:
            with progress(f"Importing {path.name}", quiet=as_json) as update:
                outcome = intake.apply(
                    actor, reading, node, sha256=sha256, archive_missing=archive_missing, progress=update
                ).outcome
            node.refresh_from_db()
        told.append(outcome.to_json())
        say(text_of(outcome, dry_run), quiet=as_json)
    refused = sum(sum(c["refused"] for c in t["registers"].values()) + len(t["refused"]) for t in told)
    answer({"ok": not refused, "project": node.key, "dry_run": dry_run, "files": told}, as_json)
    return 1 if refused else 0


def read(path: Path, choose: str | None = None) -> tuple[Reading, str]:
    """The reading of a file and its SHA-256. Raises Unreadable, and Failed where one of several must be chosen."""
    from steerco.connect import sniff
    from steerco.connect.items import SeveralProjects

    try:
        reading = sniff.read(path, mapping={"project": choose} if choose else None)
    except SeveralProjects as several:
        there = ", ".join(f"{key} ({name})" for key, name in several.choices[:12])
        raise Failed(several.text, f"Name one with --choose: {there}.", 3) from None
    return reading, digest(path)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _project(key: str, name: str | None, dry_run: bool) -> Node:
    from steerco.kit.refusals import Missing
    from steerco.kit.tree import Node, NodeKind
    from steerco.kit.workspace import create_node, get_node

    actor = operator()
    if name is None:
        return node_of(key)
    try:
        return get_node(actor, key)  # made by an earlier run of the same command
    except Missing:
        pass
    if dry_run:
        raise Failed(f"There is no project {key} yet.", "Leave --dry-run out to make it, or name another.", 4)
    top = Node.objects.filter(parent=None, kind=NodeKind.PORTFOLIO).order_by("pk").first()
    if top is None:
        raise Failed("There is no portfolio yet to make a project under.", "Run: steerco init", 4)
    return create_node(actor, top, NodeKind.PROJECT, name, key=key)


def text_of(outcome: Outcome, dry_run: bool) -> str:
    """What happened, or would happen, in a few lines."""
    from steerco.connect.items import Kind

    would = "would be " if dry_run else ""
    lines = [f"{outcome.file} ({outcome.system})"]
    for slug, c in outcome.counts.items():
        parts = [f"{c.new} {would}new", f"{c.changed} {would}changed", f"{c.same} the same"]
        more = (
            ("refused", c.refused),
            ("no longer in the file", c.vanished),
            (f"{would}archived", c.archived),
            ("edited in both", c.conflicts),
            ("values edited here kept", c.kept),
        )
        lines.append(f"  {slug}: {', '.join(parts + [f'{n} {word}' for word, n in more if n])}")
    for what, n in outcome.network.items():
        if any(n.values()):
            lines.append(f"  {what}: {', '.join(f'{count} {word}' for word, count in n.items() if count)}")
    lines += [f"  project {name}: {before or 'empty'} -> {after}" for name, before, after in outcome.project]
    for kind in (Kind.REFUSED, Kind.WARNING, Kind.LOST):
        lines += [f"  {kind.value}: {_note(note)}" for note in outcome.of(kind)[:20]]
        if (rest := len(outcome.of(kind)) - 20) > 0:
            lines.append(f"  {kind.value}: and {rest} more")
    return "\n".join(lines)


def _note(note: Any) -> str:
    where = f"{note.where}: " if note.where else ""
    times = f" ({note.count} times)" if note.count > 1 else ""
    return f"{where}{note.text}{times} {note.remedy}".rstrip()
