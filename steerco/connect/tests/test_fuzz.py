"""Whatever happens to a real file on its way, a reader gives a Reading or an Unreadable and nothing else."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from steerco.connect import sniff
from steerco.connect.items import Reading, Unreadable
from steerco.connect.safe_open import open_source

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test files are not on this machine")
LARGEST = 60_000
CASES = 240


def originals() -> list[tuple[str, bytes]]:
    found = []
    for pattern in (
        "schedules/**/*.xml",
        "schedules/**/*.xer",
        "schedules/*.gan",
        "schedules/fedora20/*.csv",
        "jira/**/*.csv",
        "pmo_docs/**/*.xlsx",
    ):
        for path in sorted(DATA.glob(pattern)):
            if path.stat().st_size <= LARGEST and b"APIBusinessObjects" not in path.read_bytes()[:600]:
                found.append((path.name, path.read_bytes()))
    for path in sorted((DATA / "schedules" / "oracle").glob("*.gz")):
        data = gzip.decompress(path.read_bytes())
        if len(data) <= LARGEST:
            found.append((path.name.removesuffix(".gz"), data))
    return found


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One kind of damage: bytes flipped, cut off, deleted, doubled, swapped, or numbers made absurd."""
    content = bytearray(data)
    kind = chance.randrange(7)
    if kind == 0:
        for _ in range(chance.randint(1, 30)):
            content[chance.randrange(len(content))] = chance.randrange(256)
    elif kind == 1:
        del content[chance.randrange(len(content)) :]
    elif kind == 2:
        start = chance.randrange(len(content))
        del content[start : start + chance.randint(1, 400)]
    elif kind == 3:
        start = chance.randrange(len(content))
        content[start:start] = content[start : start + chance.randint(1, 2000)]
    elif kind == 4:
        digits = [at for at, byte in enumerate(content) if 48 <= byte <= 57]
        for at in sorted(chance.sample(digits, min(len(digits), 20)), reverse=True):
            content[at : at + 1] = chance.choice(
                [b"-1", b"99999999999999999999", b"", b"0", b"1e400", b"NaN", b"\xff"]
            )
    elif kind == 5:
        for _ in range(20):
            at = chance.randrange(len(content))
            content[at : at + 1] = chance.choice(
                [b'"', b"<", b"\t", b"\n", b"\r", b";", b",", b"\x00", b"&", b"("]
            )
    else:
        rows = bytes(content).split(b"\n")
        chance.shuffle(rows)
        content = bytearray(b"\n".join(rows))
    return bytes(content)


@needs_data
def test_damaged_real_files_raise_nothing_but_unreadable() -> None:
    files = originals()
    assert len(files) > 30
    for case in range(CASES):
        chance = random.Random(case)
        name, data = files[case % len(files)]
        harmed = damaged(data, chance)
        try:
            source = open_source(harmed, name)
            room = sniff.room_for(source)
            reading = room.read.__wrapped__(
                source, name
            )  # the bare reader: its guard must not be what saves it
        except Unreadable as refused:
            assert refused.text, (case, name)
            assert refused.remedy, (case, name)
        except Exception as error:
            pytest.fail(f"case {case} of {name}: {type(error).__name__}: {error}")
        else:
            assert isinstance(reading, Reading)


def test_the_guard_turns_any_failure_into_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    from steerco.connect.gan import reader

    def fail(*_: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(reader, "parse_xml", fail)
    with pytest.raises(Unreadable, match=r"plan\.gan could not be read: RecursionError"):
        reader.read(b"<project/>", "plan.gan")
