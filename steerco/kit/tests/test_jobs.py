"""What a background job promises: it is done once, survives its worker's death, and says how it ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from steerco.kit import jobs
from steerco.kit.queue import Job, JobState

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(monkeypatch):
    found: list[dict] = []

    def work(job: Job, **arguments):
        jobs.progress(job, 1, 2, "half way")
        found.append(arguments)
        if arguments.get("fail"):
            raise ValueError("the disk is full")
        return {"answer": 42}

    monkeypatch.setitem(jobs._jobs, "test", work)
    return found


def test_a_job_runs_once_with_its_arguments_and_keeps_its_result(seen):
    job = jobs.enqueue("test", {"node": 7})
    assert jobs.drain() == 1
    assert jobs.drain() == 0
    job.refresh_from_db()
    assert (job.state, job.result, job.message, seen) == (
        JobState.DONE,
        {"answer": 42},
        "half way",
        [{"node": 7}],
    )


def test_a_failure_is_kept_with_its_sentence(seen):
    job = jobs.enqueue("test", {"fail": True})
    jobs.drain()
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.FAILED, "the disk is full")


def test_equal_waiting_jobs_are_one_and_a_running_one_does_not_count(seen):
    first = jobs.enqueue("test", {}, once="same")
    assert jobs.enqueue("test", {}, once="same") == first
    assert jobs.claim() == first
    second = jobs.enqueue("test", {}, once="same")
    assert second != first


def test_the_job_of_a_dead_worker_is_taken_again_and_given_up_after_three_deaths(seen):
    job = jobs.enqueue("test", {})
    for attempt in (1, 2, 3):
        taken = jobs.claim()
        assert (taken.pk, taken.attempts) == (job.pk, attempt)
        assert jobs.claim() is None
        Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    jobs.drain()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "3 attempts" in job.message
    assert seen == []


def test_a_job_nobody_knows_fails_with_its_name():
    job = jobs.enqueue("no-such-work", {})
    jobs.drain()
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.FAILED, "there is no job named no-such-work")


def test_a_job_for_later_waits(seen):
    job = jobs.enqueue("test", {})
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now() + timedelta(minutes=1))
    assert jobs.drain() == 0


def test_a_worker_begins_each_day_once_and_a_failure_keeps_nobody_from_working(monkeypatch, seen):
    days = []

    def broken(today):
        raise RuntimeError("no disk")

    monkeypatch.setattr(jobs, "_daily", [broken, days.append])
    jobs.enqueue("test", {})
    turns = iter([False, False, False, True])
    jobs.work_for_ever(lambda: next(turns), pause=0)
    assert days == [timezone.now().date()] and len(seen) == 1
