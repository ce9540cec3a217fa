"""Files of a folder sorted into projects: which reader takes each, which belong together, what is refused or ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from steerco.commands.import_files import digest
from steerco.connect import sniff
from steerco.connect.items import Reading, Unreadable

PLANS = frozenset({"mspdi", "mpp", "xer", "gan", "tjcsv"})
# Read for people, not by programs; what else cannot be read is refused and counts as a fault.
FOR_PEOPLE = frozenset(
    {".md", ".rst", ".txt", ".log", ".json", ".yaml", ".yml", ".toml", ".ini", ".py", ".sh", ".sql", ".svg"}
)
NAMES_FOR_PEOPLE = re.compile(
    r"(readme|license|licence|notice|sources?|changelog|index|contributing)\b", re.IGNORECASE
)
WORDS = re.compile(r"[^\W_]+")
GENERIC = {
    "risk",
    "risks",
    "register",
    "log",
    "plan",
    "backlog",
    "list",
    "export",
    "project",
    "raid",
    "the",
    "and",
    "of",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken: why, and what to do about it."""

    file: str
    text: str
    remedy: str = ""


@dataclass(slots=True)
class Found:
    """One reading of one file."""

    path: Path
    file: str  # relative to where the run looked
    sha256: str
    reading: Reading

    @property
    def is_plan(self) -> bool:
        return self.reading.system in PLANS


@dataclass(slots=True)
class Project:
    """Readings that go into one project, the plan first."""

    name: str
    found: list[Found]


@dataclass(slots=True)
class Gathered:
    """Everything a run will do."""

    projects: list[Project] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    ignored: list[Refusal] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def gather(paths: Iterable[Path], progress: Callable[[int, int], None]) -> Gathered:
    """Read all files and sort them into projects. A folder's files belong together, and so do each sub-folder's."""
    groups = _groups(list(paths))
    total = sum(len(files) for _name, files in groups)
    gathered, done = Gathered(), 0
    seen: dict[str, str] = {}
    for name, files in groups:
        found: list[Found] = []
        for path, called in files:
            found += _read(path, called, seen, gathered)
            done += 1
            progress(done, total)
        if found:
            _sort(name, found, gathered)
    return gathered


def _groups(paths: list[Path]) -> list[tuple[str, list[tuple[Path, str]]]]:
    groups: dict[str, list[tuple[Path, str]]] = {}
    for path in paths:
        if path.is_dir():
            for file in sorted(p for p in path.rglob("*") if p.is_file()):
                relative = file.relative_to(path)
                if any(part.startswith((".", "~$", "__MACOSX")) for part in relative.parts):
                    continue
                name = relative.parts[0] if len(relative.parts) > 1 else path.resolve().name
                where = f"{path}/{relative.parts[0]}" if len(relative.parts) > 1 else str(path)
                groups.setdefault(f"{where}\0{name}", []).append((file, str(relative)))
        else:
            groups.setdefault(f"\0{path.stem}", []).append((path, path.name))
    loose = [key for key in groups if key.startswith("\0")]
    if len(loose) > 1:  # files named one by one belong together as if they lay in one folder
        together = [file for key in loose for file in groups.pop(key)]
        groups[loose[0]] = together
    return [(key.partition("\0")[2], files) for key, files in groups.items()]


def _read(path: Path, called: str, seen: dict[str, str], gathered: Gathered) -> list[Found]:
    if reason := _for_people(path):
        gathered.ignored.append(Refusal(called, reason))
        return []
    try:
        sha256 = digest(path)
        if sha256 in seen:
            gathered.ignored.append(Refusal(called, f"It is the same file as {seen[sha256]}."))
            return []
        seen[sha256] = called
        readings = sniff.read_all(path)
    except Unreadable as refusal:
        if "holds no register that is known here" in refusal.text:
            gathered.ignored.append(Refusal(called, refusal.text, refusal.remedy))
        else:
            gathered.refused.append(Refusal(called, refusal.text, refusal.remedy))
        return []
    except OSError as error:
        gathered.refused.append(
            Refusal(called, f"{called} cannot be opened ({error.strerror}).", "Check its rights.")
        )
        return []
    empty = [reading for reading in readings if not reading.items]
    if len(empty) == len(readings):
        gathered.refused.append(
            Refusal(
                called,
                f"{called} holds nothing that could be taken.",
                "Check that the right file was exported.",
            )
        )
        return []
    return [Found(path, called, sha256, reading) for reading in readings if reading.items]


def _for_people(path: Path) -> str:
    if NAMES_FOR_PEOPLE.match(path.name):
        return "It describes the files beside it."
    if path.suffix.lower() in FOR_PEOPLE:
        return f"Files ending in {path.suffix} hold text for people or programs, no plan and no register."
    return ""


def _sort(name: str, found: list[Found], gathered: Gathered) -> None:
    """One project for a group with one plan; one each for several plans, with the registers that carry their names."""
    plans = [f for f in found if f.is_plan]
    others = [f for f in found if not f.is_plan]
    if not plans:
        exports = [f for f in others if f.reading.system == "jira-csv"]
        names = {f.reading.project.name for f in exports}
        if len(exports) > 1 and len(names) == len(exports):
            plans = exports
            others = [f for f in others if f not in exports]
    if len(plans) < 2:
        lead = (plans or others)[0]
        title = _title(lead) if plans or len(others) == 1 else _spoken(name)
        gathered.projects.append(Project(title, [*plans, *others]))
        return
    made = [Project(_title(plan), [plan]) for plan in plans]
    _tell_apart(made)
    gathered.projects += made
    for other in others:
        matching = [project for project in made if _alike(other, project)]
        if len(matching) == 1:
            matching[0].found.append(other)
        else:
            which = "none" if not matching else f"{len(matching)}"
            gathered.refused.append(
                Refusal(
                    other.file,
                    f"{other.file} lies beside {len(plans)} plans, and {which} of them goes by its name.",
                    "Put it with its plan into a folder of their own.",
                )
            )
    stems = [plan.path.name.partition(".")[0] for plan in plans]
    for stem in sorted({s for s in stems if stems.count(s) > 1}):
        gathered.remarks.append(
            f"{stems.count(stem)} plans are called {stem}: if they are one plan in several formats, leave one of them."
        )


def _title(found: Found) -> str:
    """What people call the project: the file's own title, else its name without endings."""
    title = found.reading.project.name.strip()
    stem = re.sub(
        r"(\.(mspdi|xml|mpp|xer|gan|csv|xlsx|xlsm|mpx|pmxml|planner|gz|zip))+$",
        "",
        found.path.name,
        flags=re.I,
    )
    if not title or title.casefold() in {
        found.path.name.casefold(),
        found.reading.file.casefold(),
        "project",
        "project1",
    }:
        return _spoken(stem)
    return title[:200]


def _spoken(stem: str) -> str:
    """The name of a file or folder as people would write it."""
    return " ".join(stem.replace("_", " ").split())[:200] or "Project"


def _tell_apart(projects: list[Project]) -> None:
    names = [project.name for project in projects]
    for project in projects:
        if names.count(project.name) > 1:
            project.name = f"{project.name} ({project.found[0].path.name})"[:200]


def _alike(other: Found, project: Project) -> bool:
    mine = set(WORDS.findall(other.path.stem.casefold())) - GENERIC
    lead = project.found[0]
    theirs = set(WORDS.findall(f"{lead.path.name.partition('.')[0]} {project.name}".casefold())) - GENERIC
    return bool(mine & theirs)
