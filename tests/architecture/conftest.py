"""The project as its architecture tests see it: parsed modules, and every text that is committed."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("steerco", "tests", "bench", "scripts")


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root of the repository, its dotted name, its syntax tree."""

    path: str
    name: str
    tree: ast.Module

    @property
    def is_test(self) -> bool:
        return "tests" in self.path.split("/") or self.path.endswith("conftest.py")

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything imported anywhere in the file, relative imports resolved.

        `from a import b` gives a.b: whether b is a module or a name in one makes no difference to a ban.
        """
        package = self.name if self.path.endswith("__init__.py") else self.name.rpartition(".")[0]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
                source = ".".join(part for part in (base if node.level else "", node.module or "") if part)
                yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def read_module(path: str, source: str) -> Module:
    """Parse one module; `path` is relative to the root."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Module(path, name, ast.parse(source, path))


@pytest.fixture(scope="session")
def parse() -> Callable[[str, str], Module]:
    """`parse(path, source)`: a module that exists only in a test, to plant a fault in."""
    return read_module


@pytest.fixture(scope="session")
def modules() -> list[Module]:
    """Every Python file of ours but migrations, which Django writes."""
    found = [ROOT / "conftest.py", *(path for folder in OURS for path in (ROOT / folder).rglob("*.py"))]
    return [
        read_module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(found)
        if "migrations" not in path.parts
    ]


@pytest.fixture(scope="session")
def product(modules: list[Module]) -> list[Module]:
    """What is shipped: the modules of the package without their tests."""
    return [module for module in modules if module.name.split(".")[0] == "steerco" and not module.is_test]


@pytest.fixture(scope="session")
def committed() -> dict[str, str]:
    """Every committed text by path, without what others wrote (vendored libraries) and what is not text."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        names = [name for name in listing.stdout.decode().split("\0") if name]
    else:  # unpacked from an archive
        names = [path.relative_to(ROOT).as_posix() for folder in OURS for path in (ROOT / folder).rglob("*")]
    texts = {}
    for name in names:
        path = ROOT / name
        if "vendor" in Path(name).parts or not path.is_file():
            continue
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return texts
