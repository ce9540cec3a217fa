"""Each metric computes from hand-sized facts, refuses with what is missing, and stays silent where it does not apply."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from steerco.status.models import Forecast, Reading
from steerco.status.readings import sentence_of, value_of
from steerco.status.recompute import recompute

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
DAY = 480


def read(project, now=NOW):
    """Readings by metric after a calculation."""
    snapshot = recompute(project.node.pk, now=now)
    return {r.metric: r for r in Reading.objects.filter(snapshot=snapshot)}


def test_a_refusal_says_what_is_missing_in_the_readers_language_and_keeps_its_parts(project):
    reading = read(project)["scope_growth"]
    assert reading.value is None and reading.refused == "There is no baseline to compare with."
    assert reading.inputs["refusal"]["text"] == "There is no baseline to compare with."
    assert value_of(reading) == sentence_of(reading) == reading.refused


def test_metrics_that_do_not_apply_are_silent(empty):
    assert (
        set(read(empty)) & {"datasheet_completeness", "levels_kept", "points_pace", "label_agreement_gap"}
        == set()
    )


def test_baseline_slips_and_growth(project):
    # Baseline: label until Thursday 7, train until Thursday 14 (4 days each); the plan ends a day later, on Friday 15.
    for ref, start, finish in (("T-1", 4, 7), ("T-2", 8, 14)):
        project.edit(
            project.records[ref],
            baseline_start=datetime(2027, 1, start, 8, tzinfo=UTC),
            baseline_finish=datetime(2027, 1, finish, 17, tzinfo=UTC),
            baseline_duration_minutes=4 * DAY,
        )
    found = read(project)
    assert found["finish_slip"].value == 1.0
    assert found["critical_slip"].value == 1.0
    # Tasks that take longer are late, not larger; the milestone that was added since is no work.
    assert found["scope_growth"].value == 0.0
    assert found["items_added"].value == 1 and found["items_added"].inputs["refs"] == ["T-3"]


def test_earned_value_needs_costs_and_says_the_index(project):
    assert read(project)["cpi"].refused == "There is no baseline with costs."
    project.edit(
        project.records["T-1"],
        baseline_start=datetime(2027, 1, 4, 8, tzinfo=UTC),
        baseline_finish=datetime(2027, 1, 8, 17, tzinfo=UTC),
        baseline_cost=10_000,
        percent_complete=50,
        actual_start=datetime(2027, 1, 4, 8, tzinfo=UTC),
        actual_cost=8_000,
    )
    # Half of 10,000 earned for 8,000 spent: 0.625; the rest at that rate makes 10,000 / 0.625.
    found = read(project)
    assert found["cpi"].value == 0.625
    assert found["eac_over_budget"].inputs["figures"]["eac"] == 16_000
    assert value_of(found["eac_over_budget"]) == "-36 %"


def test_risks_without_answer_or_date_are_counted(project):
    project.add("risks", title="Quota", probability=0.8, impact_days_likely=5, due=date(2027, 1, 1))
    found = read(project)
    # 0.8 x 5 = 4 days is high (3 or more) and has no response; R-1 has 1 day.
    assert found["unanswered_risks"].value == 1 and found["unanswered_risks"].inputs["refs"] == ["R-2"]
    assert found["overdue_risks"].inputs["refs"] == ["R-2"]
    assert found["exposure_days"].value == 5.0
    assert found["exposure_money"].value == pytest.approx(400 / 25_000)


def test_label_agreement_and_datasheets(project):
    project.add(
        "datasets",
        title="Frames",
        status="collecting",
        source="Line 4",
        label_agreement="0.61",
        agreement_needed="0.75",
        measured_on=date(2027, 1, 2),
    )
    found = read(project)
    assert found["label_agreement_gap"].value == pytest.approx(0.14)
    assert found["label_agreement_gap"].freshness_days == 2
    assert found["datasheet_completeness"].value == pytest.approx(1 / 11, abs=1e-6)
    assert sentence_of(found["label_agreement_gap"]) == "κ of DS-1 is 0.61; 0.75 is needed."


def test_overbooking_is_read_before_levelling_and_its_price_after(project):
    from steerco.areas.plan.models import Assignment, Resource

    extra = project.add("work-items", title="Review", duration_minutes=5 * DAY)
    person = Resource.objects.create(node=project.node, key="p", name="Sam Rao", capacity=1)
    for item in (project.records["T-1"], extra):
        Assignment.objects.create(node=project.node, item=item, resource=person, units=0.7)
    found = read(project)
    # Both tasks start on Monday: 0.7 + 0.7 of one person. One of them waits a week.
    assert found["overallocation"].value == pytest.approx(1.4)
    assert found["levelling_delay"].value >= 0
    review = type(extra).objects.get(pk=extra.pk)
    label = type(extra).objects.get(pk=project.records["T-1"].pk)
    assert {review.levelled_start.day, label.levelled_start.day} == {4, 11}


def test_started_work_without_news_is_stale(project):
    project.edit(project.records["T-1"], status="doing", percent_complete=10)
    later = datetime.now(UTC) + timedelta(days=20)
    found = read(project, now=later)
    assert found["stale_started"].value == 1.0
    assert found["days_since_update"].value == 20.0


def backlog(project, weeks, per_week, open_items, last=NOW):
    """Stories finished evenly over the last weeks, and open ones, all raised a year before."""
    raised = last - timedelta(days=365)
    for week in range(weeks):
        for _n in range(per_week):
            project.add(
                "work-items",
                title="Story",
                kind="story",
                status="done",
                points=2,
                created_on=raised,
                finished_on=last - timedelta(days=7 * week + 2),
            )
    for _n in range(open_items):
        project.add("work-items", title="Open", kind="story", points=2, created_on=raised)


def test_too_short_a_history_refuses_the_throughput_forecast(empty):
    from steerco.kit.tree import Node

    Node.objects.filter(pk=empty.node.pk).update(method="agile", committed_finish=date(2027, 3, 1))
    backlog(empty, 1, 3, 5)
    reading = read(empty)["commitment_confidence"]
    assert reading.refused == "Not enough history (3 of 8 items finished lately)."
    assert not Forecast.objects.exists()


def test_a_steady_backlog_is_forecast_by_its_pace(empty):
    from steerco.kit.tree import Node

    Node.objects.filter(pk=empty.node.pk).update(method="agile", committed_finish=date(2027, 6, 1))
    backlog(empty, 14, 2, 10)
    found = read(empty)
    forecast = Forecast.objects.get(kind="throughput")
    # Two a week and ten left: about five weeks, no sooner than two and no later than twenty at P80.
    begin = (datetime(2027, 1, 5) - datetime(1970, 1, 1)).total_seconds() / 60
    assert 2 < (forecast.p50 - begin) / (7 * 1440) < 12
    assert forecast.p50 <= forecast.p80 < begin + 20 * 7 * 1440
    assert found["commitment_confidence"].value > 0.5
    # 20 points left, 4 a week for 8 weeks, 21 weeks ahead: a quarter of the pace is enough.
    assert found["points_pace"].value == pytest.approx(20 / (148 / 7) / 4, abs=0.02)


def test_readings_speak_german_where_it_is_installed(project):
    reading = read(project)["exposure_days"]
    with translation.override("en"):
        assert sentence_of(reading) == "1 day of expected delay; 1 of 1 open risks are valued."


def test_schedule_quality_falls_with_every_kind_of_doubt_and_faster_with_gross_ones():
    from steerco.engine.check import Finding, Severity
    from steerco.status.calculate import score_of

    def doubt(code, severity, value=None, limit=None):
        return Finding(code, severity, "", "", value=value, threshold=limit)

    assert score_of([]) == 100
    assert score_of([doubt("a", Severity.NOTE)]) == 100
    # One kind counts once: 7 for a warning, 14 where it is five times beyond its limit, 15 for an error.
    assert score_of([doubt("a", Severity.WARNING, 0.1, 0.05)] * 3) == 93
    assert score_of([doubt("a", Severity.WARNING, 1.0, 0.05), doubt("b", Severity.ERROR)]) == 71


def test_a_plan_of_unlinked_tasks_is_not_believed(empty):
    from steerco.kit.register import get
    from steerco.kit.write import Draft, door

    day = {"duration_minutes": DAY, "planned_start": datetime(2027, 1, 4, 8, tzinfo=UTC)}
    with door(empty.actor) as opened:
        opened.create_many(
            get("work-items"), empty.node, [Draft({"title": f"Task {n}", **day}) for n in range(26)]
        )
    found = read(empty)["schedule_quality"]
    assert found.value < 70 and found.inputs["refs"]
