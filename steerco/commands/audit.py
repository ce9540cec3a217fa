"""steerco audit: check the trail of changes, and print its head to keep elsewhere."""

from __future__ import annotations

from typing import Any

import click

from steerco.commands.console import answer, as_json, django, progress


@click.group("audit")
def command() -> None:
    """Check the audit trail."""


@command.command("verify")
@click.option("--head", default="", help="Hash printed earlier by `steerco audit head` and kept elsewhere.")
@as_json
def verify(head: str, as_json: bool) -> int:
    """Recompute the chain of hashes and say where it breaks first.

    Without --head this shows edits, deletions and swaps; a database administrator can rewrite a whole chain, which only
    a head kept outside shows.
    """
    django()
    from steerco.kit import trail

    total = trail.Change.objects.count()
    count, fault = 0, None
    with progress("Checking the trail", quiet=as_json) as update:
        for step in trail.verify(head):
            if isinstance(step, trail.Fault):
                fault = step
            else:
                count = step
                update(count, total)
    told: dict[str, Any] = {
        "ok": fault is None,
        "changes": count if fault is None else fault.seq,
        "anchored": bool(head),
    }
    if fault:
        told |= {"first_bad": fault.seq, "error": fault.text}
    anchor = "and contains the head kept outside" if head else "(no head kept outside was given)"
    answer(told, as_json, fault.text if fault else f"The trail of {count} changes is whole {anchor}.")
    return 1 if fault else 0


@command.command("head")
@as_json
def print_head(as_json: bool) -> None:
    """Print the hash at the end of the trail; keep it where the database's administrator cannot write."""
    django()
    from steerco.kit import trail

    found = trail.Head.objects.filter(pk=1).first()
    seq, value = (found.seq, found.hash) if found else (0, trail.GENESIS)
    answer({"ok": True, "changes": seq, "head": value}, as_json, value)
