"""The same sealed pack gives the same bytes in every format, in every process, today and after it was stored."""

import hashlib
import importlib
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from steerco.report import sealing

ROOT = Path(__file__).resolve().parents[3]
WRITERS = ("to_pptx", "to_pdf", "to_html", "to_xlsx")
ELSEWHERE = """
import hashlib, importlib, json, sys
from steerco.report.sealing import from_json
pack = from_json(sys.stdin.read())
hashes = {n: hashlib.sha256(importlib.import_module("steerco.report." + n).write(pack)).hexdigest() for n in %r}
print(json.dumps({"hashes": hashes, "django": "django" in sys.modules}))
"""


def write(name: str, pack) -> bytes:
    return importlib.import_module(f"steerco.report.{name}").write(pack)


@pytest.fixture(scope="module")
def elsewhere(steering) -> list[dict]:
    """Hashes from two other processes with other hash seeds, time zones and home folders."""
    found = []
    for seed, zone in (("1", "Pacific/Auckland"), ("4242", "America/St_Johns")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": "C",
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE % (WRITERS,)],
            input=sealing.to_json(steering),
            capture_output=True,
            text=True,
            env=environment,
            check=True,
            cwd="/",
        )
        found.append(json.loads(done.stdout))
    return found


@pytest.mark.parametrize("name", WRITERS)
def test_other_processes_write_the_same_bytes(name, written, elsewhere):
    here = hashlib.sha256(written(name, "steering")).hexdigest()
    assert [one["hashes"][name] for one in elsewhere] == [here, here]


def test_writers_need_no_database(elsewhere):
    assert not any(one["django"] for one in elsewhere)


@pytest.mark.parametrize("name", WRITERS)
def test_another_moment_of_sealing_gives_other_bytes(name, bare, written):
    later = replace(bare, made_at=bare.made_at.replace(hour=11))
    assert written(name, "bare") != write(name, later)


@pytest.mark.parametrize("name", ["to_pptx", "to_xlsx"])
def test_archives_carry_no_clock(name, written):
    with zipfile.ZipFile(BytesIO(written(name, "steering"))) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        core = archive.read("docProps/core.xml").decode()
        assert core.count("2026-11-20T09:30:00Z") == 2
        for entry in archive.namelist():
            if entry.endswith(".xlsx"):
                with zipfile.ZipFile(BytesIO(archive.read(entry))) as inner:
                    assert "2026-11-20T09:30:00Z" in inner.read("docProps/core.xml").decode()


@pytest.mark.parametrize("name", WRITERS)
def test_a_broken_pack_is_refused_before_anything_is_written(name, steering):
    with pytest.raises(ValueError, match="language"):
        write(name, replace(steering, language=None))
