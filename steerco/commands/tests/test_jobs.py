"""A worker is a process of its own: it knows every job that a page may ask for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
WORKER = """
import django; django.setup()
from steerco.commands.work import load_jobs; load_jobs()
from steerco.kit import jobs; print(*sorted(jobs._jobs))
"""


def test_a_worker_knows_every_job():
    named = {
        name
        for path in PACKAGE.rglob("*.py")
        if "tests" not in path.parts
        for name in re.findall(r'^@jobs\.job\("([\w-]+)"\)', path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    worker = subprocess.run([sys.executable, "-c", WORKER], capture_output=True, text=True, check=True)
    assert {"recompute", "import-look", "pack"} <= named
    assert worker.stdout.split() == sorted(named)
