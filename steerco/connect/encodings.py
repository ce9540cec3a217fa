"""Text of unknown encoding, line by line: marks and UTF-16 recognised, UTF-8 proved, the rest guessed and said so."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

from steerco.connect.items import Unreadable
from steerco.connect.safe_open import Source

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Guesses worth taking over cp1252: alphabets that Western text cannot be mistaken for.
_OTHER_ALPHABETS = (
    "cp1251 koi8_r koi8_u mac_cyrillic cp866 iso8859_5 cp1253 iso8859_7 cp1255 iso8859_8 cp1256 "
    "shift_jis cp932 euc_jp gb2312 gbk gb18030 big5 cp950 euc_kr cp949"
)
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name and how sure it is: `said` by a mark or proved by decoding, else guessed."""

    codec: str
    said: bool


def detect_encoding(source: Source) -> Encoding:
    """The encoding of a text file. Raises Unreadable for what is no text."""
    head = source.head(_CHUNK)
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(codec, True)
    if (wide := _utf16_without_mark(head)) is not None:
        return Encoding(wide, True)
    controls = sum(head.count(byte) for byte in range(9)) + sum(head.count(byte) for byte in range(14, 27))
    if controls > 8 and controls * 20 > len(head):
        raise Unreadable(
            f"{source.name} is not text: it looks like a program's own binary file.",
            "Export it as CSV, XLSX, MS Project XML or XER and upload that.",
        )
    if _decodes(source, "utf-8"):
        return Encoding("utf-8", True)
    return Encoding(_guess(head), False)


def _utf16_without_mark(head: bytes) -> str | None:
    sample = head[: len(head) // 2 * 2]
    if len(sample) < 8:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.1 * half else None


def _decodes(source: Source, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    with source.stream() as stream:
        try:
            while part := stream.read(_CHUNK):
                decoder.decode(part)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return False
    return True


def _guess(head: bytes) -> str:
    lines = [row for row in head.splitlines() if any(byte > 127 for byte in row)]
    best = from_bytes(b"\n".join(lines)[:16_384]).best() if lines else None
    if (
        best is not None
        and best.encoding in _OTHER_ALPHABETS.split()
        and best.chaos < 0.1
        and best.coherence > 0.3
    ):
        return best.encoding
    return "cp1252"


def lines(source: Source, encoding: Encoding) -> Iterator[str]:
    """Lines with their `\\n`, whatever ended them; a lone CR in a file of LF lines is a blank and ends nothing.

    NUL is dropped, and bytes the encoding has no character for become U+FFFD.
    """
    decoder = codecs.getincrementaldecoder(encoding.codec)(errors="replace")
    carriage = False  # whether lone CRs end lines, as old Macintosh files have them
    rest, first = "", True
    with source.stream() as stream:
        while True:
            part = stream.read(_CHUNK)
            text = rest + decoder.decode(part, not part)
            if first:
                carriage, first = "\r" in text and "\n" not in text, False
            if part and text.endswith("\r"):
                text, held = text[:-1], "\r"
            else:
                held = ""
            text = text.replace("\x00", "") if "\x00" in text else text
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n" if carriage else " ")
            rows = text.split("\n")
            rest = rows.pop() + held
            for row in rows:
                yield row + "\n"
            if not part:
                break
            if len(rest) > 32 * _CHUNK:
                raise Unreadable(
                    f"{source.name} has a line of more than 8 million characters.",
                    "Check that it is a table with one record per line.",
                )
    if rest:
        yield rest


def sniff_text(source: Source, size: int = 65_536) -> str:
    """The first characters of a file as text, for telling formats apart; never fails, may be nonsense."""
    head = source.head(size)
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return head.decode(codec, errors="replace")
    wide = _utf16_without_mark(head)
    if wide:
        return head.decode(wide, errors="replace")
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(head) - 4 or re.search(rb"[\xc2-\xf4][\x80-\xbf]", head):
            return head.decode("utf-8", errors="replace")
        return head.decode("cp1252", errors="replace")
