"""Compare our dates with those MS Project stored: `python -m bench.msproject_dates FOLDER [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.mspdi_plan import MspdiPlan, Stored, read
from steerco.engine.network import schedule
from steerco.engine.plan import to_moment
from steerco.engine.schedule import TaskDates

FIELDS = ("early_start", "early_finish", "late_start", "late_finish", "total_float")


@dataclass
class Comparison:
    """One plan: how many tasks have stored dates, how many of ours are equal, and the first that are not."""

    file: str
    tasks: int = 0
    compared: int = 0
    equal: int = 0
    differing: int = 0
    differences: list[str] = field(default_factory=list)
    not_comparable: str = ""


def differences(ours: TaskDates, theirs: Stored, minutes_per_day: int) -> list[str]:
    """What differs for one task, in words.

    A converter wrote some slacks as days of eight hours whatever the plan's day is: those are compared in days.
    """
    found = []
    for name in FIELDS:
        a, b = getattr(ours, name), getattr(theirs, name)
        if b is None or abs(a - b) < (1 if name == "total_float" else 0.5):
            continue
        if name == "total_float" and abs(a * 480 / minutes_per_day - b) < 1:
            continue
        said = (
            (a, b)
            if name == "total_float"
            else (f"{to_moment(a):%Y-%m-%dT%H:%M}", f"{to_moment(int(b)):%Y-%m-%dT%H:%M}")
        )
        found.append(f"{name} {said[0]} instead of {said[1]}")
    return found


def compare(path: Path) -> Comparison:
    """Schedule one file and compare every task that has stored early and late dates."""
    result = Comparison(path.name)
    try:
        read_plan: MspdiPlan = read(path)
    except Exception as error:
        result.not_comparable = f"cannot be read: {error}"
        return result
    result.tasks = len(read_plan.plan.tasks)
    stored = {
        k: s for k, s in read_plan.stored.items() if s.early_start is not None and s.late_finish is not None
    }
    if not stored:
        result.not_comparable = "holds no early and late dates"
        return result
    try:
        dates = schedule(read_plan.plan)
    except ValueError as error:
        result.not_comparable = str(error)
        return result
    for key, theirs in stored.items():
        result.compared += 1
        wrong = differences(dates[key], theirs, read_plan.plan.options.minutes_per_day)
        if wrong:
            result.differing += 1
            result.differences.append(f"{key} {theirs.name!r}: " + "; ".join(wrong))
        else:
            result.equal += 1
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=3, help="differences to print for each plan")
    chosen = parser.parse_args()
    paths = sorted(p for p in chosen.folder.rglob("*") if p.name.endswith((".xml", ".xml.gz")))
    results = [compare(path) for path in paths]
    if chosen.json:
        json.dump([asdict(r) for r in results], sys.stdout, indent=1)
        return 0
    for r in results:
        print(
            f"{r.equal:6}/{r.compared:<6} of {r.tasks:<6}{r.file}"
            + (f"  not comparable: {r.not_comparable}" if r.not_comparable else "")
        )
        for line in r.differences[: chosen.show]:
            print(f"        {line}")
    exact = sum(1 for r in results if r.compared and not r.differing)
    comparable = sum(1 for r in results if r.compared)
    print(
        f"{exact} of {comparable} comparable plans equal to the minute, {sum(r.equal for r in results)} of {sum(r.compared for r in results)} tasks"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
