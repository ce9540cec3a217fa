"""Background jobs: one table, taken by lease, with progress a person can watch.

A function becomes a job by `@job("name")`; it gets the Job row and its arguments. A worker that dies lets its lease run
out and the job goes back to the queue; after three attempts it fails with a sentence.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from steerco.kit.queue import Job, JobState

LEASE = timedelta(minutes=10)
ATTEMPTS = 3
log = logging.getLogger(__name__)
Work = Callable[..., Mapping[str, Any] | None]
_jobs: dict[str, Work] = {}
_daily: list[Callable[[date], None]] = []


def job(name: str) -> Callable[[Work], Work]:
    """Register a function as the job of this name: `work(job, **arguments)`, returning a JSON result or None."""

    def put(work: Work) -> Work:
        _jobs[name] = work
        return work

    return put


def each_day(queue: Callable[[date], None]) -> Callable[[date], None]:
    """Register a function that a worker calls at its start and on every new day (UTC), to queue what the day brings.

    Several workers call it, so what it queues should carry `once`.
    """
    _daily.append(queue)
    return queue


def enqueue(
    name: str,
    arguments: Mapping[str, Any],
    *,
    node_id: int | None = None,
    made_by_id: int | None = None,
    once: str = "",
) -> Job:
    """Queue a job inside the caller's transaction. With `once`, an equal job that still waits is returned instead."""
    if once:
        waiting = Job.objects.filter(once=once, state=JobState.WAITING).first()
        if waiting:
            return waiting
        try:
            with transaction.atomic():
                return Job.objects.create(
                    name=name, arguments=dict(arguments), node_id=node_id, made_by_id=made_by_id, once=once
                )
        except IntegrityError:  # somebody queued it a moment ago
            return Job.objects.get(once=once, state=JobState.WAITING)
    return Job.objects.create(name=name, arguments=dict(arguments), node_id=node_id, made_by_id=made_by_id)


def progress(current: Job, done: int, total: int, message: str = "") -> None:
    """Say how far a job is, and keep its lease."""
    current.done, current.total, current.message = done, total, message[:300]
    Job.objects.filter(pk=current.pk).update(
        done=done, total=total, message=current.message, leased_until=timezone.now() + LEASE
    )


def claim() -> Job | None:
    """Take the next job that waits or whose worker died; None when there is nothing to do."""
    now = timezone.now()
    with transaction.atomic():
        due = Q(state=JobState.WAITING, not_before__lte=now) | Q(state=JobState.RUNNING, leased_until__lt=now)
        found = Job.objects.filter(due).order_by("not_before", "id")
        if connection.features.has_select_for_update_skip_locked:
            found = found.select_for_update(skip_locked=True)
        taken = found.first()
        if taken is None:
            return None
        taken.state, taken.started_at, taken.leased_until = JobState.RUNNING, now, now + LEASE
        taken.attempts += 1
        taken.save(update_fields=["state", "started_at", "leased_until", "attempts"])
    return taken


def run(taken: Job) -> None:
    """Do a claimed job and write down how it ended."""
    try:
        if taken.attempts > ATTEMPTS:
            raise RuntimeError(f"given up after {ATTEMPTS} attempts: its worker died each time")
        if taken.name not in _jobs:
            raise LookupError(f"there is no job named {taken.name}")
        taken.result = dict(_jobs[taken.name](taken, **taken.arguments) or {})
        taken.state = JobState.DONE
    except Exception as error:
        log.exception("job %s (%s) failed", taken.pk, taken.name)
        taken.state, taken.message = JobState.FAILED, str(error)[:300]
    taken.ended_at, taken.leased_until = timezone.now(), None
    taken.save(update_fields=["state", "message", "result", "ended_at", "leased_until"])


def drain(limit: int = 10_000) -> int:
    """Do everything that waits, in this process; the number of jobs done."""
    count = 0
    while count < limit and (taken := claim()):
        run(taken)
        count += 1
    return count


def begin_day(today: date) -> None:
    """Queue what a new day brings; what cannot be queued is logged and keeps nobody from working."""
    for queue in _daily:
        try:
            queue(today)
        except Exception:
            log.exception("what %s brings each day was not queued", queue.__module__)


def work_for_ever(stop: Callable[[], bool], pause: float = 0.4) -> None:
    """The worker's loop: until `stop()` says so."""
    day: date | None = None
    while not stop():
        if day != (today := timezone.now().date()):
            day = today
            begin_day(today)
        taken = claim()
        if taken:
            run(taken)
        else:
            time.sleep(pause)
