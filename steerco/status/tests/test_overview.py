"""Pages get what their reader may see: verdict, forecast, levers, decisions, what changed, and nothing for guests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from steerco.kit import workspace
from steerco.kit.access import NOBODY, Actor
from steerco.kit.people import User
from steerco.kit.refusals import Missing
from steerco.kit.tree import Role
from steerco.status.evidence import evidence, readings
from steerco.status.forecast_page import forecast_page
from steerco.status.models import Reading
from steerco.status.overview import overview
from steerco.status.portfolio import portfolio
from steerco.status.recompute import recompute

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


def person(name, node, role):
    user = User.objects.create_user(f"{name}@example.org", name)
    workspace.grant(Actor.system("cli"), node, user, role)
    return Actor.person(user)


def declare(project, colour="green", days=14, **more):
    return project.add(
        "declared-statuses",
        title="Status",
        colour=colour,
        reason="vendor promised dates",
        expires_on=(datetime.now(UTC) + timedelta(days=days)).date(),
        **more,
    )


@pytest.fixture
def late(project):
    """The same project with a risk that almost surely breaks the commitment."""
    project.edit(project.records["R-1"], probability="95 %")
    recompute(project.node.pk, now=NOW)
    recompute(project.portfolio.pk, now=NOW)
    return project


def test_the_overview_leads_with_the_verdict_and_opens_to_its_evidence(late):
    view = overview(late.actor, late.node, now=NOW)
    assert view.is_visible and view.overall.colour == "red" and view.overall.word == "Red"
    assert view.overall.sentence.startswith("Go-live on 22 January has a ")
    schedule = next(d for d in view.dimensions if d.key == "schedule")
    reading_id = int(schedule.evidence.rstrip("/").rpartition("/")[2])
    assert evidence(late.actor, reading_id).reading.metric == "confidence_gap"
    assert view.forecast.committed == date(2027, 1, 22)
    assert view.forecast.p80.date() > view.forecast.committed
    assert view.forecast.deterministic == datetime(2027, 1, 15, 17)
    assert view.levers[0].ref == "R-1" and view.levers[0].days > 3
    assert view.levers[0].address == "/n/EDGE/risks/R-1/"
    with translation.override("de"):
        german = overview(late.actor, late.node, now=NOW)
    assert german.overall.sentence.startswith("Go-live am 22. Januar hat eine Chance von ")


def test_a_green_declaration_over_red_evidence_diverges_by_two_levels(late):
    reviewer = User.objects.create_user("pmo@example.org", "Pat Moore")
    workspace.grant(Actor.system("cli"), late.node, reviewer, Role.READER)
    declare(late, reviewer=reviewer)
    today = datetime.now(UTC)
    view = overview(late.actor, late.node, now=today)
    assert (view.overall.colour, view.declared.colour, view.declared.levels) == ("red", "green", 2)
    assert view.declared.stands and view.declared.diverges
    assert (view.declared.who, view.declared.reviewer) == ("Mara Ito", "Pat Moore")
    rows = portfolio(late.actor, late.node, now=today).diverging
    assert [r.key for r in rows] == ["EDGE"]


def test_an_expired_or_withdrawn_declaration_stands_no_more(late):
    record = declare(late, days=1)
    later = datetime.now(UTC) + timedelta(days=2)
    expired = overview(late.actor, late.node, now=later).declared
    assert not expired.stands and not expired.diverges
    late.edit(record, status="withdrawn")
    assert overview(late.actor, late.node, now=NOW).declared is None


def test_a_declaration_needs_a_reason_and_an_end(project):
    from steerco.kit.refusals import Invalid

    with pytest.raises(Invalid) as refused:
        project.add("declared-statuses", title="Status", colour="green")
    assert set(refused.value.errors) == {"reason", "expires_on"}
    with pytest.raises(Invalid, match="three months"):
        declare(project, days=200)


def test_decisions_come_by_the_day_they_are_needed(late):
    for title, day in (("Vendor", 20), ("Scope", 8)):
        late.add("decisions", title=title, needed_by=date(2027, 1, day), delay_days_per_week=2)
    late.add("decisions", title="No date")
    found = overview(late.actor, late.node, now=NOW).decisions
    assert [(d.title, d.days_left) for d in found] == [("Scope", 4), ("Vendor", 16), ("No date", None)]


def test_what_changed_since_last_week_names_the_record_and_its_effect(project):
    recompute(project.node.pk, now=NOW)
    project.edit(project.records["R-1"], probability="90 %")
    recompute(project.node.pk, now=NOW + timedelta(days=7))
    moved = overview(project.actor, project.node, now=NOW + timedelta(days=7)).movement
    assert moved.p80_days > 0 and moved.headline.endswith("days, mostly R-1.")
    assert moved.because[0].sentence.startswith("R-1 probability 20 % → 90 %: P80 +")
    assert moved.colour_after == "red"
    assert "commitment_confidence" in {m.metric for m in moved.readings if m.worse}


def test_a_guest_sees_nothing_computed_and_only_shared_records(late):
    late.add("decisions", title="Secret", needed_by=date(2027, 1, 8))
    late.add("decisions", title="Shared", needed_by=date(2027, 1, 9), shared=True)
    guest = person("guest", late.node, Role.GUEST)
    view = overview(guest, late.node, now=NOW)
    assert not view.is_visible
    assert (view.overall, view.forecast, view.readings, view.movement, view.budget) == (
        None,
        None,
        (),
        None,
        None,
    )
    assert [d.title for d in view.decisions] == ["Shared"] and view.risks == ()
    for refused in (
        lambda: evidence(guest, Reading.objects.first().pk),
        lambda: readings(guest, late.node),
        lambda: forecast_page(guest, late.node),
        lambda: portfolio(guest, late.node, now=NOW),
        lambda: overview(NOBODY, late.node, now=NOW),
    ):
        with pytest.raises(Missing):
            refused()


def test_a_reader_of_one_project_sees_no_other_in_the_portfolio(late):
    other = workspace.create_node(Actor.system("cli"), late.portfolio, "project", "Other", key="OTHER")
    recompute(other.pk, now=NOW)
    lead = person("lead", late.portfolio, Role.READER)
    assert [r.key for r in portfolio(lead, late.portfolio, now=NOW).rows] == ["EDGE", "OTHER"]
    reader = person("reader", late.node, Role.READER)
    with pytest.raises(Missing):
        portfolio(reader, late.portfolio, now=NOW)
    assert [r.key for r in portfolio(reader, late.node, now=NOW).rows] == ["EDGE"]


def test_evidence_shows_inputs_rule_records_and_history(late):
    recompute(late.node.pk, now=NOW + timedelta(days=1))
    reading = Reading.objects.filter(metric="exposure_days").order_by("-id").first()
    found = evidence(late.actor, reading.pk)
    assert [r.ref for r in found.records] == ["R-1"] and found.records[0].title == "Camera order slips"
    assert found.thresholds == (("red", "at least 30"), ("amber", "at least 10"))
    assert [value for _day, value in found.history] == [4.75, 4.75]  # 95 % of 5 days, on two days
    assert found.inputs == ("open risks", "probability", "impact in days")


def test_the_forecast_page_has_curve_drivers_and_track_record(late):
    page = forecast_page(late.actor, late.node)
    shares = [share for _edge, share in page.curve]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0)
    assert {d.ref for d in page.drivers} == {"R-1", "T-1", "T-2"}
    assert (page.track.scored, len(page.trend)) == (0, 1)
    assert forecast_page(late.actor, late.node, "throughput") is None


def test_pages_cost_a_fixed_number_of_queries(late):
    with CaptureQueriesContext(connection) as first:
        overview(late.actor, late.node, now=NOW)
    with CaptureQueriesContext(connection) as few:
        portfolio(Actor.system("cli"), late.portfolio, now=NOW)
    for n in range(8):
        late.add("risks", title=f"Risk {n}", probability=0.1, impact_days_likely=1)
        late.add("decisions", title=f"Decision {n}")
        workspace.create_node(Actor.system("cli"), late.portfolio, "project", f"P{n}", key=f"P{n}")
    with CaptureQueriesContext(connection) as again:
        overview(late.actor, late.node, now=NOW)
    with CaptureQueriesContext(connection) as many:
        portfolio(Actor.system("cli"), late.portfolio, now=NOW)
    assert len(again) == len(first) <= 20
    assert len(many) == len(few) <= 14
