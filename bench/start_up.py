"""How long starting takes: the command line, the settings, the web server until its first answer.

    python -m bench.start_up [--runs 5] [--json]

Each figure is the median of several runs in new processes; beside it stands a bare interpreter in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from bench.served import server


def median_of(command: list[str], runs: int) -> float:
    """Median wall seconds of a command that must succeed."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def server_start(port: int) -> float:
    """Seconds from starting the server on a set-up home to its first answered page."""
    began = time.perf_counter()
    with server(port):
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--port", type=int, default=8766)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    python = sys.executable
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"STEERCO_HOME": home, "DJANGO_SETTINGS_MODULE": "steerco.site.settings"}
        subprocess.run([python, "-m", "django", "migrate", "-v0"], check=True)
        told = {
            "bare_python": median_of([python, "-c", "pass"], asked.runs),
            "import_engine": median_of([python, "-c", "import steerco.engine.network"], asked.runs),
            "cli_help": median_of([python, "-m", "steerco.cli", "--help"], asked.runs),
            "django_ready": median_of(
                [python, "-c", "import django; django.setup(); import steerco.site.urls"], asked.runs
            ),
            "server_first_answer": statistics.median(server_start(asked.port) for _ in range(asked.runs)),
        }
    if asked.json:
        print(json.dumps({name: round(seconds, 3) for name, seconds in told.items()}))
        return
    for name, seconds in told.items():
        print(
            f"{name.replace('_', ' '):<22}{seconds:>8.2f} s {seconds / told['bare_python']:>8.1f} times a bare interpreter"
        )


if __name__ == "__main__":
    main()
