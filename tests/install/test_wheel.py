"""Whoever installs the wheel has all of Steerco: commands, pages, policies, fonts; no repository and no Node."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PLAN = """\
id,name,duration,start,predecessors
1,Survey the racks,3,2026-03-02,
2,Order the cables,5,,1
3,Move the first row,4,,2
"""


def shipped() -> set[str]:
    """Every committed file of the package but its tests."""
    listing = subprocess.run(
        ["git", "ls-files", "steerco"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:  # unpacked from an archive
        files = {
            path.relative_to(ROOT).as_posix() for path in (ROOT / "steerco").rglob("*") if path.is_file()
        }
        return {name for name in files if "/tests/" not in name and "/__pycache__/" not in name}
    return {name for name in listing.stdout.splitlines() if "/tests/" not in name and (ROOT / name).exists()}


def test_the_wheel_holds_every_file_of_the_package_and_no_tests(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert shipped() - names == set()
    assert [name for name in names if "/tests/" in name or not name.startswith("steerco")] == []
    suffixes = {Path(name).suffix for name in names}
    assert {".html", ".css", ".js", ".yaml", ".ttf"} <= suffixes
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_command_tells_its_version(installed):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version in installed.run("steerco", "--version").stdout


def test_a_folder_of_plans_becomes_a_pack_without_a_server(installed):
    plans, pack = installed.folder / "plans", installed.folder / "pack"
    plans.mkdir()
    (plans / "move.csv").write_text(PLAN, encoding="utf-8")
    installed.run("steerco", "run", str(plans), "--out", str(pack))
    assert {".pptx", ".pdf"} <= {path.suffix for path in pack.rglob("*")}
    assert not installed.node_calls.exists(), installed.node_calls.read_text()


def test_a_new_installation_serves_its_sign_in_page_with_styles_and_scripts(installed):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    installed.run("steerco", "init")
    server = subprocess.Popen(
        [str(installed.folder / "env" / "bin" / "steerco"), "serve", "--port", str(port)],
        cwd=installed.folder,
        env=installed.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        page = _get(f"http://127.0.0.1:{port}/", server)
        assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        assert any(".css" in asset for asset in assets) and any(".js" in asset for asset in assets), page
        for asset in assets:
            assert _get(f"http://127.0.0.1:{port}{asset}", server), f"{asset} is empty"
        server.send_signal(signal.SIGINT)
        assert server.wait(20) in (0, 130, -signal.SIGINT)
        assert not installed.node_calls.exists()
    finally:
        server.kill()


def _get(url: str, server: subprocess.Popen[str]) -> str:
    """The text at an address, after redirects; waits for a server that is starting."""
    deadline = time.monotonic() + 60
    while True:
        if server.poll() is not None:
            pytest.fail(f"steerco serve ended at once:\n{server.stdout.read()}")
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            pytest.fail(f"{url} answers {error.code}")
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
