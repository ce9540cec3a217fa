"""Import 100,000 Jira rows and say how far that is from merely reading them and putting them into a bare table.

    .venv/bin/python bench/import_jira.py [--rows 100000] [--json]

The limit is measured in the same run on the same file: csv.reader over it, and executemany into one SQLite table without
keys and indexes. The import does what the limit does not: maps, checks, numbers, links to parents and people, writes the
audit trail, all in one transaction. Prints seconds, peak memory and the ratio.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import sqlite3
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = (
    "Summary", "Issue key", "Issue id", "Issue Type", "Status", "Project key", "Project name", "Priority", "Assignee",
    "Reporter", "Created", "Updated", "Resolved", "Due date", "Labels", "Labels", "Description", "Original estimate",
    "Remaining Estimate", "Sprint", "Custom field (Story Points)", "Parent key",
)  # fmt: skip


def generate(path: Path, rows: int) -> None:
    """An export as Jira Cloud writes it: repeated headers, epics with children, about 400 bytes a row."""
    first = datetime(2025, 1, 6, 9)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        for n in range(1, rows + 1):
            created = first + timedelta(minutes=7 * n)
            done = n % 3 == 0
            epic = n % 50 == 1
            writer.writerow(
                (
                    f"Move service {n} behind the new gateway", f"BENCH-{n}", 10_000 + n, "Epic" if epic else ("Story", "Bug", "Task")[n % 3],
                    "Done" if done else ("To Do", "In Progress")[n % 2], "BENCH", "Benchmark", ("High", "Medium", "Low")[n % 3],
                    f"Person {n % 40}", f"Person {n % 17}", f"{created:%d/%b/%y %I:%M %p}", f"{created:%d/%b/%y %I:%M %p}",
                    f"{created + timedelta(days=n % 21):%d/%b/%y %I:%M %p}" if done else "", "", "gateway", f"wave-{n % 9}",
                    "As an operator I want one entry so that rules live in one place. " * 3, 28_800, 14_400,
                    f"Sprint {n % 60}", n % 8 + 1, "" if epic else f"BENCH-{n - (n - 1) % 50}",
                )
            )  # fmt: skip


def limit(path: Path, folder: Path) -> float:
    """Seconds to read the file and put its cells into a bare table."""
    started = time.perf_counter()
    database = sqlite3.connect(folder / "limit.sqlite3")
    database.execute(f"CREATE TABLE bare ({', '.join(f'c{n}' for n in range(len(HEADER)))})")
    with path.open(newline="", encoding="utf-8") as stream:
        rows = csv.reader(stream)
        next(rows)
        database.executemany(f"INSERT INTO bare VALUES ({','.join('?' * len(HEADER))})", rows)
    database.commit()
    database.close()
    return time.perf_counter() - started


def peak() -> int:
    """Most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="steerco-bench-") as name:
        folder = Path(name)
        os.environ |= {"STEERCO_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "steerco.site.settings"}
        os.environ.pop("STEERCO_DATABASE_URL", None)
        path = folder / "export.csv"
        generate(path, arguments.rows)
        told = measure(path, folder, arguments.rows)
    if arguments.json:
        print(json.dumps(told))
        return
    print(f"{told['rows']} rows, {told['megabytes']} MB")
    for name in ("limit", "read", "import", "again"):
        print(f"{name:8} {told[name]:8.2f} s")
    print(f"ratio    {told['ratio']:8.1f} times the limit (reading and importing)")
    print(f"memory   {told['peak_mb']:8} MB at most, {told['before_mb']} before the import")


def measure(path: Path, folder: Path, rows: int) -> dict[str, object]:
    """Time limit, reading, import and a second import of the same file."""
    import django

    django.setup()
    from django.core.management import call_command

    from steerco.connect import intake, sniff
    from steerco.kit import workspace
    from steerco.kit.access import Actor

    call_command("migrate", verbosity=0, skip_checks=True)
    actor = Actor.system("cli", "bench")
    top = workspace.create_node(actor, None, "portfolio", "Portfolio")
    node = workspace.create_node(actor, top, "project", "Bench")
    told: dict[str, object] = {
        "bench": "import_jira",
        "rows": rows,
        "megabytes": path.stat().st_size // 2**20,
    }
    bare = limit(path, folder)
    told |= {"limit": round(bare, 3), "before_mb": peak()}
    started = time.perf_counter()
    reading = sniff.read(path)
    read = time.perf_counter()
    counts = intake.apply(actor, reading, node).outcome.counts["work-items"]
    done = time.perf_counter()
    again = intake.apply(actor, reading, node).outcome.counts["work-items"]
    ended = time.perf_counter()
    assert (counts.new, again.new, again.changed, again.same) == (rows, 0, 0, rows), (counts, again)
    return told | {
        "read": round(read - started, 3),
        "import": round(done - read, 3),
        "again": round(ended - done, 3),
        "ratio": round((done - started) / bare, 1),
        "peak_mb": peak(),
        "ok": done - started <= 120 and peak() <= 300,
    }


if __name__ == "__main__":
    main()
