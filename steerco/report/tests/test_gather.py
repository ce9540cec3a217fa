"""Packs gathered from a workspace are valid, say the verdict in their titles, keep their language, and seal for good."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steerco.report.pack import Chart, Table, Timeline, Verdicts
from steerco.report.sealing import from_json, seal, to_json, validate

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
DAY = 480


@pytest.fixture
def world():
    """A portfolio with one project: two linked tasks, a milestone, a risk, a decision, a declared green."""
    from steerco.areas.plan.models import TaskLink
    from steerco.kit import workspace
    from steerco.kit.access import Actor
    from steerco.kit.people import User
    from steerco.kit.register import get
    from steerco.kit.tree import Node, Role
    from steerco.kit.write import create
    from steerco.status.recompute import recompute

    system = Actor.system("cli", "Operator")
    portfolio = workspace.create_node(system, None, "portfolio", "Applied AI", key="AI")
    node = workspace.create_node(
        system,
        portfolio,
        "project",
        "Edge vision",
        key="EDGE",
        start=datetime(2027, 1, 4, 8, tzinfo=UTC),
        committed_finish=date(2027, 1, 15),
        budget=15_000,
    )
    draws = {"health_policy": {"forecast": {"draws": 500, "driver_draws": 500}}}
    Node.objects.filter(pk=node.pk).update(options=draws)
    node.refresh_from_db()
    owner = User.objects.create_user("mara@example.org", "Mara Ito")
    workspace.grant(system, portfolio, owner, Role.OWNER)
    actor = Actor.person(owner)

    def add(slug, **fields):
        return create(actor, get(slug), node, fields)

    three = {"optimistic_minutes": 4 * DAY, "most_likely_minutes": 5 * DAY, "pessimistic_minutes": 8 * DAY}
    label = add("work-items", title="Label", duration_minutes=5 * DAY, planned_cost=10_000, **three)
    train = add("work-items", title="Train", duration_minutes=5 * DAY, planned_cost=10_000, **three)
    live = add(
        "work-items",
        title="Go-live",
        kind="milestone",
        duration_minutes=0,
        deadline=datetime(2027, 1, 14, 17, tzinfo=UTC),
    )
    for before, after in ((label, train), (train, live)):
        TaskLink.objects.create(node=node, predecessor=before, successor=after)
    add("risks", title="Camera order slips", probability=0.5, impact_days_likely=5, impact_cost_likely=2000)
    add("decisions", title="Second vendor", needed_by=date(2027, 1, 8), delay_days_per_week=2)
    add(
        "declared-statuses",
        title="Status",
        colour="green",
        reason="vendor promised dates",
        expires_on=(datetime.now(UTC) + timedelta(days=60)).date(),
    )
    recompute(node.pk, now=NOW)
    recompute(portfolio.pk, now=NOW)
    return actor, portfolio, node


def blocks_of(pack, kind):
    return [b for s in pack.sections for b in (*s.blocks, *s.aside) if isinstance(b, kind)]


def test_the_weekly_pack_is_valid_and_its_first_title_is_the_verdict(world):
    from steerco.report.weekly import gather

    actor, _portfolio, node = world
    pack = gather(actor, node, now=NOW, language="en")
    validate(pack)
    assert pack.kind == "weekly" and pack.made_by == "Mara Ito"
    assert pack.sections[0].title.startswith("Go-live on 15 January has a ")
    assert any("past the commitment" in s.title for s in pack.sections)
    histogram = next(c for c in blocks_of(pack, Chart) if c.kind == "histogram")
    assert {m.kind for m in histogram.markers} >= {"p50", "p80"}
    (timeline,) = blocks_of(pack, Timeline)
    assert [bar.label for bar in timeline.bars] == ["Label", "Train", "Go-live"]
    assert any("1 of 1 open milestones late" in s.title for s in pack.sections)
    decision = next(t for t in blocks_of(pack, Table) if "Second vendor" in str(t.rows))
    assert decision.evidence == ("/n/EDGE/decisions/D-1/",)


def test_the_declared_colour_stands_beside_the_computed_one(world):
    from steerco.report.weekly import gather

    actor, _portfolio, node = world
    board = blocks_of(gather(actor, node, now=NOW, language="en"), Verdicts)[0]
    assert (board.verdicts[0].colour, board.verdicts[0].declared) == ("red", "green")
    assert "vendor promised dates" in board.verdicts[0].declared_note
    assert "diverges by 2 levels" in board.verdicts[0].declared_note


def test_the_steering_pack_has_the_board_decisions_divergence_and_a_page_per_project(world):
    from steerco.report.steering import gather

    actor, portfolio, _node = world
    pack = gather(actor, portfolio, now=NOW, language="en")
    validate(pack)
    titles = [s.title for s in pack.sections]
    assert titles[0] == "1 of 1 projects red, 0 amber; first Edge vision."
    assert "1 of 1 projects with a commitment will not keep it with 80 % confidence" in titles
    assert "One decision is needed" in titles
    assert "One project is declared other than its evidence says" in titles
    assert any(t.startswith("Edge vision: Go-live on 15 January") for t in titles)


@pytest.mark.parametrize("kind", ["weekly", "steering"])
def test_an_empty_workspace_still_gives_a_pack(db, kind):
    import importlib

    from steerco.kit import workspace
    from steerco.kit.access import Actor

    system = Actor.system("cli", "Operator")
    top = workspace.create_node(system, None, "portfolio", "Empty", key="E")
    bare = workspace.create_node(system, top, "project", "Bare", key="B")
    pack = importlib.import_module(f"steerco.report.{kind}").gather(
        system, top if kind == "steering" else bare, now=NOW, language="de"
    )
    validate(pack)
    assert pack.sections


def test_the_german_pack_speaks_german(world):
    from steerco.report.weekly import gather

    actor, _portfolio, node = world
    pack = gather(actor, node, now=NOW, language="de")
    validate(pack)
    assert pack.sections[0].title.startswith("Go-live am 15. Januar hat eine Chance von ")
    assert pack.subtitle == "Wochenbericht, Woche 1 von 2027"


def test_a_guest_gets_no_pack(world):
    from steerco.kit import workspace
    from steerco.kit.access import Actor
    from steerco.kit.people import User
    from steerco.kit.refusals import Missing
    from steerco.kit.tree import Role
    from steerco.report import seal as room
    from steerco.report.steering import gather as steering
    from steerco.report.weekly import gather as weekly

    actor, portfolio, node = world
    guest = User.objects.create_user("guest@example.org", "Guest")
    workspace.grant(Actor.system("cli"), portfolio, guest, Role.GUEST)
    kept = room.keep(actor, node, weekly(actor, node, now=NOW, language="en"))
    for refused in (
        lambda: weekly(Actor.person(guest), node, now=NOW, language="en"),
        lambda: steering(Actor.person(guest), portfolio, now=NOW, language="en"),
        lambda: room.opened_pack(Actor.person(guest), kept.pk),
        lambda: room.packs(Actor.person(guest), node),
    ):
        with pytest.raises(Missing):
            refused()


def test_a_sealed_pack_opens_byte_for_byte_and_is_told_in_the_trail(world):
    from steerco.kit.trail import Change
    from steerco.report import seal as room
    from steerco.report.weekly import gather

    actor, _portfolio, node = world
    pack = gather(actor, node, now=NOW, language="en")
    kept = room.keep(actor, node, pack)
    again = room.opened_pack(actor, kept.pk)
    assert to_json(again) == to_json(pack) == kept.json and seal(again) == kept.sha256
    assert Change.objects.get(register="pack").after["sha256"] == kept.sha256
    assert [p.pk for p in room.packs(actor, node)] == [kept.pk]
    with pytest.raises(TypeError):
        kept.save()


def test_an_altered_pack_is_refused(world):
    from steerco.report import seal as room
    from steerco.report.models import SealedPack
    from steerco.report.weekly import gather

    actor, _portfolio, node = world
    kept = room.keep(actor, node, gather(actor, node, now=NOW, language="en"))
    document = json.loads(kept.json)
    document["pack"]["title"] = "All is well"
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    SealedPack.objects.filter(pk=kept.pk).update(json=text)
    assert from_json(text).title == "All is well"
    with pytest.raises(ValueError, match="not what was sealed"):
        room.opened_pack(actor, kept.pk)


def test_a_weekly_pack_costs_a_fixed_number_of_queries(world):
    from steerco.kit.register import get
    from steerco.kit.write import create
    from steerco.report.weekly import gather

    actor, _portfolio, node = world
    with CaptureQueriesContext(connection) as few:
        gather(actor, node, now=NOW, language="en")
    for n in range(6):
        create(actor, get("work-items"), node, {"title": f"More {n}", "duration_minutes": DAY})
        create(actor, get("risks"), node, {"title": f"Risk {n}", "probability": 0.1, "impact_days_likely": 1})
    with CaptureQueriesContext(connection) as many:
        gather(actor, node, now=NOW, language="en")
    assert len(many) == len(few) <= 32
