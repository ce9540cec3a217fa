"""The built wheel, and an environment that holds it and nothing of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NODE = ("node", "npm", "npx", "yarn", "pnpm", "bun", "deno")


@dataclass(frozen=True)
class Installed:
    """An installed Steerco: its folder, what its processes may see, and a note of every call for Node."""

    folder: Path
    environment: dict[str, str]
    node_calls: Path

    def run(self, *command: str, timeout: float = 300, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment, away from the repository. Fails the test when it fails."""
        done = subprocess.run(
            [str(self.folder / "env" / "bin" / command[0]), *command[1:]],
            cwd=self.folder,
            env={**self.environment, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, (
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return done


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be published."""
    target = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an empty environment, its dependencies resolved from its own metadata within the locked versions.

    Taking the lock whole would hide a dependency that the metadata forgot.
    """
    folder = tmp_path_factory.mktemp("installed")
    pins = folder / "pins.txt"
    lock = (ROOT / "requirements" / "base.lock").read_text(encoding="utf-8")
    pins.write_text("\n".join(re.findall(r"^[a-z0-9][^\\\n]*==[^\\\n]*", lock, re.MULTILINE)))
    python = folder / "env" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    uv = shutil.which("uv")
    installer = [uv, "pip", "install", "--quiet", "--python", str(python)] if uv else [
        sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet",
    ]  # fmt: skip
    done = subprocess.run(
        [*installer, "--constraint", str(pins), f"{wheel}[postgres]"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Installed(folder, *_surroundings(folder))


def _surroundings(folder: Path) -> tuple[dict[str, str], Path]:
    """Variables of a plain user, with a Node on PATH that tells on whoever calls it."""
    calls, shims = folder / "node-calls", folder / "shims"
    shims.mkdir()
    for name in NODE:
        shim = shims / name
        shim.write_text(f'#!/bin/sh\necho {name} "$@" >> {calls}\nexit 97\n')
        shim.chmod(0o755)
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "JAVA_HOME") if name in os.environ}
    path = f"{folder / 'env' / 'bin'}:{shims}:/usr/bin:/bin"
    return {**kept, "PATH": path, "HOME": str(folder), "STEERCO_HOME": str(folder / "home")}, calls
