"""The browser libraries in the repository are the published ones, with their licences beside them."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (ROOT / "steerco/kit/static/vendor", ROOT / "tests/vendor")


@pytest.fixture(scope="module")
def vendor():
    spec = importlib.util.spec_from_file_location("vendor", ROOT / "scripts/vendor.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["vendor"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def lock(vendor) -> dict:
    return json.loads(vendor.LOCK.read_text())


def test_every_vendored_file_is_what_the_lock_names(vendor, lock):
    assert vendor.mismatches(lock) == []


def test_a_changed_file_is_noticed(vendor, lock, tmp_path, monkeypatch):
    path = next(iter(lock["packages"][0]["files"]))
    monkeypatch.setattr(vendor, "ROOT", tmp_path)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_bytes(b"changed")
    one = {"packages": [{**lock["packages"][0], "files": {path: lock["packages"][0]["files"][path]}}]}
    assert "differs" in vendor.mismatches(one)[0]


def test_no_file_lies_there_that_the_lock_does_not_name(lock):
    named = {path for entry in lock["packages"] for path in entry["files"]}
    present = {
        str(file.relative_to(ROOT)) for folder in FOLDERS for file in folder.rglob("*") if file.is_file()
    }
    assert present - {"steerco/kit/static/vendor/vendor.lock.json"} == named


def test_each_library_has_its_licence_beside_it(lock):
    for entry in lock["packages"]:
        assert any(path.endswith("/LICENSE") for path in entry["files"]), entry["name"]
        assert entry["licence"]
