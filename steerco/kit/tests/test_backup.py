"""A backup comes back whole or not at all: every way it can be wrong is refused before anything is touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Backups replace the database file, so they are tried in a process and a home of their own; one process for all tests.
SCRIPT = """
import json, os, sys
from pathlib import Path
home = Path(sys.argv[1])
os.environ |= {"STEERCO_HOME": str(home / "home"), "DJANGO_SETTINGS_MODULE": "steerco.site.settings"}
os.environ.pop("STEERCO_DATABASE_URL", None)
import django
django.setup()
from django.conf import settings
from steerco.kit import backup, trail, workspace
from steerco.kit.access import Actor
from steerco.kit.attached import File
from steerco.kit.tree import Node
from steerco.site import first_run

told = {}
told["first"] = first_run.init(email="a@example.org", name="A")
told["second"] = first_run.init(email="a@example.org", name="A")
told["links"] = [first_run.invitation("http://x") for _ in range(2)]
top = Node.objects.get()
sha = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of "hello"
place = Path(settings.FILES_ROOT) / sha[:2] / sha
place.parent.mkdir(parents=True)
place.write_text("hello")
File.objects.create(node=top, register="risks", record_id=1, name="hello.txt", size=5, sha256=sha)
archive = home / "backup.tar.gz"
made = backup.make(archive)
told["made"] = made.to_json()
told["mode"] = oct(archive.stat().st_mode & 0o777)

workspace.create_node(Actor.system("cli"), top, "project", "Made after the backup", key="LATER")
place.unlink()

def attempt(path, **options):
    try:
        backup.restore(path, **options)
    except backup.BackupRefused as refused:
        return [type(refused).__name__, refused.text, refused.remedy]
    return "restored"

def state():
    return [sorted(Node.objects.values_list("key", flat=True)), trail.Head.objects.get().seq, place.exists()]

told["state"] = state()
told["unforced"] = attempt(archive)
import runpy
runpy.run_path(str(home / "spoil.py"), init_globals={"archive": archive, "bad": home / "bad"})
bad = sorted((home / "bad").glob("*.tar.gz"))
told["bad"] = {path.name: [attempt(path, force=True), state() == told["state"]] for path in bad}
told["forced"] = attempt(archive, force=True)
told["after"] = state()
told["verified"] = [s for s in trail.verify(made.trail_head) if isinstance(s, trail.Fault)] == []
told["kept"] = [p.name for p in (home / "home").glob("*.before-*")] != []
print(json.dumps(told))
"""
SPOIL = """
import gzip, io, json, tarfile
bad.mkdir(exist_ok=True)
data = archive.read_bytes()
(bad / "cut.tar.gz").write_bytes(data[: len(data) // 2])
(bad / "noise.tar.gz").write_bytes(b"no archive at all")
with tarfile.open(archive) as whole:
    members = [(m.name, whole.extractfile(m).read()) for m in whole]

def write(name, members):
    with tarfile.open(bad / f"{name}.tar.gz", "w:gz") as out:
        for called, content in members:
            info = tarfile.TarInfo(called)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))

def manifest(**changes):
    told = json.loads(members[0][1])
    for name, value in changes.items():
        told[name] = value(told[name]) if callable(value) else value
    return [("manifest.json", json.dumps(told).encode()), *members[1:]]

flipped = bytearray(members[1][1]); flipped[len(flipped) // 2] ^= 1
write("flipped", [members[0], (members[1][0], bytes(flipped)), *members[2:]])
write("missing", members[:-1])
write("extra", [*members, ("../evil", b"x")])
write("slip", manifest(checksums=lambda c: {**c, "../../evil": ["0" * 64, 1]}))
write("newer", manifest(migrations=lambda m: [*m, "kit.9999_from_the_future"]))
write("rows", manifest(rows=lambda r: {**r, "kit_node": 99}))
names = {"database.sqlite3": "database.dump"}
write("other", manifest(vendor="postgresql", checksums=lambda c: {names.get(n, n): v for n, v in c.items()}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    home = tmp_path_factory.mktemp("backup")
    (home / "spoil.py").write_text(SPOIL)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(home)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert not list(home.rglob("evil"))
    yield json.loads(done.stdout)
    shutil.rmtree(home, ignore_errors=True)


def test_the_first_run_sets_up_once_and_prints_one_link_as_long_as_nobody_signed_in(told):
    assert len(told["first"]) == 3 and told["second"] == []
    assert told["links"][0] == told["links"][1] and "/sign-in/once/" in told["links"][0]


def test_a_backup_names_what_it_holds_and_only_its_owner_reads_it(told):
    made = told["made"]
    assert made["rows"]["kit_node"] == 1 and made["files"] == 1 and made["lost_files"] == []
    assert made["trail_seq"] == made["rows"]["kit_change"] and len(made["trail_head"]) == 64
    assert told["mode"] == "0o600"


def test_data_that_is_here_is_not_replaced_unless_forced(told):
    assert told["unforced"][0] == "BackupRefused" and "--force" in told["unforced"][2]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cut", "damaged"),
        ("noise", "no backup"),
        ("flipped", "not what was written"),
        ("missing", "cut off"),
        ("extra", "does not name"),
        ("slip", "damaged or no backup"),
        ("newer", "newer release"),
        ("rows", "not the one its manifest describes"),
        ("other", "postgresql"),
    ],
)
def test_a_wrong_archive_is_refused_and_nothing_is_touched(told, name, says):
    (kind, text, remedy), untouched = told["bad"][f"{name}.tar.gz"]
    assert kind == "BackupRefused" and says in text and remedy
    assert untouched


def test_a_restore_brings_rows_files_and_trail_back_and_keeps_what_it_replaced(told):
    assert told["state"] == [["LATER", "PORTFOLIO"], told["made"]["trail_seq"] + 1, False]
    assert told["forced"] == "restored"
    assert told["after"] == [["PORTFOLIO"], told["made"]["trail_seq"], True]
    assert told["verified"] and told["kept"]
