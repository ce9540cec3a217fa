"""Finds what tests need from the operating system and installs it where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """A program of the system: how to find it, which Debian package brings it, what to say when it stays away."""

    name: str
    find: Callable[[], Path | None]
    packages: tuple[str, ...]
    remedy: str


def find_chromium() -> Path | None:
    """Chromium or Chrome: the one named by STEERCO_CHROMIUM, else the first on PATH or in its usual place."""
    if named := os.environ.get("STEERCO_CHROMIUM"):
        return Path(named) if os.access(named, os.X_OK) else None
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return Path(found)
    usual = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    return usual if usual.exists() else None


def find_postgres() -> Path | None:
    """The folder with initdb and postgres: Debian keeps it off PATH, one folder a version; the newest wins."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql*/bin")]
    places.sort(key=lambda place: [int(part) for part in str(place) if part.isdigit()], reverse=True)
    if found := shutil.which("initdb"):
        places.append(Path(found).resolve().parent)
    return next(
        (place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None
    )


CHROMIUM = Need(
    "Chromium",
    find_chromium,
    ("chromium",),
    "Install Chromium or Chrome (Debian: apt-get install chromium), or name one: STEERCO_CHROMIUM=/path/to/chrome",
)
POSTGRES = Need(
    "PostgreSQL",
    find_postgres,
    ("postgresql",),
    "Install the PostgreSQL server (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql@16)",
)


def provide(needs: list[Need]) -> None:
    """Install the missing ones by apt when this user may do so without a prompt; otherwise say what to install.

    Raises nothing: the step that needs a program fails by itself, with the remedy.
    """
    missing = [need for need in needs if need.find() is None]
    if not missing:
        return
    names = " and ".join(need.name for need in missing)
    admin = _administrator()
    if admin is None:
        print(f"{names} missing, and packages cannot be installed from here.", flush=True)
        for need in missing:
            print(f"  {need.remedy}", flush=True)
        return
    packages = [package for need in missing for package in need.packages]
    print(f"Installing {names} from the system's packages: {' '.join(packages)} ...", flush=True)
    # RUNLEVEL=1 keeps the package from starting a server of its own: tests bring theirs.
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    commands = [
        [*admin, *environment, "apt-get", "-qq", "update"],
        [*admin, *environment, "apt-get", "-qq", "install", "--yes", "--no-install-recommends", *packages],
    ]
    for command in commands:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"{' '.join(command)} failed:\n{(done.stderr or done.stdout).strip()}", flush=True)
    for need in missing:
        if need.find() is None:
            print(f"{need.name} is still missing. {need.remedy}", flush=True)


def _administrator() -> list[str] | None:
    """What to put before a command that installs packages; None where that would need a password or has no apt."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None
