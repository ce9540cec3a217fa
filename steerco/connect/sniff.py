"""Which reader takes a file, judged by its content; the name only settles ties. Also refuses what nobody reads, with a remedy."""

from __future__ import annotations

import importlib
import importlib.util
import io
import pkgutil
from collections.abc import Mapping
from functools import cache

import steerco.connect as rooms_package
from steerco.connect.encodings import sniff_text
from steerco.connect.items import Reading, SeveralProjects, Unreadable
from steerco.connect.protocol import Input, Opening, Room
from steerco.connect.safe_open import OLE2, ZIP, Source, check_prolog, open_source, open_zip

TABLE_OR_PLAN = "Export the plan or the register as MS Project XML, XER, CSV or XLSX and upload that."


@cache
def rooms() -> tuple[Room, ...]:
    """Every reader room that is installed: a package here that has a module `reader`."""
    found = []
    for package in pkgutil.iter_modules(rooms_package.__path__):
        if not package.ispkg or package.name == "tests":
            continue
        name = f"{rooms_package.__name__}.{package.name}.reader"
        if importlib.util.find_spec(name) is None:
            continue
        module = importlib.import_module(name)
        if isinstance(module, Room):
            found.append(module)
    return tuple(found)


def room_for(path_or_bytes: Input, name: str = "") -> Room:
    """The room that claims the file most surely. Raises Unreadable with a remedy when none does."""
    source = open_source(path_or_bytes, name)
    opening = look(source)
    claims = [(room.claims(opening), room) for room in rooms()]
    best = max(claims, key=lambda claim: claim[0], default=(0, None))
    if best[1] is None or best[0] <= 0:
        raise unknown(opening)
    return best[1]


def read(path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None) -> Reading:
    """The file through the room that claims it. Raises Unreadable (SeveralProjects when one must be chosen)."""
    source = open_source(path_or_bytes, name)
    return room_for(source).read(source, source.name, mapping=mapping)


def read_all(
    path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None
) -> tuple[Reading, ...]:
    """One Reading per project of the file. Raises Unreadable."""
    source = open_source(path_or_bytes, name)
    try:
        return (read(source, mapping=mapping),)
    except SeveralProjects as several:
        return tuple(read(source, mapping={**(mapping or {}), "project": key}) for key, _ in several.choices)


def look(source: Source) -> Opening:
    """The beginning of a file as rooms judge it. Raises Unreadable for XML with a DOCTYPE and for damaged archives."""
    head = source.head()
    if head.startswith(ZIP):
        with open_zip(source) as archive:
            return Opening(source.name, head, members=frozenset(archive.namelist()))
    text = sniff_text(source)
    root = ""
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        start = text.lstrip("\ufeff \t\r\n")[:14].lower()
        if not start.startswith(("<!doctype html", "<html")):
            with source.stream() as stream:
                root = check_prolog(_without_leading_blanks(stream.read(1 << 20)), source.name)
    return Opening(source.name, head, text, root)


def _without_leading_blanks(data: bytes) -> io.BytesIO:
    return io.BytesIO(data.lstrip(b" \t\r\n") if data[:1] in b" \t\r\n" else data)


def _pictures(head: bytes) -> str:
    """Says so when the beginning of a PDF has pictures and no fonts."""
    return " of scanned pictures" if b"/Image" in head and b"/Font" not in head else ""


def unknown(opening: Opening) -> Unreadable:
    """The refusal of a file that no room reads: what it is, as far as one can tell, and what to do instead."""
    name, head = opening.name, opening.head
    if head.startswith(b"%PDF"):
        return Unreadable(
            f"{name} is a PDF{_pictures(head)}: it holds pages, not records.",
            "Ask for the file it was printed from. " + TABLE_OR_PLAN,
        )
    for mark, kind in (
        ("word/document.xml", "a Word document"),
        ("ppt/presentation.xml", "a PowerPoint presentation"),
        ("content.xml", "an OpenDocument file"),
        ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ):
        if mark in opening.members:
            return Unreadable(
                f"{name} is {kind}, which is not read as records.", "Copy its table to an XLSX or CSV file."
            )
    if opening.members:
        return Unreadable(
            f"{name} is an archive of {len(opening.members)} files.", "Unpack it and upload the files."
        )
    if head.startswith(OLE2):
        return Unreadable(
            f"{name} is an old Office file that is not read.",
            "Open it in Office and save it as XLSX, CSV or XML.",
        )
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"RIFF")):
        return Unreadable(f"{name} is a picture.", "Ask for the file it was taken from. " + TABLE_OR_PLAN)
    if opening.root:
        return Unreadable(
            f"{name} is XML with the root <{opening.root[:60]}>, which no reader knows.", TABLE_OR_PLAN
        )
    if opening.text.lstrip()[:14].lower().startswith(("<!doctype html", "<html")):
        return Unreadable(
            f"{name} is a web page; tools send one in place of an export when you are not signed in.",
            "Sign in to the tool and export again.",
        )
    if opening.text.lstrip().startswith("BEGIN:VCALENDAR"):
        return Unreadable(f"{name} is a calendar of events (iCalendar), not a plan.", TABLE_OR_PLAN)
    if opening.suffix in (".tjp", ".tji"):
        return Unreadable(
            f"{name} is the source of a TaskJuggler project, which only TaskJuggler can schedule.",
            "Let it write a task report as CSV (columns name, id, start, end, duration, precursors) or an MSPDI file.",
        )
    if opening.suffix in (".md", ".tex", ".txt", ".rst", ".adoc"):
        return Unreadable(f"{name} is a text document, not records.", TABLE_OR_PLAN)
    if not opening.text.strip("\x00 \t\r\n\ufeff"):
        return Unreadable(f"{name} holds only blanks.", "Export it again.")
    return Unreadable(f"{name} is of a kind that no reader knows.", TABLE_OR_PLAN)
