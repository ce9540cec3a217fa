"""MPP, MPX, Primavera XML and Planner in: MPXJ makes MSPDI of them, the room for MSPDI reads that."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from steerco.connect import sniff
from steerco.connect.items import Kind, Note, Reading, SeveralProjects, Unreadable
from steerco.connect.mpp.mapping import FORMATS
from steerco.connect.protocol import Input, Opening, as_system, guarded
from steerco.connect.safe_open import OLE2, Source, check_prolog, open_source
from steerco.connect.tame import line

SYSTEM = "mpp"
LABEL = "Microsoft Project file (.mpp), MPX, Primavera XML, Planner"
SECONDS = 180
HEAP_MEGABYTES = 1024
EXPORT_XML = "In Microsoft Project use File, Save As, XML format, and upload that file."
_MARKS = (
    b"MSProject",
    "MSProject".encode("utf-16-le"),
    *(f"Props{n}".encode("utf-16-le") for n in ("9", "12", "14")),
)


def claims(opening: Opening) -> int:
    """Sure of plans by their marks inside; an Office container named .mpp is worth a try."""
    return 95 if (form := _format(opening)) and form != "mpp?" else 50 if form else 0


def _format(opening: Opening) -> str:
    if opening.head.startswith(OLE2):
        if any(mark in opening.head for mark in _MARKS):
            return "mpp"
        return "mpp?" if opening.suffix in (".mpp", ".mpt") else ""
    if opening.text.lstrip("\ufeff")[:4] in ("MPX,", "MPX;", "MPX\t"):
        return "mpx"
    if opening.root == "APIBusinessObjects":
        return "pmxml"
    return "planner" if opening.root == "project" and "mrproject-version" in opening.text[:20_000] else ""


@guarded
def read(path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None) -> Reading:
    """Everything the plan gives through MPXJ. `mapping={"project": key}` chooses among several.

    Raises Unreadable: without the extra or Java, for passwords, damage, too much time or memory.
    """
    source = open_source(path_or_bytes, name)
    opening = sniff.look(source)
    form = _format(opening).rstrip("?")
    if not form:
        raise Unreadable(f"{source.name} is not a plan that MPXJ reads.", "Export it as XML, XER or CSV.")
    if opening.root:
        with source.stream() as stream:
            check_prolog(stream, source.name)
    _check_extra(source.name, FORMATS[form].label)
    with tempfile.TemporaryDirectory(prefix="steerco-plan-") as folder:
        plan, target = Path(folder) / f"plan.{form}", Path(folder) / "plan.xml"
        plan.write_bytes(source.data().lstrip() if opening.root else source.data())
        outcome = _run(form, plan, target, (mapping or {}).get("project", ""), source)
        _check(outcome, source, FORMATS[form].label)
        reading = sniff.read(target, f"{Path(source.name).stem}.xml")
    said = f"The {FORMATS[form].label} was converted with MPXJ; positions in these notes are those of the converted plan."
    extra = [Note(Kind.WARNING, "", said)] if form != "mpp" else []
    if FORMATS[form].lost:
        extra.append(Note(Kind.LOST, "", FORMATS[form].lost))
    if (hard := FORMATS[form].hard_constraints) is not None:
        options = replace(reading.project.options, honour_constraints=hard)
        reading = replace(reading, project=replace(reading.project, options=options))
    return as_system(reading, SYSTEM, source.name, tuple(extra))


def _check_extra(name: str, label: str) -> None:
    if find_spec("mpxj") is None or find_spec("jpype") is None:
        raise Unreadable(
            f"{name} is a {label}; reading it needs the extra “mpp”, which is not installed.",
            f"Install it (pip install 'steerco[mpp]', and Java 11 or later). Or: {EXPORT_XML}",
        )
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise _no_java(name, label)


def _no_java(name: str, label: str) -> Unreadable:
    return Unreadable(
        f"{name} is a {label}; reading it needs Java, which was not found.",
        f"Install Java 11 or later (for example openjdk-17-jre-headless) or set JAVA_HOME. Or: {EXPORT_XML}",
    )


def _run(form: str, plan: Path, target: Path, project: str, source: Source) -> dict[str, object]:
    command = [
        sys.executable,
        "-m",
        "steerco.connect.mpp.convert",
        form,
        str(plan),
        str(target),
        str(HEAP_MEGABYTES),
        str(SECONDS),
        project,
    ]
    root = str(Path(__file__).resolve().parents[3])
    environment = {
        k: v for k, v in os.environ.items() if k in ("PATH", "JAVA_HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
    }
    environment["PYTHONPATH"] = os.pathsep.join(path for path in (root, *sys.path) if path)
    child = subprocess.Popen(  # noqa: S603 - a list of our own arguments and no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=plan.parent,
        start_new_session=True,
    )
    try:
        answer, _ = child.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.communicate()
        raise Unreadable(
            f"{source.name} took longer than {SECONDS} seconds to convert and was given up.", EXPORT_XML
        ) from None
    for row in reversed(answer.decode("utf-8", errors="replace").splitlines()):
        if row.startswith("{"):
            outcome: dict[str, object] = json.loads(row)
            return outcome
    return {"error": "damaged", "text": f"the conversion ended with code {child.returncode}"}


def _check(outcome: dict[str, object], source: Source, label: str) -> None:
    error, text = outcome.get("error"), line(outcome.get("text"), 160)
    if error == "password":
        raise Unreadable(
            f"{source.name} is protected with a password.",
            "Open it in Microsoft Project, save it without a password (Save As, Tools, General Options), and upload that.",
        )
    if error == "extra":
        raise Unreadable(
            f"{source.name} is a {label}; the extra “mpp” that reads it does not start ({text}).",
            f"Install it again (pip install 'steerco[mpp]'). Or: {EXPORT_XML}",
        )
    if error == "java":
        raise _no_java(source.name, label)
    if error == "nothing":
        raise Unreadable(f"{source.name} holds no plan, or is not a {label}.", EXPORT_XML)
    if error:
        raise Unreadable(f"{source.name} cannot be read as a {label}: {text}.", EXPORT_XML)
    if not outcome.get("written"):
        choices = tuple((str(key), line(name)) for key, name in outcome.get("projects", ()))  # type: ignore[attr-defined]
        names = "; ".join(f"{key} = {name}" for key, name in choices)
        raise SeveralProjects(
            f"{source.name} holds {len(choices)} projects.",
            f"Choose one of them as “project”: {names}.",
            choices,
        )
