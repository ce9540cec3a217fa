"""A change of a record becomes a new snapshot with dates, forecasts, readings and health, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from steerco.areas.plan.models import WorkItem
from steerco.kit import jobs
from steerco.kit.queue import Job, Stale
from steerco.kit.tree import Node
from steerco.status.models import Forecast, Health, Reading, Snapshot
from steerco.status.recompute import recompute

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)  # the Monday on which the plan starts


def test_dates_floats_and_p80_are_written_into_the_work_items(project):
    recompute(project.node.pk, now=NOW)
    label, train, live = WorkItem.objects.order_by("number")
    # 5 working days from Monday 4 January 08:00 end on Friday 17:00; the next five on Friday 15.
    assert label.early_start == datetime(2027, 1, 4, 8, tzinfo=UTC)
    assert label.early_finish == datetime(2027, 1, 8, 17, tzinfo=UTC)
    assert train.early_start == datetime(2027, 1, 11, 8, tzinfo=UTC)
    assert live.early_finish == datetime(2027, 1, 15, 17, tzinfo=UTC)
    assert [i.total_float for i in (label, train, live)] == [0, 0, 0]
    assert all(i.is_critical for i in (label, train, live))
    assert train.p80_finish > train.early_finish


def test_a_forecast_says_the_chance_of_the_commitment_and_what_closing_the_risk_buys(project):
    recompute(project.node.pk, now=NOW)
    forecast = Forecast.objects.get(kind="schedule")
    assert forecast.p10 <= forecast.p50 <= forecast.p80 <= forecast.p95
    # Without the risk the latest finish is 16 working days (25 January); five more days happen in a fifth of draws.
    assert 0.75 < forecast.committed_confidence < 0.95
    assert sum(forecast.histogram["counts"]) == forecast.draws == 1000
    assert len(forecast.histogram["edges"]) == len(forecast.histogram["counts"]) + 1
    assert forecast.drivers[0]["ref"] == "R-1" and forecast.drivers[0]["gain"] > 0


def test_calculating_twice_leaves_one_snapshot(project):
    first = recompute(project.node.pk, now=NOW)
    again = recompute(project.node.pk, now=NOW + timedelta(minutes=5))
    assert again.pk == first.pk
    assert (Snapshot.objects.count(), Forecast.objects.count(), Health.objects.count()) == (1, 2, 1)


def test_the_next_day_is_a_new_reading_of_what_grows_old(project):
    first = recompute(project.node.pk, now=NOW)
    next_day = recompute(project.node.pk, now=NOW + timedelta(days=1))
    assert next_day.pk != first.pk and next_day.fingerprint == first.fingerprint


def test_the_same_inputs_give_the_same_numbers(project):
    Node.objects.filter(pk=project.node.pk).update(status_date=NOW)  # without it, the day itself is an input
    recompute(project.node.pk, now=NOW)
    recompute(project.node.pk, now=NOW + timedelta(days=1))
    one, two = Forecast.objects.filter(kind="schedule").order_by("id")
    assert (one.p50, one.p80, one.mean, one.histogram) == (two.p50, two.p80, two.mean, two.histogram)


def test_a_changed_risk_wakes_its_project_and_then_the_portfolio(project):
    jobs.drain()
    before = Snapshot.objects.filter(node=project.node).count()
    project.edit(project.records["R-1"], probability="60 %")
    assert Stale.objects.filter(node=project.node).exists()
    jobs.drain()
    assert not Stale.objects.exists()
    assert Snapshot.objects.filter(node=project.node).count() == before + 1
    assert Health.objects.filter(node=project.portfolio).exists()
    assert not Job.objects.filter(state="failed").exists()


def test_a_change_during_the_calculation_wakes_another_one(project, monkeypatch):
    from steerco.status import recompute as room

    jobs.drain()
    honest = room.calculate

    def interrupted(*args, **kwargs):
        project.edit(project.records["R-1"], probability="35 %")
        return honest(*args, **kwargs)

    monkeypatch.setattr(room, "calculate", interrupted)
    project.edit(project.records["R-1"], probability="30 %")
    room.recompute(project.node.pk, now=NOW)
    assert Stale.objects.filter(node=project.node).exists()
    assert Job.objects.filter(once=f"recompute:{project.node.pk}", state="waiting").exists()


def test_an_edited_risk_moves_p80_and_the_health_and_is_named_as_the_cause(project):
    old = recompute(project.node.pk, now=NOW)
    project.edit(project.records["R-1"], probability="90 %")
    new = recompute(project.node.pk, now=NOW)
    before, after = (Forecast.objects.get(snapshot=s, kind="schedule") for s in (old, new))
    assert after.p80 > before.p80 and after.committed_confidence < before.committed_confidence
    assert after.committed_confidence < 0.5  # the risk's five days leave little hope for 22 January
    health = Health.objects.get(snapshot=new)
    schedule = next(d for d in health.dimensions if d["key"] == "schedule")
    assert (health.colour, schedule["colour"]) == ("red", "red")
    assert health.sentences["en"].startswith("Go-live on 22 January has a ")
    assert health.sentences["en"].endswith("the committed confidence is 80 %.")
    assert health.sentences["de"].startswith("Go-live am 22. Januar")
    cause = new.changes[0]
    assert cause["ref"] == "R-1" and cause["who"] == "Mara Ito"
    assert [float(x) for x in cause["fields"]["probability"]] == [0.2, 0.9]
    assert cause["p80_days"] > 0


def test_an_empty_project_is_unknown_and_says_what_is_missing(empty):
    recompute(empty.node.pk, now=NOW)
    health = Health.objects.get()
    assert health.colour == "unknown"
    assert health.sentences["en"] == "No finish date has been committed."
    reading = Reading.objects.get(metric="days_since_update")
    assert reading.value is None and reading.refused == "There are no work items yet."


def test_a_node_that_is_gone_is_no_error(db):
    assert recompute(987654, now=NOW) is None


def test_results_are_never_edited_nor_deleted(project):
    snapshot = recompute(project.node.pk, now=NOW)
    for row in (snapshot, *Forecast.objects.all(), Health.objects.get(), Reading.objects.first()):
        with pytest.raises(TypeError):
            row.save()
        with pytest.raises(TypeError):
            row.delete()


def test_a_circle_in_the_links_is_named_and_the_rest_still_calculated(project):
    project.link(project.records["T-3"], project.records["T-1"])
    snapshot = recompute(project.node.pk, now=NOW)
    finding = next(f for f in snapshot.findings if f["code"] == "cycle")
    assert "T-1 -> T-2 -> T-3 -> T-1" in finding["sentence"]
    assert "T-3 to T-1 was left out" in finding["sentence"]
    assert snapshot.summary["finish"] == "2027-01-15T17:00"


def test_finished_work_scores_the_forecasts_that_were_published(project):
    recompute(project.node.pk, now=NOW)
    done = {"status": "done", "percent_complete": 100}
    for ref, start, finish in (("T-1", 4, 8), ("T-2", 11, 15), ("T-3", 15, 15)):
        project.edit(
            project.records[ref],
            **done,
            actual_start=datetime(2027, 1, start, 8, tzinfo=UTC),
            actual_finish=datetime(2027, 1, finish, 17, tzinfo=UTC),
        )
    recompute(project.node.pk, now=NOW + timedelta(days=12))
    first = Forecast.objects.filter(kind="schedule").order_by("id").first()
    # Truth is 15 January 17:00, the plan's own optimistic date: both percentiles held.
    assert first.actual == (datetime(2027, 1, 15, 17) - datetime(1970, 1, 1)).total_seconds() / 60
    assert (first.held_p50, first.held_p80, first.held_p95) == (True, True, True)
    assert first.pinball_loss > 0


def test_a_new_day_queues_every_project_that_was_last_judged_before_it_once(project):
    recompute(project.node.pk, now=NOW)
    Job.objects.all().delete()
    jobs.begin_day(NOW.date())
    assert not Job.objects.exists()
    for _worker in range(2):
        jobs.begin_day(NOW.date() + timedelta(days=1))
    assert [(j.name, j.arguments) for j in Job.objects.all()] == [("recompute", {"node": project.node.pk})]


def test_work_nobody_reported_is_not_forecast_into_the_past(project):
    """The plan is 15 days long and nothing is done: a year after its start it ends a year later, not last year."""
    recompute(project.node.pk, now=NOW)
    begun = Forecast.objects.get(kind="schedule").p10
    late = recompute(project.node.pk, now=NOW + timedelta(days=365))
    forecast = Forecast.objects.get(kind="schedule", snapshot=late)
    assert 358 < (forecast.p10 - begun) / (24 * 60) < 372
    assert [f["code"] for f in late.findings if f["code"] == "no-data-date"]


def test_with_a_data_date_the_forecast_counts_from_it_whatever_day_it_is(project):
    project.node.status_date = NOW + timedelta(days=30)
    project.node.save()
    at_once = recompute(project.node.pk, now=NOW + timedelta(days=30))
    later = recompute(project.node.pk, now=NOW + timedelta(days=365))
    first, second = (Forecast.objects.get(kind="schedule", snapshot=s).p80 for s in (at_once, later))
    assert first == second
    assert not [f for f in later.findings if f["code"] == "no-data-date"]
