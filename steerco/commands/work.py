"""steerco work: do the background jobs."""

from __future__ import annotations

import os
import signal

import click

from steerco.commands.console import answer, as_json, django


@click.command("work")
@click.option("--once", is_flag=True, help="Do what waits now, then end.")
@as_json
def command(once: bool, as_json: bool) -> None:
    """Do background jobs: calculations, reports, imports.

    Runs until Ctrl-C or SIGTERM; the job in hand is finished first. Several workers may run at once.
    """
    django()
    load_jobs()
    from steerco.kit import jobs

    if once:
        done = jobs.drain()
        answer({"ok": True, "jobs": done}, as_json, f"{done} job{'' if done == 1 else 's'} done.")
        return
    parent = int(os.environ.get("STEERCO_PARENT", "0"))
    ending: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: ending.append(received))
    # A worker whose server was killed ends by itself.
    jobs.work_for_ever(lambda: bool(ending) or bool(parent and os.getppid() != parent))
    answer({"ok": True}, as_json)


def load_jobs() -> None:
    """Import the rooms that register jobs."""
    import importlib

    for name in JOB_ROOMS:
        importlib.import_module(name)


JOB_ROOMS = ("steerco.status.recompute", "steerco.site.imports", "steerco.site.packs")
