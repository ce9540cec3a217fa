"""Fetch the browser libraries we ship, check them against the lock, and copy the named files.

    python scripts/vendor.py            # fetch what the lock names; refuse anything whose digest differs
    python scripts/vendor.py --update   # fetch the versions named below and write a new lock
    python scripts/vendor.py --check    # no network: do the files on disk match the lock?

Development only: it needs npm to fetch. What it writes is committed, so neither building nor running needs Node.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "steerco/kit/static/vendor/vendor.lock.json"
STATIC = "steerco/kit/static/vendor"


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files we keep, and where.

    `files` maps a path inside the package to a path below the repository's root.
    """

    name: str
    version: str
    licence: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "htmx.org",
        "2.0.11",
        "0BSD",
        {"dist/htmx.min.js": f"{STATIC}/htmx/htmx.min.js", "LICENSE": f"{STATIC}/htmx/LICENSE"},
    ),
    # The common build carries line, bar, scatter and the SVG renderer at two thirds of the full build's size.
    Package(
        "echarts",
        "6.1.0",
        "Apache-2.0",
        {
            "dist/echarts.common.min.js": f"{STATIC}/echarts/echarts.common.min.js",
            "LICENSE": f"{STATIC}/echarts/LICENSE",
            "NOTICE": f"{STATIC}/echarts/NOTICE",
        },
    ),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        {"axe.min.js": "tests/vendor/axe-core/axe.min.js", "LICENSE": "tests/vendor/axe-core/LICENSE"},
    ),
)


def digest(content: bytes) -> str:
    """The content's SHA-512 in the form browsers and npm write: `sha512-` and base64."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def fetch(package: Package, folder: Path) -> bytes:
    """The package's tarball, as published."""
    spec = f"{package.name}@{package.version}"
    command = ["npm", "pack", "--json", "--silent", "--pack-destination", str(folder), spec]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
    return (folder / answer[0]["filename"].replace("@", "").replace("/", "-")).read_bytes()


def unpack(package: Package, tarball: Path) -> dict[str, bytes]:
    """The named files of a tarball, by where they go. Nothing is written, so member names cannot escape."""
    with tarfile.open(tarball) as archive:
        kept = {}
        for inside, outside in package.files.items():
            member = archive.extractfile(f"package/{inside}")
            if member is None:
                raise SystemExit(f"{package.name} {package.version} has no file {inside}")
            kept[outside] = member.read()
    return kept


def mismatches(lock: dict) -> list[str]:
    """A sentence for each file on disk that is missing or differs from the lock."""
    problems = []
    for entry in lock["packages"]:
        for path, expected in entry["files"].items():
            file = ROOT / path
            if not file.is_file():
                problems.append(f"{path} is missing")
            elif digest(file.read_bytes()) != expected:
                problems.append(f"{path} differs from {entry['name']} {entry['version']}")
    return problems


def install(*, update: bool) -> None:
    """Fetch every package and write its files; with `update`, believe the registry and rewrite the lock."""
    known = {} if update else {entry["name"]: entry for entry in json.loads(LOCK.read_text())["packages"]}
    entries = []
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            tarball = Path(folder) / "package.tgz"
            tarball.write_bytes(fetch(package, Path(folder)))
            integrity = digest(tarball.read_bytes())
            files = unpack(package, tarball)
        entry = {
            "name": package.name,
            "version": package.version,
            "licence": package.licence,
            "tarball": integrity,
            "files": {path: digest(content) for path, content in files.items()},
        }
        if not update and entry != known.get(package.name):
            raise SystemExit(
                f"{package.name} {package.version} is not what the lock names; nothing of it was written"
            )
        for path, content in files.items():
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_bytes(content)
        entries.append(entry)
        print(f"{package.name} {package.version}: {len(files)} files")
    if update:
        LOCK.write_text(json.dumps({"packages": entries}, indent=2, ensure_ascii=False) + "\n")


def main() -> int:
    """Exit code 0 when all files match, 1 with a sentence for each that does not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--update", action="store_true", help="write a new lock from the versions in this file"
    )
    choice.add_argument(
        "--check", action="store_true", help="compare the files on disk with the lock, offline"
    )
    options = parser.parse_args()
    if not options.check:
        install(update=options.update)
    problems = mismatches(json.loads(LOCK.read_text()))
    print("\n".join(problems) or "All vendored files match the lock.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
