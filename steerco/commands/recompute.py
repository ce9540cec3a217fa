"""steerco recompute: calculate projects now instead of waiting for the worker."""

from __future__ import annotations

from typing import Any

import click

from steerco.commands.console import Failed, answer, as_json, django, node_of, progress


@click.command("recompute")
@click.argument("key", required=False)
@click.option("--all", "everything", is_flag=True, help="Every project, then every portfolio.")
@as_json
def command(key: str | None, everything: bool, as_json: bool) -> None:
    """Calculate a project, or everything below a portfolio: schedule, forecast, readings, health."""
    if bool(key) == everything:
        raise click.UsageError("Name one key, or --all.")
    django()
    from steerco.kit.tree import Ancestor, Node
    from steerco.site.first_run import bottom_up

    if key:
        top = node_of(key)
        below = Ancestor.objects.filter(ancestor=top).order_by("-distance", "node__key")
        nodes = [row.node for row in below.select_related("node") if row.node.archived_at is None]
    else:
        nodes = bottom_up(list(Node.objects.filter(archived_at__isnull=True)))
    if not nodes:
        raise Failed("There is nothing to calculate yet.", "Run: steerco init", 4)
    told: list[dict[str, Any]] = []
    with progress("Calculating", quiet=as_json) as update:
        for done, node in enumerate(nodes, 1):
            told.append(calculate(node))
            update(done, len(nodes))
    lines = [f"{t['key']:14} {t['colour']:8} {t['sentence']}" for t in told]
    answer({"ok": True, "nodes": told}, as_json, "\n".join(lines))


def calculate(node: Any) -> dict[str, Any]:
    """Calculate one node; its verdict in a few words."""
    from django.utils import timezone

    from steerco.status.recompute import recompute
    from steerco.status.results import Health
    from steerco.status.say import spoken

    snapshot = recompute(node.pk, now=timezone.now())
    health = Health.objects.filter(snapshot=snapshot).first()
    return {
        "key": node.key,
        "name": node.name,
        "colour": health.colour if health else "unknown",
        "sentence": str(spoken(health.sentences)) if health else "",
        "seconds": snapshot.seconds if snapshot else 0.0,
    }
