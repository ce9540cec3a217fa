"""Plans that only MPXJ reads are converted in a child process, or refused with what to do instead."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from steerco.connect import sniff
from steerco.connect.items import Kind, SeveralProjects, Unreadable
from steerco.connect.mpp import reader
from steerco.connect.safe_open import OLE2

DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "schedules"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test files are not on this machine")
needs_mpxj = pytest.mark.skipif(
    importlib.util.find_spec("mpxj") is None or shutil.which("java") is None,
    reason="the extra mpp or Java is not installed",
)

MPP = OLE2 + b"\0" * 600 + "MSProject".encode("utf-16-le") + b"\0" * 600
PLAN = '<Project xmlns="http://schemas.microsoft.com/project"><Tasks><Task><UID>1</UID><Name>A</Name></Task></Tasks></Project>'


def answering(monkeypatch: pytest.MonkeyPatch, **outcome: object) -> None:
    """Let the child process answer so, having written a small plan."""

    def run(_form: str, _plan: Path, target: Path, *_: object) -> dict[str, object]:
        target.write_text(PLAN)
        return outcome

    monkeypatch.setattr(reader, "_check_extra", lambda *_: None)
    monkeypatch.setattr(reader, "_run", run)


def test_office_containers_of_plans_are_recognised_by_their_marks() -> None:
    assert sniff.room_for(MPP, "whatever.bin").SYSTEM == "mpp"
    assert sniff.room_for(OLE2 + b"\0" * 600, "plan.mpp").SYSTEM == "mpp"
    with pytest.raises(Unreadable, match="old Office file"):
        sniff.room_for(OLE2 + b"\0" * 600, "old.xls")


def test_the_converted_plan_is_read_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, projects=[["0", "P"]], written=True)
    found = reader.read(MPP, "plan.mpp")
    assert (found.system, found.file, found.items[0].fields["title"]) == ("mpp", "plan.mpp", "A")


@pytest.mark.parametrize(
    ("outcome", "says", "remedy"),
    [
        ({"error": "password", "text": "x"}, "protected with a password", "without a password"),
        ({"error": "java", "text": "x"}, "needs Java", "openjdk"),
        ({"error": "extra", "text": "x"}, "does not start", "pip install"),
        ({"error": "nothing", "text": ""}, "holds no plan", "XML format"),
        ({"error": "damaged", "text": "Bad header"}, "Bad header", "XML format"),
    ],
)
def test_every_failure_of_the_child_has_its_sentence(
    monkeypatch: pytest.MonkeyPatch, outcome: dict[str, object], says: str, remedy: str
) -> None:
    answering(monkeypatch, **outcome)
    with pytest.raises(Unreadable) as caught:
        reader.read(MPP, "plan.mpp")
    assert caught.value.text.startswith("plan.mpp")
    assert says in caught.value.text
    assert remedy in caught.value.remedy


def test_several_projects_must_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, projects=[["0", "A"], ["1", "B"]], written=False)
    with pytest.raises(SeveralProjects) as caught:
        reader.read(b"<APIBusinessObjects/>", "plans.xml")
    assert caught.value.choices == (("0", "A"), ("1", "B"))


def test_without_the_extra_or_java_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(reader, "find_spec", lambda _: None)
        with pytest.raises(Unreadable, match=r"extra “mpp”.*not installed.*pip install 'steerco\[mpp\]'"):
            reader.read(MPP, "plan.mpp")
    with monkeypatch.context() as patched:
        patched.setattr(reader, "find_spec", lambda _: True)
        patched.setattr(reader.shutil, "which", lambda _: None)
        patched.delenv("JAVA_HOME", raising=False)
        with pytest.raises(Unreadable, match="needs Java"):
            reader.read(MPP, "plan.mpp")


def test_a_conversion_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def asleep(_command: list[str], **options: object) -> object:
        return start([sys.executable, "-c", "import time; time.sleep(60)"], **options)

    monkeypatch.setattr(reader, "_check_extra", lambda *_: None)
    monkeypatch.setattr(reader.subprocess, "Popen", asleep)
    monkeypatch.setattr(reader, "SECONDS", 1)
    with pytest.raises(Unreadable, match="longer than 1 seconds"):
        reader.read(MPP, "plan.mpp")


def test_a_child_that_dies_is_a_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def dying(_command: list[str], **options: object) -> object:
        return start([sys.executable, "-c", "import os; os._exit(134)"], **options)

    monkeypatch.setattr(reader, "_check_extra", lambda *_: None)
    monkeypatch.setattr(reader.subprocess, "Popen", dying)
    with pytest.raises(Unreadable, match="code 134"):
        reader.read(MPP, "plan.mpp")


def test_entities_never_reach_the_converter() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY x "y">]><APIBusinessObjects>&x;</APIBusinessObjects>'
    with pytest.raises(Unreadable, match="document type"):
        reader.read(laughs, "plans.xml")


@needs_data
@needs_mpxj
@pytest.mark.slow
def test_a_real_mpp_reads_like_its_mspdi_twin() -> None:
    """The twin was converted before, elsewhere: the whole way must give the same plan."""
    found = sniff.read(DATA / "intelligent_system.mpp")
    twin = sniff.read(DATA / "converted" / "intelligent_system.xml")
    assert [(i.key, dict(i.fields)) for i in found.items] == [(i.key, dict(i.fields)) for i in twin.items]
    assert found.links == twin.links
    assert found.calendars == twin.calendars
    assert [n for n in found.notes if n.kind is Kind.REFUSED] == []


@needs_data
@needs_mpxj
@pytest.mark.slow
def test_a_real_plan_with_a_password_is_refused() -> None:
    with pytest.raises(Unreadable, match="protected with a password"):
        sniff.read(DATA / "mpxj_features" / "legacy__bothpassword9.mpp")
