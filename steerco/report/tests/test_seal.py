"""A pack is checked, kept as canonical JSON, and quoted by its hash."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steerco.report.pack import (
    Bar,
    Bullets,
    Chart,
    Colour,
    Column,
    Marker,
    Matrix,
    Pack,
    Placed,
    Prose,
    Section,
    Series,
    Table,
    Timeline,
)
from steerco.report.sealing import from_json, seal, to_json, validate

MOMENT = datetime(2026, 11, 20, 8, tzinfo=UTC)
CELLS = st.one_of(
    st.text(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(),
    st.booleans(),
    st.none(),
    st.sampled_from(Colour),
)


def pack_of(*blocks) -> Pack:
    return Pack("weekly", "T", "", MOMENT, MOMENT, "me", "en", (Section("S", tuple(blocks)),))


@pytest.mark.parametrize("name", ["steering", "german", "weekly", "hostile", "bare"])
def test_a_pack_comes_back_from_its_json_as_it_was(name, request):
    pack = request.getfixturevalue(name)
    assert from_json(to_json(pack)) == pack
    assert seal(from_json(to_json(pack))) == seal(pack)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CELLS, min_size=1, max_size=6))
def test_every_cell_type_survives(cells):
    table = Table(tuple(Column("c") for _ in cells), (tuple(cells),))
    kept = from_json(to_json(pack_of(table))).sections[0].blocks[0].rows[0]
    assert kept == tuple(cells)
    assert [type(cell) for cell in kept] == [type(cell) for cell in cells]


def test_the_json_is_canonical():
    text = to_json(pack_of(Prose(("ä",))))
    assert text.isascii()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_the_seal_moves_with_every_part(steering):
    seals = {
        seal(steering),
        seal(replace(steering, title="x")),
        seal(replace(steering, made_by="x")),
        seal(replace(steering, facts=())),
        seal(replace(steering, sections=steering.sections[::-1])),
        seal(replace(steering, as_of=MOMENT.replace(minute=1))),
    }
    assert len(seals) == 6
    assert all(len(one) == 64 for one in seals)


def test_the_seal_tells_number_types_apart():
    whole = pack_of(Table((Column("c"),), ((1,),)))
    exact = pack_of(Table((Column("c"),), ((Decimal(1),),)))
    spoken = pack_of(Table((Column("c"),), (("1",),)))
    assert len({seal(whole), seal(exact), seal(spoken)}) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"format":"steerco-pack-1"}',
        '{"format":"steerco-pack-1","pack":{"type":"Section","title":"t","blocks":[]}}',
        '{"format":"steerco-pack-1","pack":{"type":"os.system"}}',
        '{"format":"steerco-pack-1","pack":{"type":"Pack"}}',
        '{"format":"steerco-pack-1","pack":{"type":"day","value":7}}',
        '{"format":"steerco-pack-2","pack":null}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):
        from_json(text)


def test_a_changed_field_type_is_refused(steering):
    document = json.loads(to_json(steering))
    document["pack"]["title"] = 7
    with pytest.raises(ValueError, match=r"pack\.title"):
        from_json(json.dumps(document))
    document["pack"]["title"], document["pack"]["extra"] = "t", 1
    with pytest.raises(ValueError):
        from_json(json.dumps(document))


DAY = datetime(2026, 1, 1)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (Table((Column("a"), Column("b")), (("only",),)), "1 cells, not 2"),
        (Table((), ()), "needs a column"),
        (Table((Column("a", "colour"),), ()), "unknown column kind"),
        (Table((Column("a", width=0),), ()), "not positive"),
        (Table((Column("a"),), (("x",),), ("/1", "/2")), "evidence"),
        (Table((Column("a"),), ((float("nan"),),)), "nan"),
        (Table((Column("a"),), ((Decimal("Infinity"),),)), "Infinity"),
        (Table((Column("a"),), ((object(),),)), "not allowed"),
        (Table((Column("a"),), [("x",)]), "instead of a tuple"),
        (Chart("t", "pie", (), ()), "unknown chart kind"),
        (Chart("t", "line", ("a",), (Series("s", (1.0, 2.0)),)), "2 values for 1"),
        (Chart("t", "line", ("a",), (Series("s", (float("inf"),)),)), "inf"),
        (Chart("t", "line", ("a",), (), "", (Marker("m", 0, "p99"),)), "unknown marker"),
        (Chart("t", "bar", ("a",), (), "", (Marker("m", 0),)), "left to right"),
        (Chart("t", "histogram", (), (Series("a", ()), Series("b", ()))), "one series"),
        (Timeline("t", (Bar("b", DAY, datetime(2025, 1, 1)),), DAY), "finishes before"),
        (Timeline("t", (Bar("b", DAY, DAY, done=1.5),), DAY), "1.5 done"),
        (Timeline("t", (Bar("b", DAY, DAY, baseline_start=DAY),), DAY), "half a baseline"),
        (Timeline("t", (), MOMENT), "no time zone"),
        (Matrix("t", ("r",), ("c",), (), ()), "cover"),
        (Matrix("t", ("r",), ("c",), ((Colour.RED,),), (Placed("R-1", 1, 0),)), "outside"),
        (Bullets((("text only",),)), "parts instead of 2"),
        ("text", "not allowed"),
    ],
)
def test_a_broken_block_is_refused_with_its_place(block, reason):
    with pytest.raises(ValueError, match=reason) as refused:
        validate(pack_of(block))
    assert "sections[0]" in str(refused.value)


def test_a_base_address_is_web_or_relative(steering):
    for base in ("javascript:alert(1)", "file:///etc", "ftp://x"):
        with pytest.raises(ValueError, match="base_url"):
            validate(replace(steering, base_url=base))
    validate(replace(steering, base_url="/steerco/"))


def test_a_date_is_not_a_moment():
    with pytest.raises(ValueError, match="as_of"):
        validate(replace(pack_of(), as_of=date(2026, 1, 1)))
