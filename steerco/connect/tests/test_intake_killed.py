"""A process killed in the middle of an import leaves the project before it or after it, never between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Runs in a process of its own: it forks a child per kill point, each on its own copy of the database, and the child kills
# itself before the n-th statement it sends, so nothing in it can tidy up.
SCRIPT = """
import contextlib, json, os, shutil, signal, sqlite3, sys
from pathlib import Path
home, points = Path(sys.argv[1]), int(sys.argv[2])
os.environ["STEERCO_HOME"] = str(home)
os.environ["DJANGO_SETTINGS_MODULE"] = "steerco.site.settings"
os.environ.pop("STEERCO_DATABASE_URL", None)
import django
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0, skip_checks=True)
from steerco.connect import intake
from steerco.connect.items import Item, Reading, ReadLink
from steerco.kit import workspace
from steerco.kit.access import Actor
actor = Actor.system("cli")
top = workspace.create_node(actor, None, "portfolio", "P")
node = workspace.create_node(actor, top, "project", "Q")

def told(title, how_many):
    items = tuple(
        Item("work-items", str(n), {"title": f"{title} {n}", "owner": f"Ida {title}"}, f"row {n}", "1" if n > 1 else "")
        for n in range(1, how_many + 1)
    )
    return Reading("mspdi", "plan.xml", items=items, links=(ReadLink("2", "3"),), owned=frozenset({"work-items.title"}))

intake.apply(actor, told("Old", 30), node)
connection.close()
live = Path(connection.settings_dict["NAME"])
kept = home / "template"
shutil.copy(live, kept)

def look():
    with contextlib.closing(sqlite3.connect(live)) as db:
        titles = sorted({t.split()[0] for (t,) in db.execute("SELECT title FROM plan_workitem")})
        rows = [db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("plan_workitem", "connect_importrun", "kit_change", "plan_tasklink")]
        head = db.execute("SELECT seq FROM kit_head").fetchone()[0]
        sound = db.execute("PRAGMA integrity_check").fetchone()[0]
    return [titles, rows, head == rows[2], sound]

def child(at):
    for end in ("-wal", "-shm"):
        Path(str(live) + end).unlink(missing_ok=True)
    shutil.copy(kept, live)
    pid = os.fork()
    if pid == 0:
        count = 0
        def killing(execute, sql, params, many, context):
            nonlocal count
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(sql, params, many, context)
        with connection.execute_wrapper(killing):
            intake.apply(actor, told("New", 60), node)
        (home / "count").write_text(str(count))
        os._exit(0)
    _pid, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)

before = look()
assert not child(0)
after, total = look(), int((home / "count").read_text())
seen = []
for number in range(points):
    at = 1 + number * (total - 1) // (points - 1)
    killed = child(at)
    seen.append([at, killed, look()])
print(json.dumps({"before": before, "after": after, "total": total, "seen": seen}))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process per kill point")
def test_killed_at_any_statement_the_project_is_as_before_and_a_new_run_finishes_it(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(tmp_path), "9"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    # 30 items renamed, 30 made, one link kept, one more receipt, in a trail whose head fits.
    assert told["before"][:2] == [["Old"], [30, 1, told["before"][1][2], 1]]
    assert told["after"][:2] == [["New"], [60, 2, told["before"][1][2] + 60, 1]]
    assert told["total"] > 40
    for at, killed, state in told["seen"]:
        assert killed, f"nothing was killed at statement {at}"
        assert state == told["before"], f"killed at statement {at} of {told['total']}: {state}"
