"""Words, numbers, widths, colours and links are the same for every writer."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from steerco.report import charts, look, measure, timeline, words
from steerco.report.evidence import References, link
from steerco.report.pack import Colour, Column, Timeline
from steerco.report.scene import hexadecimal

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_german_knows_every_word_english_has():
    known = words.keys()
    assert known["de"] == known["en"]
    assert [words.health_word("de", colour) for colour in Colour] == ["Grün", "Gelb", "Rot", "Unbekannt"]
    assert words.health_word("fr", Colour.RED) == "Red"  # other languages fall back to English


@pytest.mark.parametrize(
    ("language", "value", "decimals", "written"),
    [
        ("en", 1234567.891, None, "1,234,567.89"),
        ("de", 1234567.891, None, "1.234.567,89"),
        ("en", -3, None, "−3"),
        ("en", 2.50, None, "2.5"),
        ("en", 2.5, 2, "2.50"),
        ("en", -0.001, None, "0"),
        ("en", 100, None, "100"),
        ("en", Decimal("0.125"), 2, "0.12"),
        ("en", 10**18, None, "1.000E+18"),
    ],
)
def test_numbers_follow_the_language(language, value, decimals, written):
    assert words.number(language, value, decimals) == written


def test_cells_follow_their_column():
    day = datetime(2026, 3, 2, 17, 5)
    assert words.cell("en", 0.23, Column("c", "percent")) == "23\u202f%"
    assert words.cell("de", 18500, Column("c", "money")) == "18.500"
    assert words.cell("en", day, Column("c", "date")) == "2 Mar 2026"
    assert words.cell("de", day, Column("c")) == "02.03.2026, 17:05"
    assert words.cell("de", date(2026, 12, 1), Column("c")) == "01.12.2026"
    assert words.cell("de", True, Column("c")) == "ja"
    assert words.cell("en", None, Column("c", "number")) == ""


def test_an_aware_moment_says_its_offset():
    assert words.moment("en", datetime(2026, 3, 2, 8, tzinfo=UTC)) == "2 Mar 2026, 08:00 UTC"
    india = timezone(timedelta(hours=5, minutes=30))
    assert words.moment("en", datetime(2026, 3, 2, 8, tzinfo=india)).endswith("UTC+05:30")
    newfoundland = timezone(-timedelta(hours=3, minutes=30))
    assert words.moment("en", datetime(2026, 3, 2, 8, tzinfo=newfoundland)).endswith("UTC-03:30")


@FEW
@given(st.text())
def test_clean_text_is_one_line_every_format_can_hold(text):
    clean = words.clean(text)
    assert not any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 or c in "\u202e\u2028\ufffe" for c in clean)
    assert words.clean(clean) == clean
    clean.encode("utf-8")


@pytest.mark.parametrize("bold", [False, True])
def test_measured_widths_are_those_of_the_font(bold):
    """The oracle is FreeType's own advance at a size where hinting doesn't matter."""
    font = ImageFont.truetype(
        str(look.font_files()[1 if bold else 0]), 1000, layout_engine=ImageFont.Layout.BASIC
    )
    for text in ("Plant go-live on 12 March", "Größe über Maß", "●▲■◌ 23 %"):
        kerned_at_most = font.getlength(text) / 1000
        assert measure.width(text, 1, bold) == pytest.approx(kerned_at_most * measure.SAFETY, rel=0.01)


@FEW
@given(st.text(alphabet="abW ömi-", max_size=120), st.floats(20, 300))
def test_wrapped_lines_fit_and_lose_nothing(text, room):
    lines = measure.wrap(text, 10, room)
    assert all(measure.width(line, 10) <= room + 1e-6 or len(line) == 1 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@FEW
@given(st.text(alphabet="abW öi", max_size=300), st.floats(30, 300), st.floats(10, 100))
def test_fitted_text_stays_in_its_box(text, room, height):
    found = measure.fit(text, room=room, height=height, largest=20, smallest=8)
    assert found.height <= max(height, found.size * measure.LINE_HEIGHT) + 1e-6
    assert all(measure.width(line, found.size) <= room + 1e-6 or len(line) <= 1 for line in found.lines)
    if not found.shortened:
        assert "".join(found.lines).replace(" ", "") == text.replace(" ", "")
    else:
        assert found.lines[-1].endswith("…")


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
def test_text_contrasts_with_its_ground(dark):
    pairs = [(health.ink, health.ground) for health in look.HEALTH.values()]
    pairs += [(ink, ground) for ink in ("ink", "muted", "brand", "red") for ground in ("paper", "panel")]
    for ink, ground in pairs:
        bright, dim = sorted(
            (luminance(hexadecimal(ink, dark)), luminance(hexadecimal(ground, dark))), reverse=True
        )
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, (ink, ground)


def test_health_is_told_apart_without_colour():
    assert len({health.shape for health in look.HEALTH.values()}) == 4
    assert all(measure.is_drawable(health.shape) for health in look.HEALTH.values())


@pytest.mark.parametrize(
    ("base", "address", "full"),
    [
        ("https://s.example/", "/p/1", "https://s.example/p/1"),
        ("https://s.example/steerco", "p/1", "https://s.example/steerco/p/1"),
        ("", "/p/1", None),
        ("", "https://s.example/p", "https://s.example/p"),
        ("/", "/p/1", "/p/1"),
        ("https://s.example", "", None),
        ("https://s.example", 'x" onclick="y', None),
        ("https://s.example", "a b", None),
        ("", "javascript:alert(1)", None),
        ("", "http://[broken", None),
        ("/", "//evil.example/x", "/evil.example/x"),
    ],
)
def test_a_link_is_http_or_relative_or_none(base, address, full):
    assert link(base, address) == full


def test_relative_links_are_left_out_of_mailed_files():
    assert link("/", "/p/1", absolute=True) is None


def test_addresses_without_a_server_are_numbered_once():
    references = References("")
    assert [references.cite(a) for a in ("/a", "/b", "/a", "")] == [
        (None, 1),
        (None, 2),
        (None, 1),
        (None, None),
    ]
    assert references.addresses == ["/a", "/b"]


@FEW
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20))
def test_a_scale_holds_every_value_and_zero(values):
    axis = charts.scale(values)
    assert axis.ticks[0] <= min(0, *values, 0) + 1e-9 + 1e-6 * abs(min(values))
    assert axis.ticks[-1] >= max(0, *values, 0) - 1e-9 - 1e-6 * abs(max(values))
    assert all(-0.01 <= axis.part(value) <= 1.01 for value in values)
    assert 2 <= len(axis.ticks) <= 12
    assert 0.0 in axis.ticks


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (datetime(2026, 11, 1), datetime(2026, 11, 30)),
        (datetime(2026, 1, 1), datetime(2028, 1, 1)),
        (datetime(1990, 1, 1), datetime(2090, 1, 1)),
        (datetime(1, 1, 1), datetime(9999, 12, 31)),
    ],
)
def test_a_time_axis_stays_readable(first, last):
    found = timeline.ticks(first, last, 12)
    assert 1 <= len(found) <= 14
    assert found == sorted(set(found))


def test_a_timeline_at_the_ends_of_time_has_a_span():
    for moment in (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59)):
        first, last = timeline.span(Timeline("t", (), moment))
        assert first < last
