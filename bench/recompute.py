"""Recalculation of a 10,000-task project through the product: facts, network, levelling, simulation, readings, health, columns.

    python -m bench.recompute [--tasks 10000] [--json]

Beside it stands the bare network pass of the engine over the same plan in the same run: the ratio says what the rest costs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
import time
from datetime import UTC, datetime


def fill(tasks: int) -> int:
    """A project of linked tasks in chains of ten with cross links; returns the node's id."""
    import django

    django.setup()
    from django.core.management import call_command

    from steerco.areas.plan.models import TaskLink
    from steerco.kit import workspace
    from steerco.kit.access import Actor
    from steerco.kit.register import get
    from steerco.kit.write import Draft, door

    call_command("migrate", verbosity=0)
    system = Actor.system("import")
    root = workspace.create_node(system, None, "portfolio", "Bench", key="BENCH")
    node = workspace.create_node(
        system,
        root,
        "project",
        "Large plan",
        key="LARGE",
        start=datetime(2027, 1, 4, 8, tzinfo=UTC),
        committed_finish="2028-12-29",
    )
    luck = random.Random(1)
    drafts = []
    for n in range(tasks):
        days = luck.randint(1, 10)
        estimate = {
            "optimistic_minutes": days * 400,
            "most_likely_minutes": days * 480,
            "pessimistic_minutes": days * 720,
        }
        drafts.append(
            Draft({"title": f"Task {n}", "duration_minutes": days * 480, "position": n, **estimate})
        )
    with door(system) as opened:
        made = opened.create_many(get("work-items"), node, drafts)
    links = [
        TaskLink(node=node, predecessor=made[n - 1], successor=made[n]) for n in range(1, tasks) if n % 10
    ] + [
        TaskLink(
            node=node, predecessor=made[luck.randint(max(0, n - 300), n - 1)], successor=made[n], type="FS"
        )
        for n in range(10, tasks, 2)
    ]
    TaskLink.objects.bulk_create(links, batch_size=500, ignore_conflicts=True)
    return int(node.pk)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"STEERCO_HOME": home, "DJANGO_SETTINGS_MODULE": "steerco.site.settings"}
        node_id = fill(asked.tasks)
        from django.utils import timezone

        from steerco.engine.network import schedule
        from steerco.kit.tree import Node
        from steerco.status.network import plan_of
        from steerco.status.recompute import recompute

        plan = plan_of(Node.objects.get(pk=node_id), datetime.now(UTC).date()).plan
        assert plan is not None
        began, cpu = time.perf_counter(), time.process_time()
        schedule(plan)
        network = time.process_time() - cpu
        began, cpu = time.perf_counter(), time.process_time()
        recompute(node_id, now=timezone.now())
        first = (time.perf_counter() - began, time.process_time() - cpu)
        began = time.perf_counter()
        recompute(node_id, now=timezone.now())
        again = time.perf_counter() - began
    told = {
        "tasks": asked.tasks, "links": len(plan.links), "network_cpu_s": round(network, 2), "recompute_s": round(first[0], 2),
        "recompute_cpu_s": round(first[1], 2), "unchanged_s": round(again, 2), "ratio_to_network": round(first[1] / network, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    if asked.json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        print(f"{name.replace('_', ' '):<20}{value:>12}")


if __name__ == "__main__":
    main()
