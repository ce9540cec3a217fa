"""One way in: what would hurt is refused before it can, with the file's name and a remedy."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from steerco.connect import sniff
from steerco.connect.encodings import Encoding, detect_encoding, lines
from steerco.connect.items import Unreadable
from steerco.connect.safe_open import open_source, parse_xml

MSPDI = b'<?xml version="1.0"?><Project xmlns="http://schemas.microsoft.com/project">%s</Project>'


def refusal(data: bytes, name: str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        sniff.read(data, name)
    assert name.removesuffix(".gz") in caught.value.text
    assert len(caught.value.remedy) > 10
    return caught.value


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


def test_an_empty_file_is_refused() -> None:
    assert "empty" in refusal(b"", "plan.xml").text


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be opened"):
        sniff.read(tmp_path / "nothing.xml")


def test_a_document_type_is_refused_before_anything_expands() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Project>&b;</Project>'
    outside = b'<?xml version="1.0"?><!DOCTYPE p SYSTEM "file:///etc/passwd"><Project/>'
    wide = laughs.decode().replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16")
    for data in (laughs, outside, wide):
        assert "document type" in refusal(data, "plan.xml").text
    commented = b"<!--" + b"x" * 300_000 + b"-->" + laughs.removeprefix(b'<?xml version="1.0"?>')
    assert "document type" in refusal(commented, "plan.xml").text


def test_truncated_xml_says_where_it_ends() -> None:
    said = refusal(MSPDI.partition(b"%s")[0] + b"\n<Tasks><Task><UID>1</UID>", "plan.xml")
    assert "cut off" in said.text
    assert "line 2" in said.text


def test_broken_xml_names_line_and_column() -> None:
    assert "line 1, column" in refusal(MSPDI % b"<Name>a</Title>", "plan.xml").text


def test_deep_nesting_is_refused() -> None:
    depth = 100_000
    assert "deep" in refusal(MSPDI % (b"<a>" * depth + b"</a>" * depth), "plan.xml").text


def test_xml_in_an_unknown_encoding_is_refused() -> None:
    refusal(b'<?xml version="1.0" encoding="klingon"?><Project/>', "plan.xml")


def test_a_bomb_is_refused_before_unpacking() -> None:
    bomb = zipped(xl__workbook_xml=b"<workbook/>", xl__sheet_xml=b"\0" * 200_000_000)
    bomb = bomb.replace(b"workbook_xml", b"workbook.xml").replace(b"sheet_xml", b"sheet.xml")
    assert len(bomb) < 1_000_000
    said = refusal(bomb, "register.xlsx")
    assert "before unpacking" in said.text
    assert "190 MB" in said.text
    assert "refused" in refusal(gzip.compress(b"\0" * 40_000_000, 1), "plan.xml.gz").text


def test_a_single_file_in_a_zip_or_gz_is_unpacked() -> None:
    plan = MSPDI % b"<Name>P</Name><Tasks><Task><UID>1</UID><Name>A</Name></Task></Tasks>"
    assert len(sniff.read(zipped(plan=plan), "plan.zip").items) == 1
    assert len(sniff.read(gzip.compress(plan), "plan.xml.gz").items) == 1
    assert "2 files" in refusal(zipped(a=plan, b=plan), "plans.zip").text


def test_a_damaged_or_locked_archive_is_refused() -> None:
    good = zipped(plan=MSPDI % b"")
    assert "damaged" in refusal(good[:-30], "plan.zip").text
    locked = bytearray(good)
    at = good.rindex(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert "password" in refusal(bytes(locked), "plan.zip").text


def test_entities_inside_a_workbook_are_refused() -> None:
    book = zipped(**{"xl__workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>'})
    assert "document type" in refusal(book, "register.xlsx").text


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"%PDF-1.4\n1 0 obj <</Subtype /Image /Filter /DCTDecode>> endobj", "scan.pdf", "scanned pictures"),
        (zipped(**{"word__document.xml": b"<w/>"}), "charter.docx", "Word document"),
        (zipped(**{"ppt__presentation.xml": b"<p/>"}), "deck.pptx", "PowerPoint"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "board.png", "picture"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "export.csv", "web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing.svg", "<svg>"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "dates.ics", "iCalendar"),
        (b"\x00\x01\x02\x03" * 500, "plan.bin", "no reader"),
        (b"   \n \n", "blank.csv", "blanks"),
    ],
)
def test_files_that_hold_no_records_are_named_for_what_they_are(data: bytes, name: str, says: str) -> None:
    assert says in refusal(data, name).text


def decoded(data: bytes) -> tuple[Encoding, list[str]]:
    source = open_source(data, "x.csv")
    encoding = detect_encoding(source)
    return encoding, list(lines(source, encoding))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_encodings_are_recognised_with_and_without_mark(codec: str) -> None:
    encoding, rows = decoded("Título,Größe\nañadir,Straße\n".encode(codec))
    assert encoding.said
    assert rows == ["Título,Größe\n", "añadir,Straße\n"]


def test_western_text_without_mark_is_read_as_cp1252_and_said_to_be_guessed() -> None:
    encoding, rows = decoded("Título;Größe\n„Anführung“ – 5 €;x\n".encode("cp1252"))
    assert encoding == Encoding("cp1252", False)
    assert rows[1] == "„Anführung“ – 5 €;x\n"


def test_cyrillic_text_is_not_taken_for_western() -> None:
    text = (
        "Задача;Ответственный;Начало\n" + "Подготовить серверную комнату к переезду;Иванов;01.02.2025\n" * 20
    )
    assert decoded(text.encode("cp1251"))[1][1].startswith("Подготовить")


def test_a_lone_carriage_return_cannot_split_a_record_but_ends_lines_of_old_macintosh_files() -> None:
    assert decoded(b"a,b\nc\rd,e\n")[1] == ["a,b\n", "c d,e\n"]
    assert decoded(b"a,b\rc,d\r")[1] == ["a,b\n", "c,d\n"]
    assert decoded(b"a,b\r\nc,\x00d\r\n")[1] == ["a,b\n", "c,d\n"]


def test_lines_are_the_same_wherever_the_chunks_end(monkeypatch: pytest.MonkeyPatch) -> None:
    data = "ä,b\r\nc,d\r\ne".encode()
    for size in range(1, 8):
        monkeypatch.setattr("steerco.connect.encodings._CHUNK", size)
        assert list(lines(open_source(data, "x"), Encoding("utf-8", True))) == ["ä,b\n", "c,d\n", "e"]


def test_parse_xml_gives_the_tree_of_a_harmless_file() -> None:
    assert parse_xml(open_source(b"\n<a><b/></a>", "x.xml")).find("b") is not None
