"""One way in for anything uploaded: sizes, compression bombs, entities, nesting and encodings are settled here.

Every refusal is an `Unreadable` that names the file and says what to do. Nothing is written to disk.
"""

from __future__ import annotations

import gzip
import io
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from steerco.connect.items import Unreadable
from steerco.connect.tame import line

MEGABYTE = 1024 * 1024
LARGEST_STREAMED = 512 * MEGABYTE  # tables are read row by row
LARGEST_WHOLE = 96 * MEGABYTE  # what must be in memory at once
LARGEST_UNPACKED = 256 * MEGABYTE
SUSPECT_UNPACKED = 24 * MEGABYTE  # below this a high ratio is harmless
SUSPECT_RATIO = 100  # office files pack 5 to 30 times
MOST_MEMBERS = 4_000
MOST_TAGS = 5_000_000  # opening and closing; a plan of 10,000 tasks has 1.5 million
DEEPEST = 200

_OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/", "word/", "xl/", "ppt/")
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Source:
    """One uploaded file: where it came from, and its bytes on demand."""

    name: str
    size: int
    _path: Path | None = None
    _data: bytes | None = None

    @contextmanager
    def stream(self) -> Iterator[BinaryIO]:
        """The bytes as a stream from the beginning."""
        if self._data is not None:
            yield io.BytesIO(self._data)
            return
        assert self._path is not None
        try:
            with self._path.open("rb") as stream:
                yield stream
        except OSError as error:
            raise Unreadable(
                f"{self.name} cannot be opened ({error.strerror}).",
                "Check that the file exists and may be read.",
            ) from error

    def head(self, size: int = 65_536) -> bytes:
        """The first bytes."""
        with self.stream() as stream:
            return stream.read(size)

    def data(self, limit: int = LARGEST_WHOLE) -> bytes:
        """All bytes. Raises Unreadable above `limit`."""
        if self.size > limit:
            raise too_large(self.name, self.size, limit)
        if self._data is not None:
            return self._data
        with self.stream() as stream:
            return stream.read(limit + 1)


def open_source(path_or_bytes: str | Path | bytes | Source, name: str = "") -> Source:
    """The file behind a path or the bytes of an upload; a .gz, or a .zip that holds one file, is unpacked.

    Raises Unreadable for an empty, too large or booby-trapped file.
    """
    if isinstance(path_or_bytes, Source):
        return path_or_bytes
    if isinstance(path_or_bytes, (bytes, bytearray, memoryview)):
        data = bytes(path_or_bytes)
        source = Source(line(name) or "the file", len(data), _data=data)
    else:
        path = Path(path_or_bytes)
        name = line(name) or line(path.name)
        try:
            size = path.stat().st_size
            if not path.is_file():
                raise Unreadable(f"{name} is not a file.", "Name one file.")
        except OSError as error:
            raise Unreadable(
                f"{name} cannot be opened ({error.strerror}).", "Check the path and the rights."
            ) from error
        source = Source(name, size, _path=path)
    if source.size == 0:
        raise Unreadable(
            f"{source.name} is empty (0 bytes).", "Export it again and check that the export finished."
        )
    if source.size > LARGEST_STREAMED:
        raise too_large(source.name, source.size, LARGEST_STREAMED)
    head = source.head(4)
    if head.startswith(GZIP):
        return _gunzipped(source)
    if head.startswith(ZIP):
        return _alone_in_zip(source)
    return source


def too_large(name: str, size: int, limit: int) -> Unreadable:
    """The refusal of a file above a size limit."""
    return Unreadable(
        f"{name} is {size // MEGABYTE} MB; files of this kind are taken up to {limit // MEGABYTE} MB.",
        "Split it, or export fewer projects or columns.",
    )


@contextmanager
def open_zip(source: Source) -> Iterator[zipfile.ZipFile]:
    """The archive, checked before anything is unpacked. Raises Unreadable for damage, passwords and bombs."""
    name = source.name
    with source.stream() as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                members = archive.infolist()
                _check_members(name, source.size, members)
                yield archive
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OverflowError,
            UnicodeDecodeError,
        ) as error:
            raise Unreadable(
                f"{name} is damaged: its archive cannot be unpacked ({line(error, 80)}).",
                "Open it in the program that wrote it, save it again and upload that.",
            ) from error


def _check_members(name: str, size: int, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    bomb = unpacked > LARGEST_UNPACKED or (unpacked > SUSPECT_UNPACKED and unpacked > SUSPECT_RATIO * size)
    if bomb or len(members) > MOST_MEMBERS:
        raise Unreadable(
            f"{name} was refused before unpacking: {max(size // 1024, 1)} KB would become "
            f"{unpacked // MEGABYTE} MB in {len(members)} parts.",
            "Open it in its own program, delete empty formatted rows and columns, save it and upload that.",
        )
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable(
            f"{name} is protected with a password.", "Save it without a password and upload that."
        )


def _gunzipped(source: Source) -> Source:
    name = source.name.removesuffix(".gz")
    parts, total = [], 0
    try:
        with source.stream() as packed, gzip.GzipFile(fileobj=packed) as stream:
            while part := stream.read(MEGABYTE):
                parts.append(part)
                total += len(part)
                if total > LARGEST_WHOLE or (
                    total > SUSPECT_UNPACKED and total > SUSPECT_RATIO * source.size
                ):
                    raise Unreadable(
                        f"{source.name} was refused while unpacking: {source.size // 1024} KB became more than "
                        f"{total // MEGABYTE} MB.",
                        "Unpack it yourself, check what it holds and upload that.",
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(
            f"{source.name} is damaged and cannot be unpacked.", "Pack or download it again."
        ) from error
    if not total:
        raise Unreadable(f"{source.name} holds nothing.", "Check what was packed.")
    return Source(name, total, _data=b"".join(parts))


def _alone_in_zip(source: Source) -> Source:
    with open_zip(source) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
        if any(m.filename.startswith(_OFFICE) for m in members):
            return source
        if len(members) != 1:
            raise Unreadable(
                f"{source.name} is an archive of {len(members)} files.",
                "Unpack it and upload the files one by one.",
            )
        return Source(
            line(Path(members[0].filename).name), members[0].file_size, _data=archive.read(members[0])
        )


def check_prolog(stream: BinaryIO, name: str) -> str:
    """Read XML up to its root element and return the root's name. Raises Unreadable for a DOCTYPE or entities."""
    found: list[str] = []

    class Done(Exception):
        pass

    def root(tag: str, _attributes: object) -> None:
        found.append(tag)
        raise Done

    def doctype(*_declaration: object) -> None:
        raise Unreadable(
            f"{name} declares a document type or entities, which can be used to attack whoever reads it.",
            "Remove the <!DOCTYPE ...> at its beginning, or export it again from the tool.",
        )

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = root
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    try:
        while part := stream.read(16_384):
            parser.Parse(part, False)
        parser.Parse(b"", True)
    except Done:
        return found[0].rpartition(" ")[2]
    except expat.ExpatError as error:
        raise broken_xml(name, error) from error
    except (ValueError, LookupError) as error:
        raise unknown_encoding(name, error) from error
    raise Unreadable(f"{name} holds no XML element.", "Export it again.")


def parse_xml(source: Source) -> ET.Element:
    """The tree of an XML file without DOCTYPE, entities, excessive size or depth. Raises Unreadable."""
    name, data = source.name, source.data()
    if data[:1] in b" \t\r\n":
        data = data.lstrip()  # some programs begin with an empty line
    check_prolog(io.BytesIO(data), name)
    tags = data.count(b"<")
    if tags > MOST_TAGS:
        raise Unreadable(
            f"{name} has {tags // 1000} thousand XML tags; {MOST_TAGS // 1000} thousand are taken.",
            "Export fewer projects at once.",
        )
    try:
        root = ET.fromstring(data)  # noqa: S314 - no DOCTYPE can have passed, hence no entities
    except ET.ParseError as error:
        raise broken_xml(name, error) from error
    except (ValueError, LookupError) as error:
        raise unknown_encoding(name, error) from error
    level, depth = [root], 0
    while level:
        level = list(chain.from_iterable(level))
        depth += 1
        if depth > DEEPEST:
            raise Unreadable(
                f"{name} nests XML elements more than {DEEPEST} deep.", "Export it again from the tool."
            )
    return root


def unknown_encoding(name: str, error: Exception) -> Unreadable:
    """The refusal of XML whose declared encoding is not known."""
    said = line(error, 80)
    return Unreadable(
        f"{name} says it is written in an encoding that is not known ({said}).", "Save it as UTF-8."
    )


def broken_xml(name: str, error: Exception) -> Unreadable:
    """The refusal of XML that does not parse: says where, and whether the end is missing."""
    row, column = getattr(error, "position", None) or (
        getattr(error, "lineno", 0),
        getattr(error, "offset", 0),
    )
    code = getattr(error, "code", 0)
    if code in (3, 5, 20):  # no element found, unclosed token, unclosed CDATA section
        return Unreadable(
            f"{name} is cut off: the XML ends in line {row} before it is complete.",
            "Export or download it again and compare the sizes.",
        )
    reason = expat.ErrorString(code) if code else str(error)
    return Unreadable(
        f"{name} is not well-formed XML: {reason} in line {row}, column {column + 1}.",
        "Export it again; if it was edited by hand, correct that line.",
    )
