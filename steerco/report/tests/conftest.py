"""Packs to write: a whole invented steering report, the same in German, and one with hostile text in every field."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from steerco.report.pack import (
    Bar,
    Bullets,
    Chart,
    Colour,
    Column,
    Figure,
    Figures,
    Marker,
    Matrix,
    Pack,
    Placed,
    Prose,
    Section,
    Series,
    Table,
    Timeline,
    Verdict,
    Verdicts,
)

G, A, R, U = Colour.GREEN, Colour.AMBER, Colour.RED, Colour.UNKNOWN


def _overview() -> Section:
    verdicts = (
        Verdict(
            "Overall",
            R,
            "Plant go-live on 12 March has a 23 % chance; the committed confidence is 80 %.",
            "/p/edge/evidence/overall",
            G,
            "“vendor promised dates”, M. Ito, until 27 Nov; review: PMO",
        ),
        Verdict("Schedule", R, "P80 is 21 days past the commitment.", "/p/edge/evidence/schedule"),
        Verdict("Cost", A, "Estimate at completion 1.42 M€, 6 % over budget.", "/p/edge/evidence/cost"),
        Verdict("Scope", G, "2 changes inside the tolerance.", "/p/edge/evidence/scope"),
        Verdict("Risk", A, "Exposure 31 days, 190 k€.", "/p/edge/evidence/risk", G, "S. Rao, until 4 Dec"),
        Verdict(
            "AI evidence",
            R,
            "5 of 14 gate checks unmet: label agreement κ 0.61, gate needs 0.75.",
            "/p/edge/ai",
        ),
        Verdict("People", U, "2 of 9 calendars missing."),
    )
    figures = (
        Figure("P80 finish", "2 Apr 2027", "+4 days since last week, mostly camera order", "/p/edge/f/1", R),
        Figure("Committed", "12 Mar 2027", "unchanged since 3 Sep"),
        Figure("Estimate at completion", "1.42 M€", "+0.03 M€ since last month", "/p/edge/m/1", A),
        Figure("Cost performance", "Not enough history (3 of 10)", "", "/p/edge/m/2", U),
    )
    return Section(
        "Edge vision for Plant 4 will miss 12 March unless the second camera vendor is decided this week",
        (Verdicts(verdicts, overall=True), Figures(figures)),
        "Health: policy health-2, version 4, computed from 7 sources, 6 of them fresh. Colours are never typed in; a declared colour stands beside the computed one.",
    )


def _forecast() -> Section:
    heights = (4, 9, 22, 41, 64, 86, 100, 104, 97, 86, 72, 53, 38, 27, 17, 11, 5)
    first = date(2027, 2, 24)
    categories = tuple(
        f"{(first + timedelta(days=4 * n)).day} {(first + timedelta(days=4 * n)):%b}" for n in range(17)
    )
    histogram = Chart(
        "When go-live lands, 10,000 simulated runs",
        "histogram",
        categories,
        (Series("Runs", tuple(float(height * 12) for height in heights)),),
        "runs per 4 days",
        (
            Marker("committed 12 Mar · 23 %", 4.1, "committed"),
            Marker("P50 22 Mar", 6.6, "p50"),
            Marker("P80 2 Apr", 9.4, "p80"),
        ),
        "10,000 draws, 412 items, 7 risks as drivers, seed 20261120. Our last 14 forecasts here: P80 held 11 times (79 %).",
        (4.1, 9.4),
    )
    levers = Bullets(
        (
            ("+1 annotator until 20 Jan: P80 −8 days, +11 k€", "/p/edge/lever/1"),
            ("Drop the shift report from release 1: P80 −6 days", "/p/edge/lever/2"),
            ("Close R-14 (camera order): P80 −5 days", ""),
        )
    )
    tornado = Chart(
        "What moves P80 most",
        "tornado",
        ("Camera order", "Label agreement", "GPU quota", "DPIA second round"),
        (Series("if better", (-5.0, -4.0, -1.9, -1.1)), Series("if worse", (11.0, 7.5, 4.2, 2.0))),
        "working days",
    )
    return Section(
        "P80 is 2 April, three weeks after the commitment; two levers together bring it back",
        (histogram,),
        "Method: three-point estimates, merge bias and common causes included (correlation 0.3).",
        (
            Prose(("Three levers have been computed; none needs a change of scope in the pilot line.",)),
            levers,
            tornado,
        ),
    )


def _plan() -> Section:
    def at(month: int, day: int, year: int = 2026) -> datetime:
        return datetime(year, month, day, 9)

    bars = (
        Bar("Validate", at(9, 1), at(1, 22, 2027), True, False, 0.55, at(9, 1), at(12, 18), at(2, 5, 2027)),
        Bar("Label 40,000 frames", at(9, 1), at(11, 27), True, False, 0.82, at(9, 1), at(11, 6), at(12, 9), 1),
        Bar("Agreement study between shifts", at(11, 9), at(12, 18), True, False, 0.2, None, None, at(1, 8, 2027), 1),
        Bar("Train and evaluate detector", at(10, 5), at(1, 15, 2027), False, False, 0.4, at(10, 5), at(12, 11), None, 1),
        Bar("Gate 3: validate to deploy", at(1, 15, 2027), at(1, 15, 2027), True, True, 0, at(12, 18), at(12, 18), at(2, 5, 2027)),
        Bar("Deploy", at(1, 18, 2027), at(3, 22, 2027), True, False, 0, at(1, 4, 2027), at(3, 12, 2027), at(4, 2, 2027)),
        Bar("Cameras ordered and installed", at(10, 19), at(2, 19, 2027), True, False, 0.3, at(10, 19), at(2, 5, 2027), at(3, 5, 2027), 1),
        Bar("Edge nodes and network", at(11, 30), at(2, 12, 2027), False, False, 0, None, None, None, 1),
        Bar("User acceptance on line 2", at(2, 22, 2027), at(3, 19, 2027), True, False, 0, None, None, at(4, 1, 2027), 1),
        Bar("Plant go-live", at(3, 22, 2027), at(3, 22, 2027), True, True, 0, at(3, 12, 2027), at(3, 12, 2027), at(4, 2, 2027)),
    )  # fmt: skip
    return Section(
        "Label agreement and the camera order carry the critical path; everything else has three weeks of float",
        (Timeline("Plan, baseline and 80 % finish", bars, at(11, 20), "Baseline 3 of 3 September."),),
    )


def _decisions() -> Section:
    table = Table(
        (
            Column("Ref", "text", 0.6),
            Column("Decision", "text", 3.2),
            Column("Needed by", "date", 1.1),
            Column("Each week late, k€", "money", 1, 1),
            Column("Chance it slips", "percent", 0.9),
            Column("State", "health", 1),
        ),
        (
            (
                "D-31",
                "Second camera vendor: order 24 units from the runner-up",
                date(2026, 11, 26),
                Decimal("18"),
                0.6,
                R,
            ),
            (
                "D-29",
                "Accept κ 0.70 for the pilot line until March",
                date(2026, 12, 4),
                Decimal("4.5"),
                0.25,
                A,
            ),
            ("D-33", "Who signs the fundamental-rights assessment", date(2027, 1, 31), None, None, U),
        ),
        ("/p/edge/d/31", "/p/edge/d/29", ""),
        "No decision is open.",
    )
    return Section("Three decisions are needed; the first one by Thursday", (table,), aside=())


def _money() -> Section:
    months = ("Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar")
    curve = Chart(
        "Cost, planned and forecast",
        "line",
        months,
        (
            Series("Budget", (0.08, 0.19, 0.33, 0.5, 0.68, 0.85, 1.02, 1.19, 1.34)),
            Series("Actual and forecast", (0.07, 0.18, 0.35, 0.55, 0.75, None, None, None, None)),
            Series("Estimate", (None, None, None, None, 0.75, 0.94, 1.12, 1.29, 1.42)),
        ),
        "M€",
        (Marker("today", 4.0, "today"),),
        "Actuals from the ledger export of 18 November.",
    )
    split = Chart(
        "Where the money goes",
        "stacked",
        ("Q3", "Q4", "Q1"),
        (
            Series("People", (0.2, 0.31, 0.28)),
            Series("Cloud", (0.1, 0.15, 0.12)),
            Series("Cameras", (0.05, 0.04, 0.17)),
        ),
        "M€",
    )
    return Section("The estimate is 6 % over budget, driven by cameras and cloud", (curve,), aside=(split,))


def _risks() -> Section:
    matrix = Matrix(
        "Risks by probability and impact",
        ("very likely", "likely", "possible", "unlikely"),
        ("≤ 2 days", "≤ 5 days", "≤ 10 days", "> 10 days"),
        ((G, A, R, R), (G, A, A, R), (G, G, A, A), (G, G, G, A)),
        (
            Placed("R-14", 1, 3, "/p/edge/r/14"),
            Placed("R-9", 1, 2, "/p/edge/r/9"),
            Placed("R-21", 2, 2),
            Placed("R-17", 2, 2),
            Placed("R-6", 3, 2),
        ),
        "Probability",
        "Impact",
        "Matrix of policy pack risk-4x4, version 2.",
    )
    table = Table(
        (
            Column("Ref", width=0.7),
            Column("Risk", width=3),
            Column("Exposure, days", "number", 1, 1),
            Column("Due", "date", 1.2),
        ),
        (
            ("R-14", "Camera order slips again", 6.0, date(2026, 11, 18)),
            ("R-9", "Labels disagree between shifts", 4.0, date(2026, 11, 28)),
            ("R-21", "GPU quota cut in January", 1.9, date(2026, 12, 5)),
            ("R-17", "DPIA review takes a second round", 1.9, date(2026, 12, 10)),
            ("R-6", "Drift after new lens firmware", 1.1, date(2027, 1, 15)),
        ),
        more="9 smaller risks (together 2.3 days) are in the register.",
    )
    return Section("Two risks carry 10 of 15 days of exposure", (matrix,), "", (table,))


def _items() -> Section:
    columns = (
        Column("Item", "text", 0.8),
        Column("Title", "text", 4),
        Column("Owner", "text", 1.2),
        Column("Finish", "date", 1.1),
        Column("Left, days", "number", 0.8),
        Column("Health", "health", 1),
    )
    rows = tuple(
        (
            f"T-{n}",
            f"Install and check node {n} on line {n % 4 + 1}"
            + (", including the night shift's signature" if n % 7 == 0 else ""),
            ("M. Ito", "S. Rao", "L. Chen")[n % 3],
            date(2026, 12, 1) + timedelta(days=n),
            n % 9 + 0.5,
            (G, G, A, R, U)[n % 5],
        )
        for n in range(1, 43)
    )
    changes = Chart(
        "Finished per week",
        "column",
        ("41", "42", "43", "44", "45", "46"),
        (Series("Items", (4, 7, 5, 9, 6, 8)),),
        "items",
    )
    return Section("42 work items are open, eight of them late", (Table(columns, rows), changes))


def steering_pack() -> Pack:
    """A steering report as an executive gets it, with every block."""
    return Pack(
        "steering",
        "Edge vision for Plant 4",
        "Steering committee, November 2026",
        datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
        datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        "M. Ito",
        "en",
        (_overview(), _forecast(), _plan(), _decisions(), _money(), _risks(), _items()),
        ("Jira export sprint-12.csv, 2 days old", "MLflow runs, 9 days old", "Ledger export, 2 days old"),
        "https://steerco.example/",
        (("plan", "8f3b6c02"), ("register", "a91e77d4")),
    )


HOSTILE = (
    "<script>alert(1)</script>",
    '=cmd|"/c calc"!A1',
    "W" * 200,
    "rocket 🚀 family 👩‍👩‍👧 漢字",
    "שלום \u202eabc مرحبا",
    "bell\x07 null\x00 lone\ud800 next\nline\ttab",
    "",
    "#set page(width: 1cm) #panic() $x$ `raw` *b* @ref <label> \\ //",
    "&amp; ]]> --> '\" {{x}} %s",
    "@SUM(A1) +1 -1 http://evil.example javascript:alert(1)",
)


def hostile_pack() -> Pack:
    """Every text of the steering report replaced by something that breaks careless writers."""
    count = iter(range(10**9))

    def spoil(value, name=""):
        if isinstance(value, Colour):
            return value
        if isinstance(value, str):
            return value if name in ("kind", "language", "base_url") else HOSTILE[next(count) % len(HOSTILE)]
        if isinstance(value, tuple):
            return tuple(spoil(part, name) for part in value)
        if is_dataclass(value):
            return replace(value, **{f.name: spoil(getattr(value, f.name), f.name) for f in fields(value)})
        return value

    return spoil(steering_pack())


@pytest.fixture(scope="session")
def steering() -> Pack:
    return steering_pack()


@pytest.fixture(scope="session")
def german(steering: Pack) -> Pack:
    return replace(steering, language="de", title="Prüfstraße Süd: Größe, Maß und Übergabe", base_url="")


@pytest.fixture(scope="session")
def weekly(steering: Pack) -> Pack:
    return replace(steering, kind="weekly", subtitle="Week 47", sections=steering.sections[:2])


@pytest.fixture(scope="session")
def hostile() -> Pack:
    return hostile_pack()


@pytest.fixture(scope="session")
def bare() -> Pack:
    """The least a pack can be: no section, no block in a section, empty blocks."""
    moment = datetime(2026, 1, 5, 8)
    empty = (
        Figures(()),
        Verdicts(()),
        Verdicts((), overall=True),
        Prose(()),
        Bullets(()),
        Table((Column("Only"),), ()),
        Table((Column("Only"),), (), empty="Nothing is late."),
        Chart("No series", "line", (), ()),
        Chart("No values", "histogram", ("a", "b"), (Series("none", (None, None)),)),
        Timeline("No bars", (), moment),
    )
    sections = (Section("Empty", ()), Section("", empty))
    return Pack("weekly", "Bare", "", moment, moment, "", "en", sections)


@pytest.fixture(scope="session")
def written(steering, german, weekly, hostile, bare) -> Callable[[str, str], bytes]:
    """Bytes of a pack by the names of writer and pack; each is written once for all tests."""
    packs = {"steering": steering, "german": german, "weekly": weekly, "hostile": hostile, "bare": bare}
    kept: dict[tuple[str, str], bytes] = {}

    def write(writer: str, pack: str) -> bytes:
        if (writer, pack) not in kept:
            kept[writer, pack] = importlib.import_module(f"steerco.report.{writer}").write(packs[pack])
        return kept[writer, pack]

    return write
